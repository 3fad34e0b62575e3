import type { Json, Value } from "../../mapping/value.ts";
import type { ModelName } from "../../model-name.ts";
import type { StreamName } from "../../stream-name.ts";
import { isNestedDeeper } from "../../text/nesting.ts";
import { storableText } from "../../text/storable-text.ts";
import { instantText } from "../bulk/instant-text.ts";
import type { Queryable, Transaction } from "../database.ts";
import { dismissedStill } from "./dismissals.ts";

/** A record that could not land. */
export interface UnlandedRecord {
  /** The id; null if even it could not be read. */
  id: number | null;
  /** The record's complete JSON text. */
  text: string;
  reason: string;
}

/** A part of a landed record that could not be stored. */
export interface NewRejection {
  recordId: number;
  model: ModelName;
  /** The Planhat field; null for the row as a whole. */
  field: string | null;
  stage: string;
  reason: string;
  value?: Value;
  /** The organization for whose company the row waits. */
  waitingFor?: number;
}

/** A rejection as recorded. */
export interface StoredRejection {
  /** A bigint as text. */
  id: string;
  stream: StreamName;
  recordId: number | null;
  model: ModelName | null;
  field: string | null;
  stage: string;
  reason: string;
  /** The refused value; null if it was null or empty, or if the whole record was refused. */
  value: Json;
  waitingFor: number | null;
  runId: string | null;
  /** The instant when it was first recorded, as `…Z`. Recording it again does not change it. */
  since: string;
  /** The time (an instant as `…Z`) and the author of its dismissal; null if it counts. */
  dismissed: { at: string; by: string } | null;
}

/** The stage of records that could not land. */
export const landingStage = "record";
/** The stage of rows that Planhat's API did not accept. */
export const publishStage = "publish";
/** The stage of changes that Pipedrive did not accept. */
export const sendStage = "send";
const rejectionsAtOnce = 1000;

/** A rejection to record; value and record are JSON texts. */
export interface RejectionRow {
  recordId: number | null;
  model: ModelName | null;
  field: string | null;
  stage: string;
  reason: string;
  value: string | null;
  record: string | null;
  waitingFor: number | null;
}

/** Records rejections of records that could not land, each with its complete text and the reason. */
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
  await recordRejections(transaction, runId, stream, rows);
}

/** Removes the landing rejections of the given records, because they have landed. */
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

/** Returns which of the given records have a rejection, of any stage. */
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

/** Returns the organizations, of the given ones, for whose company rows wait. */
export async function waitingFor(queryable: Queryable, organizationIds: readonly number[]): Promise<number[]> {
  if (organizationIds.length === 0) return [];
  const rows = await queryable.query<{ id: string }>(
    `select distinct waiting_for as id from connector.rejections
     where waiting_for = any($1::bigint[]) order by waiting_for`,
    [organizationIds],
  );
  return rows.map(({ id }) => Number(id));
}

/** The run that rejects records of a stream, and at which stage; left out, where they are mapped. */
export interface RejectingRun {
  runId: string;
  stream: StreamName;
  stage?: typeof publishStage | typeof sendStage;
}

/**
 * Replaces the mapping and storing rejections of the given records; with `stage`, the rejections of that stage. A
 * repeated one keeps its id and `since`. Without `stage`, rejections of landing, publishing and sending stay: they
 * concern another step.
 */
export async function replaceRejections(
  transaction: Transaction,
  { runId, stream, stage }: RejectingRun,
  recordIds: readonly number[],
  rejections: readonly NewRejection[],
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
  await recordRejections(transaction, runId, stream, rows);
}

/** Records that no organization could be created for a company; without a reason, removes that rejection. */
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
  await recordRejections(transaction, runId, "organizations", [{ ...rejection, record: own, waitingFor: null }]);
}

/** The selection of rejections to list. */
export interface RejectionFilter {
  stream?: StreamName;
  recordIds?: readonly number[];
  /** The rejections' own ids. */
  ids?: readonly string[];
  /** The maximum number, newest first. */
  limit?: number;
  /** True to list only rejections that are not dismissed. */
  open?: boolean;
}

/** A rejection as `rejectionColumns` reads it. */
export type ReadRejection = Omit<StoredRejection, "recordId" | "waitingFor"> &
  Record<"record_id" | "waiting_for", string | null>;

/** The columns of `connector.rejections as r`, as a ReadRejection has them. */
export const rejectionColumns = `r.id, r.stream, r.record_id, r.model, r.field, r.stage, r.reason, r.value, r.waiting_for,
  r.run_id as "runId", ${instantText("r.since")} as since, r.dismissed - 'as' as dismissed`;

