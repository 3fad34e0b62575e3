import { storeRows } from "../../database/rows/store-rows.ts";
import { readRows } from "../../database/rows/stored-row.ts";
import { readConflicts } from "../../database/tables/conflicts.ts";
import { commitRun } from "../../database/tables/fence.ts";
import { takeOther } from "../decide/other-value.ts";
import type { Run, RunRequest } from "../run-context.ts";

/**
 * Gives rows the values that lost conflicts, as somebody asked for. That is an edit in Planhat like any other: the run
 * goes on to compare both sides, and sends it. What cannot be taken any more is a warning.
 */
export async function takeOthers(run: Run<RunRequest>, conflictIds: readonly string[]): Promise<void> {
  if (conflictIds.length === 0) return;
  const { database, mapping, onWarning } = run.request;
  const conflicts = await readConflicts(database, conflictIds);
  const refused = await commitRun(database, run.id, async (transaction) => {
    const reasons: string[] = [];
    for (const conflict of conflicts) {
      const [row] = await readRows(transaction, "company", [String(conflict.recordId)]);
      const write = row === undefined ? { refused: "the company has no row" } : takeOther(conflict, row, mapping);
      if ("refused" in write) reasons.push(`organization ${conflict.recordId}: ${write.refused}`);
      else await storeRows(transaction, run.history, "company", [write]);
    }
    return reasons;
  });
  if (refused.length > 0) onWarning?.(`The other side's value was not taken: ${refused.join("; ")}.`);
}
