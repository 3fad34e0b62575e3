import { inRehearsal } from "../database/in-locked-database.ts";
import type { RejectionOfRun } from "../database/rejections.ts";
import { writeLine, writeMessage, writeText } from "../protocol/standard-output.ts";
import { withoutSecrets } from "../secrets.ts";
import { type PlanOverview, surveyPlan } from "../sync/plan-overview.ts";
import type { PlannedPublication } from "../sync/planned-publication.ts";
import { type Plan, runPlan } from "../sync/run-plan.ts";
import type { Summary } from "../sync/summary.ts";
import { readUnmapped, type UnmappedField } from "../sync/unmapped-fields.ts";
import { describePlan } from "./describe-plan.ts";
import { reportFailure } from "./report-failure.ts";
import { stopSignal } from "./stop-signal.ts";
import type { SyncOptions } from "./sync.ts";
import { prepareSync } from "./sync-once.ts";

/** Shows what `sync` would do, and writes nothing anywhere. Returns the exit status. */
export async function plan(options: SyncOptions): Promise<number> {
  let overview: PlanOverview | undefined;
  let unmapped: UnmappedField[] = [];
  const signal = stopSignal("Nothing was written.");
  const { summary, failure } = await prepareSync(options, signal, inRehearsal, async (request, progress) => {
    let planned: Plan;
    try {
      planned = await runPlan(request);
      unmapped = planned.failure === undefined ? await readUnmapped(request.database, request.mapping) : [];
      if (!options.json && planned.failure === undefined) overview = await surveyPlan(request.database, planned);
    } finally {
      progress.end();
    }
    if (options.json) await writePlan(planned, unmapped);
    return planned;
  });
  // Not from inside: who reads page by page would keep the database locked.
  if (overview !== undefined) for (const line of describePlan(overview, unmapped)) await writeLine(line);
  if (failure !== undefined) return reportFailure(failure);
  return summary.status === "partial" && options.failOnRejections ? 1 : 0;
}

/** Prints sync's object with lists that are read while they are printed; all are empty in a failed plan. */
async function writePlan(
  { summary: counted, failure, rows, sends, rejections, conflicts, publication }: Plan,
  unmapped: readonly UnmappedField[],
): Promise<void> {
  const summary = { ...counted, unmapped };
  if (failure !== undefined) return writeMessage({ ...summary, changes: [], conflicts: [], rejections: [] });
  const shown = publication === undefined ? summary : { ...summary, planhat: planhatJson(summary, publication) };
  await writeText(withoutSecrets(JSON.stringify(shown)).slice(0, -1));
  await writeList("changes", changesOf({ rows, sends }), (change) => change);
  await writeList("conflicts", conflicts(), (conflict) => conflict);
  await writeList("rejections", rejections(), rejectionJson);
  await writeLine("}");
}

/** What would be done in Planhat, in place of what was (contract, section 7). */
function planhatJson({ planhat }: Summary, { published, deleted, twins }: PlannedPublication): object {
  const listed = twins.map(({ sourceId, name, planhatId }) => ({ source_id: sourceId, name, planhat_id: planhatId }));
  return { ...planhat, published, deleted, twins: listed };
}

async function* changesOf({ rows, sends }: Pick<Plan, "rows" | "sends">): AsyncGenerator<object, void> {
  for await (const { change } of rows()) if (change !== undefined) yield change;
  yield* sends;
}

async function writeList<Element>(
  name: string,
  elements: AsyncIterable<Element>,
  toJson: (element: Element) => object,
): Promise<void> {
  await writeText(`,"${name}":[`);
  let separator = "";
  for await (const element of elements) {
    await writeText(separator + withoutSecrets(JSON.stringify(toJson(element))));
    separator = ",";
  }
  await writeText("]");
}

function rejectionJson({ stream, recordId, model, field, reason }: RejectionOfRun): object {
  return { stream, record_id: recordId, model, field, reason };
}
