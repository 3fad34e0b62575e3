import type { Json, Value } from "../mapping/value.ts";
import type { ModelName } from "../model-name.ts";
import { isNestedDeeper } from "../nesting.ts";
import { storableText } from "../storable-text.ts";
import type { StreamName } from "../stream-name.ts";
import type { Queryable, Transaction } from "./database.ts";
import { dismissedStill } from "./history/dismissals.ts";
import { instantText } from "./instant-text.ts";

/** A record that could not be landed. */
export interface UnlandedRecord {
  /** Null where even the id could not be read. */
  id: number | null;
  /** The record's own JSON text, kept whole. */
  text: string;
  reason: string;
}

/** Something of a landed record that could not be stored. */
export interface NewRejection {
  recordId: number;
  model: ModelName;
  /** The Planhat field, or null when it is the row as a whole. */
  field: string | null;
  stage: string;
  reason: string;
  value?: Value;
  /** The organization whose company the row waits for. */
  waitingFor?: number;
}

/** A rejection as it was recorded. */
export interface StoredRejection {
  /** A bigint as text. */
  id: string;
  stream: StreamName;
  recordId: number | null;
  model: ModelName | null;
  field: string | null;
  stage: string;
  reason: string;
  /** The value that was refused; null where it was null or empty, or where the whole record was refused. */
  value: Json;
  waitingFor: number | null;
  runId: string | null;
  /** When it was first recorded: an instant as `…Z`. Recording it again does not change it. */
  since: string;
  /** Since when (an instant as `…Z`) and by whom it is not counted; null while it is. */
  dismissed: { at: string; by: string } | null;
}

/** The stage of records that could not be landed. */
export const landingStage = "record";
/** The stage of rows that Planhat's API did not take. */
export const publishStage = "publish";
/** The stage of changes that Pipedrive did not take. */
export const sendStage = "send";
const rejectionsAtOnce = 1000;

/** What a rejection is recorded with; value and record are JSON texts. */
interface RejectionRow {
  recordId: number | null;
  model: ModelName | null;
  field: string | null;
  stage: string;
  reason: string;
  value: string | null;
  record: string | null;
  waitingFor: number | null;
}

/** Records that records could not be landed, each whole with its reason. */
export async function rejectUnlanded(
  transaction: Transaction,
  runId: string,
  stream: StreamName,
  records: readonly UnlandedRecord[],
): Promise<void> {
  const rows = records.map(({ id, text, reason }) => ({
    recordId: id,
    model: null,
    field: null,
    stage: landingStage,
    reason,
    value: null,
    record: wholeJson(text),
    waitingFor: null,
  }));
  await record(transaction, runId, stream, rows);
}

/** Forgets that the given records could not be landed, because now they were. */
export async function clearLandingRejections(
  transaction: Transaction,
  stream: StreamName,
  recordIds: readonly number[],
): Promise<void> {
  await transaction.query(
    `delete from connector.rejections where stream = $1 and stage = '${landingStage}' and record_id = any($2::bigint[])`,
    [stream, recordIds],
  );
}

/** Those of the given records that have a rejection, of any stage. */
export async function rejectedAmong(
  queryable: Queryable,
  stream: StreamName,
  recordIds: readonly number[],
): Promise<number[]> {
  if (recordIds.length === 0) return [];
  const rows = await queryable.query<{ record_id: string }>(
    `select distinct record_id from connector.rejections
     where stream = $1 and record_id = any($2::bigint[]) order by record_id`,
    [stream, recordIds],
  );
  return rows.map(({ record_id }) => Number(record_id));
}

/** Those of the given organizations for whose company rows wait. */
export async function waitingFor(queryable: Queryable, organizationIds: readonly number[]): Promise<number[]> {
  if (organizationIds.length === 0) return [];
  const rows = await queryable.query<{ id: string }>(
    `select distinct waiting_for as id from connector.rejections
     where waiting_for = any($1::bigint[]) order by waiting_for`,
    [organizationIds],
  );
  return rows.map(({ id }) => Number(id));
}

/**
 * Makes the given rejections the only ones that mapping and storing have of the given records – or, with `stage`, the
 * only ones of that stage; one that was there already keeps its id and `since`. That a newer state of a record could
 * not be landed, or that Planhat or Pipedrive does not take what the row says,
 * is another matter and stays.
 */
