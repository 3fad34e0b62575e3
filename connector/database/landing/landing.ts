import { Failure } from "../../failure.ts";
import type { JsonObject } from "../../mapping/value.ts";
import type { StreamName } from "../../stream-name.ts";
import { unstorableJson } from "../../text/storable-text.ts";
import { copyBytes, copyChunks, copyField } from "../bulk/copy-text.ts";
import { jsonBatches } from "../bulk/json-batches.ts";
import type { Queryable, Transaction } from "../database.ts";
import { leanRecord } from "../lean-record.ts";
import { comparedRecord } from "./compared-record.ts";

/** A record as received, ready to land. */
export interface IncomingRecord {
  id: number;
  record: JsonObject;
  /** RFC 3339, or null where Pipedrive gives none. */
  updateTime: string | null;
  /** True if Pipedrive marks it as deleted. */
  deleted: boolean;
  /** The record's own storable JSON in UTF-8, if available; it lands instead of `record`. */
  bytes?: Buffer;
}

/** A landed record. */
export type LandedRecord = Omit<IncomingRecord, "bytes"> & {
  /** True if only its ids, references, states and times are kept: nothing can be mapped from it. */
  lean?: true;
};

/** The effect of landing a record. */
export interface LandingChange {
  id: number;
  change: "new" | "changed" | "unchanged";
}

/** Records per statement that compares and writes. */
const recordsAtOnce = 1000;

/** Options of landing records. */
export interface LandingOptions {
  /** True to complete lean copies that did not change; otherwise these stay lean. */
  completes?: boolean;
}

/** Number of new records from which COPY is worth its round trips: it lands more than twice as many per second. */
const copiedFrom = 100;

/**
 * Lands records of one stream and returns the effect, once per id. Of several records with one id the last one lands.
 * Null and absent keys stay distinct. Two kinds of records are not written: those that equal the landed one except for
 * names inside notes, and those that are older than it. Older means by `update_time`, unless the landed one lies after
 * `extractedAt`. Of a lean copy only what it holds is compared. Throws a Failure that names the record if jsonb cannot
 * store it.
 */
export async function landRecords(
  transaction: Transaction,
  stream: StreamName,
  records: readonly IncomingRecord[],
  { extractedAt, completes = false }: LandingOptions & { extractedAt: string },
): Promise<LandingChange[]> {
  const last = new Map(records.map((record) => [record.id, record]));
  if (last.size === 0) return [];
  const landed = await readLandedIds(transaction, stream, [...last.keys()]);
  if (completes && [...landed.values()].includes(true)) await complete(transaction, stream, last.values());
  const added = [...last.values()].filter(({ id }) => !landed.has(id));
  const written = new Set<number>();
  if (added.length >= copiedFrom) {
    await copyNew(transaction, stream, added, extractedAt);
    for (const { id } of added) {
      last.delete(id);
      written.add(id);
    }
  }
  for (const id of await upsert(transaction, stream, last.values(), extractedAt)) written.add(id);
  return [...new Set(records.map(({ id }) => id))].map((id) => ({
    id,
    change: !landed.has(id) ? "new" : written.has(id) ? "changed" : "unchanged",
  }));
}

/** Returns which of the given ids have landed, each with whether its copy is lean. */
export async function readLandedIds(
  queryable: Queryable,
  stream: StreamName,
  ids: readonly number[],
): Promise<Map<number, boolean>> {
  if (ids.length === 0) return new Map();
  const rows = await queryable.query<{ id: string; lean: boolean }>(
    `select id, lean from pipedrive.${stream} where id = any($1::bigint[])`,
    [ids],
  );
  return new Map(rows.map(({ id, lean }) => [Number(id), lean]));
}

/**
 * Writes whole records over lean copies that hold the same. They did not change, so the time of the copy stays; a
 * deleted one stays lean, because nothing maps it.
 */