/** Makes a rejection of its row. */
export function storedRejection({ record_id, waiting_for, ...row }: ReadRejection): StoredRejection {
  return {
    ...row,
    recordId: record_id === null ? null : Number(record_id),
    waitingFor: waiting_for === null ? null : Number(waiting_for),
  };
}

/** Lists the recorded rejections, newest first. */
export async function listRejections(queryable: Queryable, filter: RejectionFilter = {}): Promise<StoredRejection[]> {
  const rows = await queryable.query<ReadRejection>(
    `select ${rejectionColumns} from connector.rejections as r
     where ($1::text is null or r.stream = $1) and ($2::bigint[] is null or r.record_id = any($2))
       and ($3::bigint[] is null or r.id = any($3)) and (r.dismissed is null or not $5)
     order by r.since desc, r.id desc limit $4`,
    [filter.stream ?? null, filter.recordIds ?? null, filter.ids ?? null, filter.limit ?? null, filter.open ?? false],
  );
  return rows.map(storedRejection);
}

/** The stages in which a landed record is mapped and stored. */
const applyingStages = "('mapping', 'company')";

/**
 * Removes those given rejections that the run did not meet again, though it applied everything they could concern:
 * their record no longer syncs. Returns how many there were.
 */
export async function forgetUnreached(
  transaction: Transaction,
  runId: string,
  ids: readonly string[],
): Promise<number> {
  const rows = await transaction.query(
    `delete from connector.rejections
     where id = any($1::bigint[]) and stage in ${applyingStages} and run_id is distinct from $2 returning id`,
    [ids, runId],
  );
  return rows.length;
}

/** A rejection of a run, without the value. */
export type RejectionOfRun = PlannedRejection & Pick<StoredRejection, "id">;

/** A rejection that a run would record. */
export type PlannedRejection = Pick<StoredRejection, "stream" | "recordId" | "model" | "field" | "reason">;

/** Yields every undismissed rejection of a run, first or repeated, in the order of the rejections' ids. */
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

/** The number of rejections with one reason, whatever the numbers in it. */
export interface ReasonCount {
  stream: StreamName;
  reason: string;
  count: number;
}

/** Returns the SQL of a reason as its group has it: every number in it is `…`. */
export function groupedReason(reason: string): string {
  return `regexp_replace(${reason}, '\\m\\d+\\M', '…', 'g')`;
}

/** Counts the open rejections by reason, most frequent first; numbers in a reason appear as `…`. */
export async function countReasons(queryable: Queryable, most: number): Promise<ReasonCount[]> {
  const rows = await queryable.query<Omit<ReasonCount, "count"> & { count: string }>(
    `select stream, ${groupedReason("reason")} as reason, count(*) as count
     from connector.rejections where dismissed is null group by 1, 2 order by count(*) desc, 1, 2 limit $1`,
    [most],
  );
  return rows.map(({ count, ...row }) => ({ ...row, count: Number(count) }));
}

/** Returns the original JSON text of a record that could not land; undefined if the rejection has none. */
export async function rejectedRecord(queryable: Queryable, id: string): Promise<string | undefined> {
  const [row] = await queryable.query<{ text: string | null }>(
    "select record::text as text from connector.rejections where id = $1",
    [id],
  );
  return row?.text ?? undefined;
}

/** Counts the open rejections, of all streams or of one. */
export async function countRejections(queryable: Queryable, stream?: StreamName): Promise<number> {
  const [row] = await queryable.query<{ count: string }>(
    "select count(*) as count from connector.rejections where dismissed is null and ($1::text is null or stream = $1)",
    [stream ?? null],
  );
  return Number(row?.count);
}

/** Records rejections of a stream; one that was recorded before keeps its id and its time. */
export async function recordRejections(
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
      // Arrays instead of one JSON text: JSON functions decode every escape, and a json value keeps its own.
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

/** Returns a value as JSON text; null for an empty one. */
function valueJson(value: Value | undefined): string | null {
  if (value === undefined || value.state === "empty") return null;
  return value.state === "null" ? "null" : JSON.stringify(value.value);
}

/** Returns a record's text as JSON. Text that is not JSON, or too deep for Postgres, becomes one JSON string. */
export function wholeJson(text: string): string {
  try {
    if (!isNestedDeeper(JSON.parse(text) as Json)) return text;
  } catch {
    // Store it as a string.
  }
  return JSON.stringify(text);
}