export async function replaceRejections(
  transaction: Transaction,
  runId: string,
  stream: StreamName,
  recordIds: readonly number[],
  rejections: readonly NewRejection[],
  stage?: typeof publishStage | typeof sendStage,
): Promise<void> {
  const replaced =
    stage === undefined ? `not in ('${landingStage}', '${publishStage}', '${sendStage}')` : `= '${stage}'`;
  await transaction.query(
    `delete from connector.rejections as old
     where stream = $1 and stage ${replaced} and record_id = any($2::bigint[]) and not exists (
       select from unnest($3::bigint[], $4::text[], $5::text[]) as new (record_id, stage, field)
       where new.record_id = old.record_id and new.stage = old.stage and new.field is not distinct from old.field)`,
    [
      stream,
      recordIds,
      rejections.map(({ recordId }) => recordId),
      rejections.map(({ stage }) => stage),
      rejections.map(({ field }) => (field === null ? null : storableText(field))),
    ],
  );
  const rows = rejections.map((rejection) => ({
    ...rejection,
    value: valueJson(rejection.value),
    record: null,
    waitingFor: rejection.waitingFor ?? null,
  }));
  await record(transaction, runId, stream, rows);
}

/** Records that no organization could be made for a company, or forgets it (no reason given). */
export async function rejectCreation(
  transaction: Transaction,
  runId: string,
  companyId: string,
  reason: string | undefined,
): Promise<void> {
  const own = JSON.stringify({ company: companyId });
  if (reason === undefined) {
    await transaction.query(
      `delete from connector.rejections where stream = 'organizations' and record_id is null and stage = '${sendStage}'
         and record::text = $1`,
      [own],
    );
    return;
  }
  const rejection = { recordId: null, model: "company", field: null, stage: sendStage, reason, value: null } as const;
  await record(transaction, runId, "organizations", [{ ...rejection, record: own, waitingFor: null }]);
}

/** Which rejections are listed. */
export interface RejectionFilter {
  stream?: StreamName;
  recordIds?: readonly number[];
  /** Rejections' own ids. */
  ids?: readonly string[];
  /** At most this many, the newest. */
  limit?: number;
  /** Only those that nobody dismissed. */
  open?: boolean;
}

/** The rejections recorded, the newest first. */
export async function listRejections(queryable: Queryable, filter: RejectionFilter = {}): Promise<StoredRejection[]> {
  const rows = await queryable.query<
    Omit<StoredRejection, "recordId" | "waitingFor"> & Record<"record_id" | "waiting_for", string | null>
  >(
    `select id, stream, record_id, model, field, stage, reason, value, waiting_for, run_id as "runId",
            ${instantText("since")} as since, dismissed - 'as' as dismissed
     from connector.rejections
     where ($1::text is null or stream = $1) and ($2::bigint[] is null or record_id = any($2))
       and ($3::bigint[] is null or id = any($3)) and (dismissed is null or not $5)
     order by rejections.since desc, rejections.id desc limit $4`,
    [filter.stream ?? null, filter.recordIds ?? null, filter.ids ?? null, filter.limit ?? null, filter.open ?? false],
  );
  return rows.map(({ record_id, waiting_for, ...row }) => ({
    ...row,
    recordId: record_id === null ? null : Number(record_id),
    waitingFor: waiting_for === null ? null : Number(waiting_for),
  }));
}

/** The stages in which a landed record is mapped and stored. */
const settlingStages = "('mapping', 'company')";

/**
 * Forgets those of the given rejections that settling everything they could concern, in the given run, did not come
 * across: their record does not sync any more. Returns how many there were.
 */
export async function forgetUnreached(
  transaction: Transaction,
  runId: string,
  ids: readonly string[],
): Promise<number> {
  const rows = await transaction.query(
    `delete from connector.rejections
     where id = any($1::bigint[]) and stage in ${settlingStages} and run_id is distinct from $2 returning id`,
    [ids, runId],
  );
  return rows.length;
}

/** What a run rejected, without the value. */
export type RejectionOfRun = PlannedRejection & Pick<StoredRejection, "id">;

/** A rejection that a run would record. */
export type PlannedRejection = Pick<StoredRejection, "stream" | "recordId" | "model" | "field" | "reason">;

/**
 * Everything that a run rejected and nobody dismissed, for the first time or again, in the order of the rejections'
 * ids.
 */
