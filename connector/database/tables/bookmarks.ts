import type { JsonObject } from "../../mapping/value.ts";
import type { StreamName } from "../../stream-name.ts";
import type { Queryable, Transaction } from "../database.ts";

/** Returns the saved position from which a stream is read; undefined if none was saved. */
export async function readBookmark(queryable: Queryable, stream: StreamName): Promise<JsonObject | undefined> {
  const [row] = await queryable.query<{ state: JsonObject }>(
    "select state from connector.bookmarks where stream = $1",
    [stream],
  );
  return row?.state;
}

/** Saves the position from which a stream is read, in the transaction of the records that it covers. */
export async function saveBookmark(transaction: Transaction, stream: StreamName, state: object): Promise<void> {
  await transaction.query(
    `insert into connector.bookmarks (stream, state) values ($1, $2)
     on conflict (stream) do update set state = excluded.state, updated_at = now()`,
    [stream, JSON.stringify(state)],
  );
}

/** Returns when each stream's bookmark was last saved, for the freshness that `status` shows. Instants as `…Z`. */
export async function bookmarkTimes(queryable: Queryable): Promise<Map<StreamName, string>> {
  const rows = await queryable.query<{ stream: StreamName; at: string }>(
    `select stream, to_char(updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as at from connector.bookmarks`,
  );
  return new Map(rows.map(({ stream, at }) => [stream, at]));
}
