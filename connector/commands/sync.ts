import { writeLine, writeMessage } from "../protocol/standard-output.ts";
import { describeSummary } from "./describe-summary.ts";
import { withFailure } from "./failure-json.ts";
import { reportFailure } from "./report-failure.ts";
import { stopSignal } from "./stop-signal.ts";
import { type SyncOptions, syncOnce } from "./sync-once.ts";

/** Runs the main job and prints the result. Returns the exit status. */
export async function sync(options: SyncOptions): Promise<number> {
  const { plan } = options;
  if (plan !== undefined) return (await import("./sync-plan.ts")).syncPlan({ ...options, plan });
  const { summary, failure } = await syncOnce(options, stopSignal());
  if (options.json) await writeMessage(withFailure(summary, failure));
  else {
    for (const line of describeSummary(summary)) await writeLine(line);
    if (summary.status === "partial") await writeLine("\nRejected records and fields are kept: status tells why.");
  }
  if (failure !== undefined) return reportFailure(failure);
  return summary.status === "partial" && options.failOnRejections ? 1 : 0;
}