export async function* readRejectionsOfRun(queryable: Queryable, runId: string): AsyncGenerator<RejectionOfRun, void> {
  let last = "0";
  for (;;) {
    const rows = await queryable.query<Omit<RejectionOfRun, "recordId"> & { record_id: string | null }>(
      `select id, stream, record_id, model, field, reason from connector.rejections
       where run_id = $1 and id > $2 and dismissed is null order by id limit ${rejectionsAtOnce}`,
      [runId, last],
    );
    for (const { record_id, ...row } of rows) yield { ...row, recordId: record_id === null ? null : Number(record_id) };
    const end = rows.at(-1);
    if (end === undefined) return;
    last = end.id;
  }
}

/** How often rejections have one reason, whatever the numbers in it. */
export interface ReasonCount {
  stream: StreamName;
  reason: string;
  count: number;
}

/** The reasons of all open rejections, the most frequent first; numbers in them are told as `…`. */
export async function countReasons(queryable: Queryable, most: number): Promise<ReasonCount[]> {
  const rows = await queryable.query<Omit<ReasonCount, "count"> & { count: string }>(
    `select stream, regexp_replace(reason, '\\m\\d+\\M', '…', 'g') as reason, count(*) as count
     from connector.rejections where dismissed is null group by 1, 2 order by count(*) desc, 1, 2 limit $1`,
    [most],
  );
  return rows.map(({ count, ...row }) => ({ ...row, count: Number(count) }));
}

/** The JSON text of a record that could not be landed, as it came; undefined when the rejection keeps none. */
export async function rejectedRecord(queryable: Queryable, id: string): Promise<string | undefined> {
  const [row] = await queryable.query<{ text: string | null }>(
    "select record::text as text from connector.rejections where id = $1",
    [id],
  );
  return row?.text ?? undefined;
}

/** How many rejections are open, in all or of one stream. */
export async function countRejections(queryable: Queryable, stream?: StreamName): Promise<number> {
  const [row] = await queryable.query<{ count: string }>(
    "select count(*) as count from connector.rejections where dismissed is null and ($1::text is null or stream = $1)",
    [stream ?? null],
  );
  return Number(row?.count);
}

async function record(
  transaction: Transaction,
  runId: string,
  stream: StreamName,
  rows: readonly RejectionRow[],
): Promise<void> {
  const last = new Map(rows.map((row) => [JSON.stringify([row.recordId ?? row.record, row.stage, row.field]), row]));
  const all = [...last.values()];
  for (let start = 0; start < all.length; start += rejectionsAtOnce) {
    const batch = all.slice(start, start + rejectionsAtOnce);
    await transaction.query(
      // Arrays and not one JSON text: its functions read every escape, and json values keep theirs unread.
      `insert into connector.rejections as old
         (stream, record_id, model, field, stage, reason, value, record, waiting_for, run_id)
       select $1, record_id, model, field, stage, reason, value::json, record::json, waiting_for, $2
       from unnest($3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::bigint[])
         as new (record_id, model, field, stage, reason, value, record, waiting_for)
       on conflict (stream, coalesce(record_id::text, md5(coalesce(record::text, ''))), stage, coalesce(field, ''))
       do update set model = excluded.model, reason = excluded.reason, value = excluded.value, record = excluded.record,
         waiting_for = excluded.waiting_for, run_id = excluded.run_id, dismissed = ${dismissedStill(stream)}`,
      [
        stream,
        runId,
        batch.map(({ recordId }) => recordId),
        batch.map(({ model }) => model),
        batch.map(({ field }) => (field === null ? null : storableText(field))),
        batch.map(({ stage }) => stage),
        batch.map(({ reason }) => storableText(reason)),
        batch.map(({ value }) => value),
        batch.map((row) => row.record),
        batch.map((row) => row.waitingFor),
      ],
    );
  }
}

/** A value as JSON text; null for an empty one. */
function valueJson(value: Value | undefined): string | null {
  if (value === undefined || value.state === "empty") return null;
  return value.state === "null" ? "null" : JSON.stringify(value.value);
}

/** A record's text as JSON: itself, or as one string when it is none, or so deep that Postgres cannot follow it. */
function wholeJson(text: string): string {
  try {
    if (!isNestedDeeper(JSON.parse(text) as Json)) return text;
  } catch {
    // It is kept all the same.
  }
  return JSON.stringify(text);
}
