import type { StreamName } from "../stream-name.ts";
import type { Queryable, Transaction } from "./database.ts";

/**
 * Begins a walk through a stream's whole lists: every record that is landed and not deleted has not been met by it yet.
 * What lands later came from Pipedrive meanwhile, and is none of them.
 */
export async function startUnseen(transaction: Transaction, stream: StreamName): Promise<void> {
  await transaction.query("delete from connector.unseen where stream = $1", [stream]);
  await transaction.query(
    `insert into connector.unseen (stream, record_id) select $1, id from pipedrive.${stream} where not deleted`,
    [stream],
  );
}

/** The walk has met these records, or they have been looked at by themselves. */
export async function markSeen(transaction: Transaction, stream: StreamName, ids: readonly number[]): Promise<void> {
  await transaction.query("delete from connector.unseen where stream = $1 and record_id = any($2::bigint[])", [
    stream,
    ids,
  ]);
}

/** At most `most` records that the walk has not met, in ascending order of id. */
export async function readUnseen(queryable: Queryable, stream: StreamName, most: number): Promise<number[]> {
  const rows = await queryable.query<{ record_id: string }>(
    "select record_id from connector.unseen where stream = $1 order by record_id limit $2",
    [stream, most],
  );
  return rows.map(({ record_id }) => Number(record_id));
}
