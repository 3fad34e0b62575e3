import { countDismissedOfRun } from "../../database/tables/dismissals.ts";
import { landingStage, publishStage } from "../../database/tables/rejections.ts";
import type { Run, RunRequest } from "../run-context.ts";

/**
 * Removes dismissed rejections of landing, sending and publishing from a run's counts; those of mapping are left out
 * when records are applied. Returns the number of the run's rejections that count.
 */
export async function openRejections(run: Run<RunRequest>): Promise<number> {
  if (run.rejections === 0 || run.anyDismissed !== true) return run.rejections;
  const { summary } = run;
  let open = run.rejections;
  for (const { stream, model, stage, whole, count } of await countDismissedOfRun(run.request.database, run.id)) {
    open -= count;
    const less = (rejected: number) => Math.max(0, rejected - count);
    const counts = summary.streams[stream];
    if (stage === landingStage && counts !== undefined) counts.rejected = less(counts.rejected);
    const published = model === null ? undefined : summary.planhat?.published[model];
    if (stage === publishStage && whole && published !== undefined) published.rejected = less(published.rejected);
  }
  return Math.max(0, open);
}
