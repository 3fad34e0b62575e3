import type { ModelName } from "../../model-name.ts";
import { type StreamName, streamNames } from "../../stream-name.ts";
import type { Queryable } from "../database.ts";

/**
 * Returns the SQL of a rejection's fingerprint, which changes when the record does.
 * - A landed record: its update time, or a hash of its content if it has none.
 * - A record that could not land: a hash of the record.
 * - A refusal by Pipedrive or Planhat: also the value, because it came from the row.
 * - A company for which no organization could be created: its row's update time.
 */
function stateOf(rejection: "excluded" | "r", stream?: StreamName): string {
  const state = (name: StreamName) =>
    `(select coalesce(extract(epoch from l.update_time)::text, md5(l.record::text)) from pipedrive.${name} as l
      where l.id = ${rejection}.record_id)`;
  const branches = streamNames.map((name) => `when '${name}' then ${state(name)}`).join(" ");
  const known = stream === undefined ? `case ${rejection}.stream ${branches} end` : state(stream);
  return `case
    when ${rejection}.stage = 'record' then md5(coalesce(${rejection}.record::text, ''))
    when ${rejection}.record_id is null then coalesce(
      (select extract(epoch from c.updated_at)::text from planhat.companies as c
       where c.id::text = ${rejection}.record->>'company'), '')
    else coalesce(${known}, '') || case when ${rejection}.stage in ('send', 'publish')
      then md5(coalesce(${rejection}.value::text, '')) else '' end
  end`;
}

/**
 * Returns the SQL of the dismissal that a rejection (`old`) keeps when it is recorded again (`excluded`): none if the
 * record has changed.
 */
export function dismissedStill(stream: StreamName): string {
  return `case when old.dismissed is not null and old.dismissed->>'as' = ${stateOf("excluded", stream)}
    then old.dismissed end`;
}

/** Dismisses rejections: they do not count until their record changes. Returns those that were open. */
export async function dismissRejections(queryable: Queryable, ids: readonly string[], by: string): Promise<string[]> {
  const rows = await queryable.query<{ id: string }>(
    `update connector.rejections as r
     set dismissed = jsonb_build_object('at', to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       'by', $2::text, 'as', ${stateOf("r")})
     where r.id = any($1::bigint[]) and r.dismissed is null returning r.id`,
    [ids, by],
  );
  return rows.map(({ id }) => id);
}

/** Makes dismissed rejections count again. */
export async function takeDismissalsBack(queryable: Queryable, ids: readonly string[]): Promise<void> {
  await queryable.query(
    "update connector.rejections set dismissed = null where id = any($1::bigint[]) and dismissed is not null",
    [ids],
  );
}

/** Counts the dismissed rejections, of all streams or of one. */
export async function countDismissed(queryable: Queryable, stream?: StreamName): Promise<number> {
  const [row] = await queryable.query<{ count: string }>(
    `select count(*) as count from connector.rejections
     where dismissed is not null and ($1::text is null or stream = $1)`,
    [stream ?? null],
  );
  return Number(row?.count);
}

/** Returns whether the rejection of a record, or of one of its fields, is dismissed. */
export type IsDismissed = (recordId: number, field: string | null) => boolean;

/** Reads which mapping rejections of the given records are dismissed. */
export async function dismissedAmong(
  queryable: Queryable,
  stream: StreamName,
  recordIds: readonly number[],
): Promise<IsDismissed> {
  const rows = await queryable.query<{ record_id: string; field: string | null }>(
    `select record_id, field from connector.rejections
     where stream = $1 and record_id = any($2::bigint[]) and dismissed is not null and stage in ('mapping', 'company')`,
    [stream, recordIds],
  );
  const dismissed = new Set(rows.map(({ record_id, field }) => JSON.stringify([Number(record_id), field])));
  return (recordId, field) => dismissed.has(JSON.stringify([recordId, field]));
}

/** Dismissed rejections of one kind that a run met again. */
export interface DismissedOfRun {
  stream: StreamName;
  model: ModelName | null;
  stage: string;
  /** True for a record or an object as a whole; false for a field. */
  whole: boolean;
  count: number;
}

/** Counts the dismissed rejections of landing, sending and publishing that a run recorded again. */
export async function countDismissedOfRun(queryable: Queryable, runId: string): Promise<DismissedOfRun[]> {
  const rows = await queryable.query<Omit<DismissedOfRun, "count"> & { count: string }>(
    `select stream, model, stage, field is null as whole, count(*) as count from connector.rejections
     where run_id = $1 and dismissed is not null and stage not in ('mapping', 'company') group by 1, 2, 3, 4`,
    [runId],
  );
  return rows.map(({ count, ...row }) => ({ ...row, count: Number(count) }));
}
