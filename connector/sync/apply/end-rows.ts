import type { Transaction } from "../../database/database.ts";
import type { StoredRow } from "../../database/row.ts";
import { type KeptRow, noteEnded, readKeptRows, releaseRows } from "../../database/rows/kept.ts";
import { readRows } from "../../database/rows/stored-row.ts";
import { NULL, present, type Value } from "../../mapping/value.ts";
import { type ModelName, revenueKindOf } from "../../model-name.ts";
import type { StreamName } from "../../stream-name.ts";
import { endOf, hasTerm } from "../decide/lost-day.ts";
import type { Candidate } from "../decision.ts";
import type { ApplyContext } from "./apply-context.ts";
import { applyRows } from "./apply-rows.ts";

/** A stream whose records may leave rows behind. */
export type LeavingStream = Extract<StreamName, "deals" | "deal_products">;

/** A row that stays although its record does not sync. */
export interface LeftRow {
  kept: KeptRow;
  sourceId: string;
  /** The deal of a product. */
  dealId?: number;
  updateTime: string | null;
  /** The day on which it ends at the latest (YYYY-MM-DD); undefined if nothing ends it. */
  ends: string | undefined;
}

/**
 * Ends rows on their day, and gives those back their previous end that nothing ends any longer. A row that ended before
 * stays as it is.
 */
export async function endRows(
  transaction: Transaction,
  context: ApplyContext,
  stream: LeavingStream,
  left: readonly LeftRow[],
): Promise<void> {
  if (left.length === 0) return;
  const rows = await rowsOf(
    transaction,
    left.map(({ kept: { model }, sourceId }) => ({ model, sourceId })),
  );
  const ended = left.flatMap((one) => {
    const { kept, sourceId, ends } = one;
    const row = rows.get(kept.model)?.get(sourceId);
    if (row === undefined || !hasTerm(kept.model, row)) return [];
    const planned = plannedEnd(kept, row);
    const end = ends === undefined ? planned : endOf(ends, planned);
    const isNoted = kept.ended === (end === planned ? null : end);
    if (end === toDateOf(row) && isNoted) return [];
    return [
      {
        recordId: kept.recordId,
        ended: end === planned ? null : end,
        endedBefore: end === planned ? null : planned,
        candidates: end === toDateOf(row) ? [] : [endingOn(one, end)],
      },
    ];
  });
  const candidates = ended.flatMap((one) => one.candidates);
  for (const kind of new Set(candidates.map(({ mapped }) => revenueKindOf(mapped.model)))) {
    const alike = candidates.filter(({ mapped }) => revenueKindOf(mapped.model) === kind);
    await applyRows(transaction, context, { stream: context.mapping[stream], candidates: alike });
  }
  if (transaction.asIf === undefined) await noteEnded(transaction, stream, ended);
}

/** Restores the end of rows that had ended and whose records sync again, unless the mapping sets it. */
export async function takeUpAgain(
  transaction: Transaction,
  { noLinksBefore }: ApplyContext,
  stream: LeavingStream,
  candidates: Candidate[],
): Promise<void> {
  if (noLinksBefore === true) return;
  const kept = await readKeptRows(
    transaction,
    stream,
    candidates.map(({ recordId }) => recordId),
  );
  if (kept.length === 0) return;
  const ended = new Map(kept.flatMap((one) => (one.ended === null ? [] : [[one.recordId, one] as const])));
  const again = candidates.filter(({ recordId }) => ended.has(recordId));
  const rows = await rowsOf(
    transaction,
    again.map(({ mapped: { model }, sourceId }) => ({ model, sourceId })),
  );
  for (const { recordId, mapped, sourceId } of again) {
    const one = ended.get(recordId)!;
    const row = rows.get(mapped.model)?.get(sourceId);
    if (row === undefined || !hasTerm(mapped.model, row) || toDateOf(row) !== one.ended) continue;
    const isMapped = mapped.fields.some(({ field, value }) => field === "toDate" && value.state !== "empty");
    if (!isMapped) mapped.fields.push({ field: "toDate", value: dayValue(one.endedBefore) });
  }
  if (transaction.asIf !== undefined) return;
  await releaseRows(
    transaction,
    stream,
    kept.map(({ recordId }) => recordId),
  );
}

async function rowsOf(
  transaction: Transaction,
  names: readonly { model: ModelName; sourceId: string }[],
): Promise<Map<ModelName, Map<string, StoredRow>>> {
  const rows = new Map<ModelName, Map<string, StoredRow>>();
  for (const model of new Set(names.map((one) => one.model))) {
    const ids = names.flatMap((one) => (one.model === model ? [one.sourceId] : []));
    rows.set(model, new Map((await readRows(transaction, model, ids)).map((row) => [row.sourceId, row])));
  }
  return rows;
}

/** Returns the end that a row would have, had nothing ended it; an end written since then by another user counts. */
function plannedEnd({ ended, endedBefore }: KeptRow, row: StoredRow): string | null {
  return ended !== null && toDateOf(row) === ended ? endedBefore : toDateOf(row);
}

function toDateOf({ columns }: StoredRow): string | null {
  return columns["to_date"] ?? null;
}

function endingOn({ kept: { recordId, model }, sourceId, dealId, updateTime }: LeftRow, day: string | null): Candidate {
  const fields = [{ field: "toDate", value: dayValue(day) }];
  const because = () => (dealId === undefined ? { deals: [recordId], by: "ended" } : { deals: [dealId], by: "ended" });
  return {
    recordId,
    ...(dealId === undefined ? {} : { dealId }),
    sourceId,
    mapped: { model, fields, rejections: [] },
    updateTime,
    because,
  };
}

function dayValue(day: string | null): Value {
  return day === null ? NULL : present(day);
}
