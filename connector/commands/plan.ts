import { inRehearsal } from "../database/in-locked-database.ts";
import type { RejectionOfRun } from "../database/rejections.ts";
import { writeLine, writeMessage, writeText } from "../protocol/standard-output.ts";
import { withoutSecrets } from "../secrets.ts";
import { type PlanOverview, surveyPlan } from "../sync/plan-overview.ts";
import { type Plan, runPlan } from "../sync/run-plan.ts";
import { describePlan } from "./describe-plan.ts";
import { reportFailure } from "./report-failure.ts";
import { stopSignal } from "./stop-signal.ts";
import type { SyncOptions } from "./sync.ts";
import { prepareSync } from "./sync-once.ts";

/** Shows what `sync` would do, and writes nothing anywhere. Returns the exit status. */
export async function plan(options: SyncOptions): Promise<number> {
  let overview: PlanOverview | undefined;
  const signal = stopSignal("Nothing was written.");
  const { summary, failure } = await prepareSync(options, signal, inRehearsal, async (request, progress) => {
    let planned: Plan;
    try {
      planned = await runPlan(request);
      if (!options.json && planned.failure === undefined) overview = await surveyPlan(request.database, planned);
    } finally {
      progress.end();
    }
    if (options.json) await writePlan(planned);
    return planned;
  });
  // Not from inside: who reads page by page would keep the database locked.
  if (overview !== undefined) for (const line of describePlan(overview)) await writeLine(line);
  if (failure !== undefined) return reportFailure(failure);
  return summary.status === "partial" && options.failOnRejections ? 1 : 0;
}

/** Prints sync's object with `changes` and `rejections`, which are read while they are printed; none of a failed plan. */
async function writePlan({ summary, failure, rows, sends, rejections }: Plan): Promise<void> {
  if (failure !== undefined) return writeMessage({ ...summary, changes: [], rejections: [] });
  await writeText(withoutSecrets(JSON.stringify(summary)).replace(/\}$/, ',"changes":['));
  let separator = "";
  for await (const { change } of rows()) {
    if (change === undefined) continue;
    await writeText(separator + withoutSecrets(JSON.stringify(change)));
    separator = ",";
  }
  for (const send of sends) {
    await writeText(separator + withoutSecrets(JSON.stringify(send)));
    separator = ",";
  }
  await writeText('],"rejections":[');
  separator = "";
  for await (const rejection of rejections()) {
    await writeText(separator + withoutSecrets(JSON.stringify(rejectionJson(rejection))));
    separator = ",";
  }
  await writeLine("]}");
}

function rejectionJson({ stream, recordId, model, field, reason }: RejectionOfRun): object {
  return { stream, record_id: recordId, model, field, reason };
}
