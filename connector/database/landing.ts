import { Failure } from "../failure.ts";
import type { JsonObject } from "../mapping/value.ts";
import type { StreamName } from "../stream-name.ts";
import type { Queryable, Transaction } from "./database.ts";
import { instantText } from "./instant-text.ts";
import { jsonBatches } from "./json-batches.ts";
import { unstorableJson } from "./storable-text.ts";

/** A record as it came in, to be landed. */
export interface IncomingRecord {
  id: number;
  record: JsonObject;
  /** RFC 3339, or null where Pipedrive gives none. */
  updateTime: string | null;
  /** Pipedrive says that it is deleted. */
  deleted: boolean;
}

/** A landed record. */
export interface LandedRecord extends IncomingRecord {}

/** What landing a record did: it was not there, it differs from what was there, or neither. */
export interface LandingChange {
  id: number;
  change: "new" | "changed" | "unchanged";
}

/** How many records one statement lands: the fastest of those measured. */
const recordsAtOnce = 1000;

/**
 * Lands records of one stream, and says what that changed, once for each id. Of several records with one id the last
 * is landed. A record that equals the landed one is not rewritten, nor is a landed one by an older (`update_time`);
 * null and absent keys are kept apart. Throws a Failure that names the record when jsonb cannot store it.
 */
export async function landRecords(
  transaction: Transaction,
  stream: StreamName,
  records: readonly IncomingRecord[],
  extractedAt: string,
): Promise<LandingChange[]> {
  const last = new Map(records.map((record) => [record.id, record]));
  const written = new Map<number, "new" | "changed">();
  for (const batch of jsonBatches(last.values(), recordsAtOnce, (record) => toJson(stream, record))) {
    const rows = await transaction.query<{ id: string; added: boolean }>(
      // Only what changes reaches the insert: a conflict that changes nothing would still write a lock on the row.
      // xmax is 0 in a row version that was inserted, and the updating transaction's in one that replaced another.
      `insert into pipedrive.${stream} as landed (id, record, update_time, extracted_at, deleted)
       select incoming.id, incoming.record, incoming.update_time, $2, incoming.deleted
       from json_to_recordset($1) as incoming (id bigint, record jsonb, update_time timestamptz, deleted boolean)
       left join pipedrive.${stream} as landed on landed.id = incoming.id
       where landed.id is null or ${differs("incoming")}
       on conflict (id) do update
       set record = excluded.record, update_time = excluded.update_time,
           extracted_at = excluded.extracted_at, deleted = excluded.deleted
       where ${differs("excluded")}
       returning id, xmax = 0 as added`,
      [batch, extractedAt],
    );
    for (const { id, added } of rows) written.set(Number(id), added ? "new" : "changed");
  }
  return [...last.keys()].map((id) => ({ id, change: written.get(id) ?? "unchanged" }));
}

function differs(incoming: string): string {
  return `(landed.record is distinct from ${incoming}.record or landed.deleted <> ${incoming}.deleted)
           and (${incoming}.update_time < landed.update_time) is not true`;
}

function toJson(stream: StreamName, { id, record, updateTime, deleted }: IncomingRecord): string {
  const json = JSON.stringify(record);
  const reason = unstorableJson(json);
  if (reason !== undefined) throw new Failure("run", `The record ${id} of ${stream} ${reason}.`);
  return `{"id":${id},"record":${json},"update_time":${JSON.stringify(updateTime)},"deleted":${deleted}}`;
}

/** Marks landed records as deleted and returns the ids of those that were not yet. Rows are not touched by it. */
export async function markDeleted(
  transaction: Transaction,
  stream: StreamName,
  ids: readonly number[],
): Promise<number[]> {
  const rows = await transaction.query<{ id: string }>(
    `update pipedrive.${stream} set deleted = true where id = any($1::bigint[]) and not deleted returning id`,
    [ids],
  );
  return rows.map(({ id }) => Number(id));
}

/** The landed records with the given ids, in ascending order of id; those that are not landed are left out. */
export async function readLanded(
  queryable: Queryable,
  stream: StreamName,
  ids: readonly number[],
): Promise<LandedRecord[]> {
  if (ids.length === 0) return [];
  const rows = await queryable.query<{ id: string; record: JsonObject; update_time: string | null; deleted: boolean }>(
    `select id, record, ${instantText("update_time")} as update_time, deleted
     from pipedrive.${stream} where id = any($1::bigint[]) order by id`,
    [ids],
  );
  return rows.map(({ id, record, update_time, deleted }) => ({
    id: Number(id),
    record,
    updateTime: update_time,
    deleted,
  }));
}

/** How many records of a stream are landed, and how many of them are marked as deleted. */
export async function countLanded(
  queryable: Queryable,
  stream: StreamName,
): Promise<{ landed: number; deleted: number }> {
  const [counts] = await queryable.query<{ landed: string; deleted: string }>(
    `select count(*) as landed, count(*) filter (where deleted) as deleted from pipedrive.${stream}`,
  );
  return { landed: Number(counts?.landed), deleted: Number(counts?.deleted) };
}
