import { countDismissedOfRun } from "../../database/history/dismissals.ts";
import { landingStage, publishStage } from "../../database/rejections.ts";
import type { Run, RunRequest } from "../run-sync.ts";

/**
 * Takes out of a run's counts what was rejected again just as somebody dismissed it. Returns how many rejections of the run
 * are left that count.
 */
export async function openRejections(run: Run<RunRequest>): Promise<number> {
  if (run.rejections === 0 || run.anyDismissed !== true) return run.rejections;
  const { summary } = run;
  let open = run.rejections;
  for (const { stream, model, stage, whole, count } of await countDismissedOfRun(run.request.database, run.id)) {
    open -= count;
    const less = (rejected: number) => Math.max(0, rejected - count);
    if (stage === landingStage) summary.streams[stream].rejected = less(summary.streams[stream].rejected);
    if (model === null) continue;
    const counts = summary.models[model];
    if (stage === publishStage) {
      const published = summary.planhat?.published[model];
      if (published !== undefined && whole) published.rejected = less(published.rejected);
    } else if (stage !== landingStage) {
      if (whole) counts.rejected = less(counts.rejected);
      else counts.fields_rejected = less(counts.fields_rejected);
    }
    counts.dismissed = (counts.dismissed ?? 0) + count;
  }
  return Math.max(0, open);
}
