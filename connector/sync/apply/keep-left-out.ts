import type { Transaction } from "../../database/database.ts";
import { readLanded } from "../../database/landing/landing.ts";
import { productsOfDeals } from "../../database/landing/product-deals.ts";
import type { StoredRow } from "../../database/row.ts";
import { type KeptRow, keepRows, noteEnded, readAsIfKept, readKept, releaseRows } from "../../database/rows/kept.ts";
import { readRows } from "../../database/rows/stored-row.ts";
import { replaceRejections } from "../../database/tables/rejections.ts";
import { NULL, present, type Value } from "../../mapping/value.ts";
import { endOf, lostDay } from "../decide/lost-day.ts";
import type { Candidate } from "../decision.ts";
import type { SkipReason } from "../summary.ts";
import type { ApplyContext } from "./apply-context.ts";
import { applyRows } from "./apply-rows.ts";

/**
 * Records that the rows of deals that no longer sync are kept, and why. With `when_lost: end` the license of a lost or
 * deleted deal ends on that day. A license that ended this way gets its previous end back when its deal is neither any
 * longer. A first run has no rows and does nothing here.
 */
export async function keepLeftOut(
  transaction: Transaction,
  context: ApplyContext,
  skipped: ReadonlyMap<number, SkipReason>,
): Promise<void> {
  if (context.noLinksBefore === true || skipped.size === 0) return;
  const isWritten = transaction.asIf === undefined;
  if (isWritten) {
    await keepRows(transaction, "deals", skipped);
    await keepProducts(transaction, context, skipped);
  }
  const left = [...skipped.keys()];
  const kept = (await (isWritten ? readKept(transaction, "deals", left) : readAsIfKept(transaction, left))).filter(
    ({ model }) => model === "license",
  );
  const mayEnd = context.mapping.deals.whenLost === "end" ? kept : kept.filter(({ ended }) => ended !== null);
  if (mayEnd.length === 0) return;
  const ends = await endsOf(transaction, context, mayEnd);
  await applyRows(
    transaction,
    context,
    context.mapping.deals,
    ends.flatMap(({ candidate }) => candidate ?? []),
  );
  if (isWritten) await noteEnded(transaction, ends);
}

/** Records that the rows of products are kept whose deals no longer sync. */
async function keepProducts(
  transaction: Transaction,
  { hasProductRows, runId }: ApplyContext,
  skipped: ReadonlyMap<number, SkipReason>,
): Promise<void> {
  if (hasProductRows !== true) return;
  const products = await productsOfDeals(transaction, [...skipped.keys()]);
  const reasons = new Map(products.map(({ id, dealId }) => [id, skipped.get(dealId)!]));
  await keepRows(transaction, "deal_products", reasons);
  await replaceRejections(transaction, { runId, stream: "deal_products" }, [...reasons.keys()], []);
}

/** Returns the licenses whose end must change, with the new end. */
async function endsOf(
  transaction: Transaction,
  { mapping }: ApplyContext,
  kept: readonly KeptRow[],
): Promise<(Pick<KeptRow, "recordId" | "ended" | "endedBefore"> & { candidate: Candidate | undefined })[]> {
  const ids = kept.map(({ recordId }) => recordId);
  const rows = new Map((await readRows(transaction, "license", ids.map(String))).map((row) => [row.sourceId, row]));
  const deals = new Map(
    (await readLanded(transaction, "deals", ids, ["custom_fields"])).map((deal) => [deal.id, deal]),
  );
  return kept.flatMap((one) => {
    const { recordId, since } = one;
    const row = rows.get(String(recordId));
    const deal = deals.get(recordId);
    if (row === undefined || deal === undefined) return [];
    const planned = plannedEnd(one, row);
    const lost = mapping.deals.whenLost === "end" ? lostDay({ ...deal, since }) : undefined;
    const end = lost === undefined ? planned : endOf(lost, planned);
    const isNoted = one.ended === (end === planned ? null : end);
    if (end === toDateOf(row) && isNoted) return [];
    const candidate = end === toDateOf(row) ? undefined : endingOn(recordId, end, deal.updateTime);
    return [
      { recordId, ended: end === planned ? null : end, endedBefore: end === planned ? null : planned, candidate },
    ];
  });
}

/** Restores the end of licenses that `when_lost` had ended and whose deals sync again, unless the mapping sets it. */
export async function takeUpAgain(
  transaction: Transaction,
  { noLinksBefore }: ApplyContext,
  candidates: Candidate[],
): Promise<void> {
  if (noLinksBefore === true) return;
  const kept = await readKept(
    transaction,
    "deals",
    candidates.map(({ recordId }) => recordId),
  );
  if (kept.length === 0) return;
  const ended = new Map(kept.flatMap((one) => (one.ended === null ? [] : [[one.recordId, one] as const])));
  const rows = await readRows(transaction, "license", [...ended.keys()].map(String));
  const rowOf = new Map(rows.map((row) => [Number(row.sourceId), row]));
  for (const { recordId, mapped } of candidates) {
    const one = ended.get(recordId);
    const row = rowOf.get(recordId);
    if (one === undefined || row === undefined || mapped.model !== "license" || toDateOf(row) !== one.ended) continue;
    const isMapped = mapped.fields.some(({ field, value }) => field === "toDate" && value.state !== "empty");
    if (!isMapped) mapped.fields.push({ field: "toDate", value: dayValue(one.endedBefore) });
  }
  if (transaction.asIf !== undefined) return;
  await releaseRows(
    transaction,
    "deals",
    kept.map(({ recordId }) => recordId),
  );
}

/**
 * Returns the end that a license would have, had its deal not been lost; an end written since then by another user
 * counts.
 */
function plannedEnd({ ended, endedBefore }: KeptRow, row: StoredRow): string | null {
  return ended !== null && toDateOf(row) === ended ? endedBefore : toDateOf(row);
}

function toDateOf({ columns }: StoredRow): string | null {
  return columns["to_date"] ?? null;
}

function endingOn(recordId: number, day: string | null, updateTime: string | null): Candidate {
  const fields = [{ field: "toDate", value: dayValue(day) }];
  const because = () => ({ deals: [recordId], by: "ended" });
  const mapped = { model: "license" as const, fields, rejections: [] };
  return { recordId, sourceId: String(recordId), mapped, updateTime, because };
}

function dayValue(day: string | null): Value {
  return day === null ? NULL : present(day);
}
