import { writeLine, writeMessage } from "../../protocol/standard-output.ts";
import { describeSummary } from "../terminal/describe-summary.ts";
import { withFailure } from "../terminal/failure-json.ts";
import { listsRejections, rejectionsFailure } from "../terminal/rejections-failure.ts";
import { reportFailure } from "../terminal/report-failure.ts";
import { stopSignal } from "../terminal/stop-signal.ts";
import { type SyncOptions, syncOnce } from "./sync-once.ts";

/** Runs the main job and prints the result. Returns the exit status. */
export async function sync(options: SyncOptions): Promise<number> {
  const { plan } = options;
  if (plan !== undefined) return (await import("../plan/sync-plan.ts")).syncPlan({ ...options, plan });
  const { summary, failure: ended } = await syncOnce(options, stopSignal());
  const failure = ended ?? rejectionsFailure(summary.status, options, listsRejections);
  if (options.json) await writeMessage(withFailure(summary, failure));
  else {
    for (const line of describeSummary(summary)) await writeLine(line);
    if (summary.status === "partial")
      await writeLine("\nRejected records and fields are saved: `status` shows the reasons.");
  }
  return failure === undefined ? 0 : reportFailure(failure);
}
