import type { ModelName } from "../../model-name.ts";
import { instantText } from "../bulk/instant-text.ts";
import type { Queryable, Transaction } from "../database.ts";

/** A row that stays although its deal no longer syncs. */
export interface KeptRow {
  dealId: number;
  model: ModelName;
  /** The contract's word for the reason why the deal does not sync. */
  reason: string;
  /** The instant when a run first kept it, as `…Z`. */
  since: string;
  /** The `toDate` that `when_lost` wrote (YYYY-MM-DD), or null. */
  ended: string | null;
  /** The previous `toDate`. */
  endedBefore: string | null;
}

/** Returns the kept rows of the given deals. */
export async function readKept(queryable: Queryable, dealIds: readonly number[]): Promise<KeptRow[]> {
  if (dealIds.length === 0) return [];
  const rows = await queryable.query<Omit<KeptRow, "dealId"> & { id: string }>(
    `select deal_id as id, model, reason, ${instantText("since")} as since, ended::text as ended,
            ended_before::text as "endedBefore"
     from connector.kept where deal_id = any($1::bigint[]) order by deal_id`,
    [dealIds],
  );
  return rows.map(({ id, ...row }) => ({ dealId: Number(id), ...row }));
}

/** Returns the rows of the given deals as if they were kept from now on. */
export async function readAsIfKept(queryable: Queryable, dealIds: readonly number[]): Promise<KeptRow[]> {
  if (dealIds.length === 0) return [];
  const rows = await queryable.query<Omit<KeptRow, "dealId"> & { id: string }>(
    `select link.record_id as id, link.model, coalesce(kept.reason, '') as reason,
            ${instantText("coalesce(kept.since, now())")} as since, kept.ended::text as ended,
            kept.ended_before::text as "endedBefore"
     from connector.links as link left join connector.kept as kept on kept.deal_id = link.record_id
     where link.stream = 'deals' and link.record_id = any($1::bigint[]) order by link.record_id`,
    [dealIds],
  );
  return rows.map(({ id, ...row }) => ({ dealId: Number(id), ...row }));
}

/** Returns whether `when_lost` has ended the license of any deal. */
export async function hasEnded(queryable: Queryable): Promise<boolean> {
  const [row] = await queryable.query<{ found: boolean }>(
    "select exists (select from connector.kept where ended is not null) as found",
  );
  return row?.found === true;
}

/** Records which deals' rows are kept from now on, and why; deals without a row are skipped. */
export async function keepRows(transaction: Transaction, reasons: ReadonlyMap<number, string>): Promise<void> {
  if (reasons.size === 0) return;
  await transaction.query(
    `insert into connector.kept as kept (deal_id, model, reason)
     select left_out.id, link.model, left_out.reason from unnest($1::bigint[], $2::text[]) as left_out (id, reason)
     join connector.links as link on link.stream = 'deals' and link.record_id = left_out.id
     on conflict (deal_id) do update set model = excluded.model, reason = excluded.reason
     where (kept.model, kept.reason) is distinct from (excluded.model, excluded.reason)`,
    [[...reasons.keys()], [...reasons.values()]],
  );
}

/** Removes the records of rows whose deals sync again. */
export async function releaseRows(transaction: Transaction, dealIds: readonly number[]): Promise<void> {
  if (dealIds.length === 0) return;
  await transaction.query("delete from connector.kept where deal_id = any($1::bigint[])", [dealIds]);
}

/** Records the dates that `when_lost` wrote into rows, and the previous ones; nulls if it no longer ends them. */
export async function noteEnded(
  transaction: Transaction,
  rows: readonly Pick<KeptRow, "dealId" | "ended" | "endedBefore">[],
): Promise<void> {
  if (rows.length === 0) return;
  await transaction.query(
    `update connector.kept as kept set ended = new.ended, ended_before = new.before
     from unnest($1::bigint[], $2::date[], $3::date[]) as new (id, ended, before) where kept.deal_id = new.id`,
    [rows.map(({ dealId }) => dealId), rows.map(({ ended }) => ended), rows.map(({ endedBefore }) => endedBefore)],
  );
}

/** Counts the kept rows by the reason why their deal does not sync. */
export async function countKept(queryable: Queryable): Promise<Record<string, number>> {
  const rows = await queryable.query<{ reason: string; count: string }>(
    "select reason, count(*) as count from connector.kept group by reason order by reason",
  );
  return Object.fromEntries(rows.map(({ reason, count }) => [reason, Number(count)]));
}
