import type { ModelName } from "../../model-name.ts";
import type { Transaction } from "../database.ts";
import type { Because, StoredRow } from "../row.ts";
import { type NewChange, storeChanges } from "./changes.ts";

/** The recipient of a run's changes, which every writer of rows needs. */
export interface RunHistory {
  runId: string;
  /** False if the config keeps no changes. */
  isKept: boolean;
}

/** Stores changes, if changes are kept. */
export async function keepChanges(
  transaction: Transaction,
  { runId, isKept }: RunHistory,
  changes: readonly NewChange[],
): Promise<void> {
  if (isKept && changes.length > 0) await storeChanges(transaction, runId, changes);
}

/** A created row, and the reason. */
export interface MadeRow extends Pick<StoredRow, "id" | "sourceId"> {
  because?: Because | undefined;
}

/** Returns one change per created row. */
export function creations(model: ModelName, rows: readonly MadeRow[]): NewChange[] {
  return rows.map(({ id, sourceId, because }) => ({
    ...({ action: "create", model, sourceId, rowId: id } as const),
    ...(because === undefined ? {} : { because }),
  }));
}

/**
 * Returns the creations of many rows, given in the order of their ids: one change per range of ids without a gap.
 * `because` is the reason of all.
 */
export function creationsOfMany(model: ModelName, rows: readonly MadeRow[], because?: Because): NewChange[] {
  const changes: NewChange[] = [];
  const reason = because === undefined ? {} : { because };
  for (let first = 0; first < rows.length; ) {
    let last = first;
    while (last + 1 < rows.length && isNext(rows[last]!.id, rows[last + 1]!.id)) last++;
    const { id: rowId, sourceId } = rows[first]!;
    changes.push({
      ...({ action: "create", model, rowId } as const),
      ...(first === last ? { sourceId } : { sourceId: null, lastRowId: rows[last]!.id }),
      ...reason,
    });
    first = last + 1;
  }
  return changes;
}

/**
 * Returns whether ids follow each other; never true for ids beyond a double's precision, so that each of them gets its
 * own change.
 */
function isNext(id: string, other: string): boolean {
  const number = Number(id);
  return number < Number.MAX_SAFE_INTEGER && Number(other) === number + 1;
}