async function complete(
  transaction: Transaction,
  stream: StreamName,
  records: Iterable<IncomingRecord>,
): Promise<void> {
  for (const batch of jsonBatches(records, recordsAtOnce, (record) => incomingJson(stream, record))) {
    await transaction.query(
      `update pipedrive.${stream} as landed set record = incoming.record, lean = false
       from json_to_recordset($1) as incoming (id bigint, record jsonb, deleted boolean)
       where landed.id = incoming.id and landed.lean and not landed.deleted and not incoming.deleted
         and landed.record = ${leanRecord("incoming.record")}`,
      [batch],
    );
  }
}

async function copyNew(
  transaction: Transaction,
  stream: StreamName,
  records: readonly IncomingRecord[],
  extractedAt: string,
): Promise<void> {
  function* rows() {
    for (const incoming of records) {
      const { id, updateTime, deleted } = incoming;
      const json = copyBytes(incoming.bytes) ?? copyField(recordJson(stream, incoming));
      yield [String(id), json, copyField(updateTime), extractedAt, String(deleted)];
    }
  }
  await transaction.copyIn(
    `copy pipedrive.${stream} (id, record, update_time, extracted_at, deleted) from stdin`,
    copyChunks(rows()),
  );
}

/** Writes the records that differ from the landed ones, and returns their ids. */
async function upsert(
  transaction: Transaction,
  stream: StreamName,
  records: Iterable<IncomingRecord>,
  extractedAt: string,
): Promise<number[]> {
  const written: number[] = [];
  for (const batch of jsonBatches(records, recordsAtOnce, (record) => incomingJson(stream, record))) {
    const rows = await transaction.query<{ id: string }>(
      // Filter before the insert: a conflict that changes nothing would still write a lock on the row.
      `insert into pipedrive.${stream} as landed (id, record, update_time, extracted_at, deleted)
       select incoming.id, incoming.record, incoming.update_time, $2::timestamptz, incoming.deleted
       from json_to_recordset($1) as incoming (id bigint, record jsonb, update_time timestamptz, deleted boolean)
       left join pipedrive.${stream} as landed on landed.id = incoming.id
       where landed.id is null or ${differs(stream, "incoming")}
       on conflict (id) do update
       set record = excluded.record, update_time = excluded.update_time,
           extracted_at = excluded.extracted_at, deleted = excluded.deleted, lean = false
       where ${differs(stream, "excluded")}
       returning id`,
      [batch, extractedAt],
    );
    for (const { id } of rows) written.push(Number(id));
  }
  return written;
}

/**
 * Returns the condition under which a record overwrites a landed one. A landed update time in the future does not make
 * the incoming record older.
 */
function differs(stream: StreamName, incoming: string): string {
  return `(case when landed.lean then landed.record is distinct from ${leanRecord(`${incoming}.record`)}
                else ${comparedRecord(stream, "landed.record")} is distinct from ${comparedRecord(stream, `${incoming}.record`)} end
            or landed.deleted <> ${incoming}.deleted)
           and (${incoming}.update_time < landed.update_time
                and landed.update_time <= $2::timestamptz + interval '1 minute') is not true`;
}

/** Returns a record as an object of the JSON array that statements accept. */
export function incomingJson(stream: StreamName, incoming: IncomingRecord): string {
  const { id, updateTime, deleted } = incoming;
  const record = recordJson(stream, incoming);
  return `{"id":${id},"record":${record},"update_time":${JSON.stringify(updateTime)},"deleted":${deleted}}`;
}

function recordJson(stream: StreamName, { id, record, bytes }: IncomingRecord): string {
  if (bytes !== undefined) return bytes.toString();
  const json = JSON.stringify(record);
  const reason = unstorableJson(json);
  if (reason !== undefined) throw new Failure("run", `The record ${id} of ${stream} cannot be landed: it ${reason}.`);
  return json;
}

/**
 * Marks landed records as deleted and returns the ids that were not marked yet. Their rows stay unchanged. The time of
 * the mark counts as that of the copy: `retention.deleted_records` begins there.
 */
