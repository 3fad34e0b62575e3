import type { ModelName } from "../../model-name.ts";
import type { StreamName } from "../../stream-name.ts";
import { instantText } from "../bulk/instant-text.ts";
import type { Queryable, Transaction } from "../database.ts";

/** A row that stays although its record no longer syncs: a deal's, or that of one of its products. */
export interface KeptRow {
  recordId: number;
  model: ModelName;
  /** The contract's word for the reason why the record does not sync. */
  reason: string;
  /** The instant when a run first kept it, as `…Z`. */
  since: string;
  /** The `toDate` that `when_lost` or `when_removed` wrote (YYYY-MM-DD), or null. */
  ended: string | null;
  /** The previous `toDate`. */
  endedBefore: string | null;
}

/** Returns the kept rows of the given records. */
export async function readKeptRows(
  queryable: Queryable,
  stream: StreamName,
  recordIds: readonly number[],
): Promise<KeptRow[]> {
  if (recordIds.length === 0) return [];
  const rows = await queryable.query<Omit<KeptRow, "recordId"> & { id: string }>(
    `select record_id as id, model, reason, ${instantText("since")} as since, ended::text as ended,
            ended_before::text as "endedBefore"
     from connector.kept where stream = $1 and record_id = any($2::bigint[]) order by record_id`,
    [stream, recordIds],
  );
  return rows.map(({ id, ...row }) => ({ recordId: Number(id), ...row }));
}

/** Returns the rows of the given records as if they were kept from now on. */
export async function readAsIfKept(
  queryable: Queryable,
  stream: StreamName,
  recordIds: readonly number[],
): Promise<KeptRow[]> {
  if (recordIds.length === 0) return [];
  const rows = await queryable.query<Omit<KeptRow, "recordId"> & { id: string }>(
    `select link.record_id as id, link.model, coalesce(kept.reason, '') as reason,
            ${instantText("coalesce(kept.since, now())")} as since, kept.ended::text as ended,
            kept.ended_before::text as "endedBefore"
     from connector.links as link
     left join connector.kept as kept on kept.stream = link.stream and kept.record_id = link.record_id
     where link.stream = $1 and link.record_id = any($2::bigint[]) order by link.record_id`,
    [stream, recordIds],
  );
  return rows.map(({ id, ...row }) => ({ recordId: Number(id), ...row }));
}

/** Returns whether `when_lost` or `when_removed` has ended any row. */
export async function hasEnded(queryable: Queryable): Promise<boolean> {
  const [row] = await queryable.query<{ found: boolean }>(
    "select exists (select from connector.kept where ended is not null) as found",
  );
  return row?.found === true;
}

/** Records which records' rows are kept from now on, and why; records without a row are skipped. */
export async function keepRows(
  transaction: Transaction,
  stream: StreamName,
  reasons: ReadonlyMap<number, string>,
): Promise<void> {
  if (reasons.size === 0) return;
  await transaction.query(
    `insert into connector.kept as kept (stream, record_id, model, reason)
     select link.stream, left_out.id, link.model, left_out.reason
     from unnest($2::bigint[], $3::text[]) as left_out (id, reason)
     join connector.links as link on link.stream = $1 and link.record_id = left_out.id
     on conflict (stream, record_id) do update set model = excluded.model, reason = excluded.reason
     where (kept.model, kept.reason) is distinct from (excluded.model, excluded.reason)`,
    [stream, [...reasons.keys()], [...reasons.values()]],
  );
}

/** Removes the records of rows whose records sync again; of one model, if it is given. */
export async function releaseRows(
  transaction: Transaction,
  stream: StreamName,
  recordIds: readonly number[],
  model?: ModelName,
): Promise<void> {
  if (recordIds.length === 0) return;
  await transaction.query(
    `delete from connector.kept
     where stream = $1 and record_id = any($2::bigint[]) and ($3::text is null or model = $3)`,
    [stream, recordIds, model ?? null],
  );
}

/** Records the dates on which rows were ended, and the previous ones; nulls where nothing ends a row any longer. */
export async function noteEnded(
  transaction: Transaction,
  stream: StreamName,
  rows: readonly Pick<KeptRow, "recordId" | "ended" | "endedBefore">[],
): Promise<void> {
  if (rows.length === 0) return;
  await transaction.query(
    `update connector.kept as kept set ended = new.ended, ended_before = new.before
     from unnest($1::bigint[], $2::date[], $3::date[]) as new (id, ended, before)
     where kept.stream = $4 and kept.record_id = new.id`,
    [
      rows.map(({ recordId }) => recordId),
      rows.map(({ ended }) => ended),
      rows.map(({ endedBefore }) => endedBefore),
      stream,
    ],
  );
}

/** Counts the kept rows by the reason why their record does not sync. */
export async function countKeptRows(queryable: Queryable): Promise<Record<string, number>> {
  const rows = await queryable.query<{ reason: string; count: string }>(
    "select reason, count(*) as count from connector.kept group by reason order by reason",
  );
  return Object.fromEntries(rows.map(({ reason, count }) => [reason, Number(count)]));
}
