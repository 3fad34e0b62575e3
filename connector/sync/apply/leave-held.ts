import type { Transaction } from "../../database/database.ts";
import { endHolds, type Hold, readHolds, recordMarks } from "../../database/history/holds.ts";
import { modelsOf } from "../../mapping/language/document-schema.ts";
import type { ModelName } from "../../model-name.ts";
import { alike } from "../../source-id.ts";
import { type HeldRecord, isRowHeld } from "../decide/judge-holds.ts";
import type { Candidate, Decision, ExistingRows } from "../decision.ts";
import type { ApplyContext, StreamCandidates } from "./apply-context.ts";

/** The candidates to decide about, and their holds. */
export interface Unheld {
  candidates: readonly Candidate[];
  /** The held fields, by record id. */
  held: ReadonlyMap<number, HeldRecord>;
}

/**
 * Leaves out candidates whose whole row an undo took back, if they are unchanged since. Ends holds of rows that no
 * longer apply. Reads nothing if there are no holds.
 */
export async function leaveHeldRows(
  transaction: Transaction,
  { mapping, mayBeHeld = false, summary }: ApplyContext,
  { stream: { stream }, candidates }: StreamCandidates,
  rows: ExistingRows,
): Promise<Unheld> {
  const held = new Map<number, HeldRecord>();
  if (!mayBeHeld) return { candidates, held };
  const sourceIds = candidates.map(({ sourceId }) => sourceId);
  const models = alike<ModelName>(modelsOf[stream], candidates[0]!.mapped.model);
  const holds = await readHolds(transaction, models, sourceIds);
  if (holds.length === 0) return { candidates, held };
  const bySource = new Map<string, Hold[]>();
  for (const hold of holds) bySource.set(hold.sourceId, [...(bySource.get(hold.sourceId) ?? []), hold]);
  const wholeRows = new Set(holds.flatMap(({ field, sourceId }) => (field === null ? [sourceId] : [])));
  const ofRows = candidates.flatMap(({ recordId, sourceId }) => (wholeRows.has(sourceId) ? [recordId] : []));
  const marks = await recordMarks(transaction, stream, ofRows);
  const ended: string[] = [];
  const unheld = candidates.filter((candidate) => {
    const { recordId, sourceId } = candidate;
    const own = bySource.get(sourceId);
    if (own === undefined) return true;
    const ofRow = own.filter(({ field }) => field === null);
    const mark = marks.get(String(recordId));
    if (ofRow.some((hold) => isRowHeld(hold, candidate, { rows, marks: mapping.marks, stream, recordMark: mark }))) {
      summary.holds = (summary.holds ?? 0) + 1;
      return false;
    }
    ended.push(...ofRow.map(({ id }) => id));
    held.set(recordId, { holds: own, marks: mapping.marks });
    return true;
  });
  if (transaction.asIf === undefined) await endHolds(transaction, ended);
  return { candidates: unheld, held };
}

/** Ends holds that no longer apply, and counts those that do. */
export async function applyHolds(
  transaction: Transaction,
  { summary }: ApplyContext,
  decisions: readonly Decision[],
): Promise<void> {
  const standing = decisions.reduce((sum, { held }) => sum + held.size, 0);
  if (standing > 0) summary.holds = (summary.holds ?? 0) + standing;
  await endHolds(
    transaction,
    decisions.flatMap(({ endedHolds }) => endedHolds),
  );
}