export async function markDeleted(
  transaction: Transaction,
  stream: StreamName,
  ids: readonly number[],
): Promise<number[]> {
  const rows = await transaction.query<{ id: string }>(
    `update pipedrive.${stream} set deleted = true, extracted_at = now() where id = any($1::bigint[]) and not deleted returning id`,
    [ids],
  );
  return rows.map(({ id }) => Number(id));
}

/**
 * Returns the landed records with the given ids, in ascending order of id. Leaving out unused keys (`without`) makes it
 * several times faster.
 */
export async function readLanded(
  queryable: Queryable,
  stream: StreamName,
  ids: readonly number[],
  without: readonly string[] = [],
): Promise<LandedRecord[]> {
  return ids.length === 0 ? [] : readWhere(queryable, stream, "id = any($2::bigint[])", [without, ids]);
}

/**
 * Returns, like `readLanded`, the landed deals of the given statuses whose person is one of the given ones, including
 * deleted deals.
 */
export async function readDealsOfPersons(
  queryable: Queryable,
  personIds: readonly number[],
  statuses: readonly string[],
  without: readonly string[],
): Promise<LandedRecord[]> {
  const condition = "(record->>'person_id')::bigint = any($2::bigint[]) and record->>'status' = any($3::text[])";
  return readWhere(queryable, "deals", condition, [without, personIds, statuses]);
}

async function readWhere(
  queryable: Queryable,
  stream: StreamName,
  condition: string,
  parameters: readonly unknown[],
): Promise<LandedRecord[]> {
  const rows = await queryable.query<{ id: string; record: JsonObject; deleted: boolean; lean: boolean }>(
    `select id, record - $1::text[] as record, deleted, lean from pipedrive.${stream} where ${condition} order by id`,
    parameters,
  );
  return rows.map(({ id, record, deleted, lean }) => ({
    id: Number(id),
    record,
    updateTime: typeof record["update_time"] === "string" ? record["update_time"] : null,
    deleted,
    ...(lean ? { lean } : {}),
  }));
}

/** Returns whether each of the given landed records is marked as deleted, by id. */
export async function readDeleted(
  queryable: Queryable,
  stream: StreamName,
  ids: readonly number[],
): Promise<Map<number, boolean>> {
  const rows = await queryable.query<{ id: string; deleted: boolean }>(
    `select id, deleted from pipedrive.${stream} where id = any($1::bigint[])`,
    [ids],
  );
  return new Map(rows.map(({ id, deleted }) => [Number(id), deleted]));
}

/** Counts the landed records of a stream, and those of them marked as deleted. */
export async function countLanded(
  queryable: Queryable,
  stream: StreamName,
): Promise<{ landed: number; deleted: number }> {
  const [counts] = await queryable.query<{ landed: string; deleted: string }>(
    `select count(*) as landed, count(*) filter (where deleted) as deleted from pipedrive.${stream}`,
  );
  return { landed: Number(counts?.landed), deleted: Number(counts?.deleted) };
}

/** Counts the landed records of a stream last updated before a day or instant, and returns the highest id of all. */
export async function countOlder(
  queryable: Queryable,
  stream: StreamName,
  than: string,
): Promise<{ older: number; newest: number }> {
  const [counts] = await queryable.query<{ older: string; newest: string | null }>(
    `select count(*) filter (where update_time < $1 and not deleted) as older, max(id) as newest from pipedrive.${stream}`,
    [than],
  );
  return { older: Number(counts?.older), newest: Number(counts?.newest ?? 0) };
}

/** Yields the ids of all landed deals that are not deleted, in ascending order, `atOnce` per batch. */
export async function* landedDealIds(queryable: Queryable, atOnce: number): AsyncGenerator<number[], void> {
  let last = 0;
  for (;;) {
    const rows = await queryable.query<{ id: string }>(
      "select id from pipedrive.deals where id > $1 and not deleted order by id limit $2",
      [last, atOnce],
    );
    if (rows.length === 0) return;
    const ids = rows.map(({ id }) => Number(id));
    yield ids;
    last = ids.at(-1)!;
  }
}
