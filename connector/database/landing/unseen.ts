import type { StreamName } from "../../stream-name.ts";
import type { Queryable, Transaction } from "../database.ts";

/**
 * Starts a walk through a stream's whole lists: every landed record that is not deleted counts as not met yet. Records
 * that land later come from Pipedrive during the walk and are not included.
 */
export async function startUnseen(transaction: Transaction, stream: StreamName): Promise<void> {
  await transaction.query("delete from connector.unseen where stream = $1", [stream]);
  await transaction.query(
    `insert into connector.unseen (stream, record_id) select $1, id from pipedrive.${stream} where not deleted`,
    [stream],
  );
}

/** Marks records that the walk has met, or that were checked one by one. */
export async function markSeen(transaction: Transaction, stream: StreamName, ids: readonly number[]): Promise<void> {
  await transaction.query("delete from connector.unseen where stream = $1 and record_id = any($2::bigint[])", [
    stream,
    ids,
  ]);
}

/** Returns at most `most` records that the walk has not met, in ascending order of id. */
export async function readUnseen(queryable: Queryable, stream: StreamName, most: number): Promise<number[]> {
  const rows = await queryable.query<{ record_id: string }>(
    "select record_id from connector.unseen where stream = $1 order by record_id limit $2",
    [stream, most],
  );
  return rows.map(({ record_id }) => Number(record_id));
}
