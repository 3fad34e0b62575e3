import { randomUUID } from "node:crypto";
import { countHolds } from "../../database/history/holds.ts";
import { inRehearsal } from "../../database/open/in-locked-database.ts";
import type { Failure } from "../../failure.ts";
import { modelNames } from "../../model-name.ts";
import { operator } from "../../operator.ts";
import { packageVersion } from "../../package-root.ts";
import { writeLine, writeMessage, writeText } from "../../protocol/standard-output.ts";
import { withoutSecrets } from "../../secrets.ts";
import {
  countToDo,
  type PlanBasis,
  type PlanHeader,
  planElements,
  planFormat,
  planVersion,
  rejectionJson,
} from "../../sync/plan/kept-plan.ts";
import { type PlanOverview, surveyPlan } from "../../sync/plan/plan-overview.ts";
import { type Plan, runPlan } from "../../sync/plan/run-plan.ts";
import type { PlannedPublication } from "../../sync/planned.ts";
import { readUnmapped, type UnmappedField } from "../../sync/runs/unmapped-fields.ts";
import type { Summary } from "../../sync/summary.ts";
import { prepareSync } from "../sync/sync-once.ts";
import { withFailure } from "../terminal/failure-json.ts";
import { planListsRejections, rejectionsFailure } from "../terminal/rejections-failure.ts";
import { reportFailure } from "../terminal/report-failure.ts";
import { stopSignal } from "../terminal/stop-signal.ts";
import { describePlan } from "./describe-plan.ts";
import { type PlanOptions, planBasis } from "./plan-basis.ts";
import { refuseUnwritable, writePlanFile } from "./write-plan-file.ts";

/** The exit status of `--exit-code` if there is something to do. */
const somethingToDo = 10;

/** Prints what `sync` would do, and writes nothing but the plan's file. Returns the exit status. */
export async function plan(options: PlanOptions): Promise<number> {
  if (options.remap === true) return (await import("./plan-remap.ts")).planRemap(options);
  const { out } = options;
  if (out !== undefined) refuseUnwritable(out);
  let overview: PlanOverview | undefined;
  let unmapped: UnmappedField[] = [];
  let toDo = 0;
  const signal = stopSignal("Nothing was written.");
  const { summary, failure: ended } = await prepareSync(
    options,
    signal,
    inRehearsal,
    async (request, progress, config) => {
      let planned: Plan;
      try {
        planned = await runPlan(request, { objects: out !== undefined });
        if (planned.failure === undefined) {
          unmapped = await readUnmapped(request.database, request.mapping);
          if (!options.json) overview = await surveyPlan(request.database, planned);
          if (out !== undefined) {
            const header = headerOf(await planBasis(config, request), planned, options.yes === true);
            await writePlanFile(out, header, planElements(request, planned));
          }
          const holds = await countHolds(request.database);
          if (holds > 0) planned.summary.holds = holds;
        }
      } finally {
        progress.end();
      }
      const rejected = rejectionsFailure(planned.summary.status, options, planListsRejections);
      const changes = options.json ? await writePlan(planned, unmapped, rejected) : changedRows(overview);
      toDo = countToDo(planned, changes);
      return planned;
    },
  );
  // Print after the database is closed: a user who reads page by page would keep it locked.
  if (overview !== undefined) for (const line of describePlan(overview, unmapped)) await writeLine(line);
  if (ended !== undefined) return reportFailure(ended);
  if (out !== undefined && !options.json)
    await writeLine(`The plan is saved in ${out}. Execute it: pipedrive-planhat sync --plan ${out}`);
  const rejected = rejectionsFailure(summary.status, options, planListsRejections);
  if (rejected !== undefined) return reportFailure(rejected);
  return options.exitCode && toDo > 0 ? somethingToDo : 0;
}

function headerOf(basis: PlanBasis, { summary }: Plan, yes: boolean): PlanHeader {
  return {
    format: planFormat,
    version: planVersion,
    id: randomUUID(),
    made_at: new Date().toISOString(),
    made_by: operator(),
    connector: packageVersion(),
    ...basis,
    yes,
    summary,
  };
}

function changedRows(overview: PlanOverview | undefined): number {
  if (overview === undefined) return 0;
  const { models } = overview;
  return modelNames.reduce((sum, name) => sum + models[name].create + models[name].update + models[name].delete, 0);
}

/**
 * Prints the object of `sync`, with lists that are read while they are printed; all are empty in a failed plan.
 * `rejected` is the failure for a plan with rejections. Returns the number of rows that change.
 */
async function writePlan(
  { summary: counted, failure, rows, sends, rejections, conflicts, publication }: Plan,
  unmapped: readonly UnmappedField[],
  rejected: Failure | undefined,
): Promise<number> {
  const summary = { ...counted, unmapped };
  if (failure !== undefined) {
    await writeMessage(withFailure({ ...summary, changes: [], conflicts: [], rejections: [] }, failure));
    return 0;
  }
  const shown = publication === undefined ? summary : { ...summary, planhat: planhatJson(summary, publication) };
  await writeText(withoutSecrets(JSON.stringify(withFailure(shown, rejected))).slice(0, -1));
  const changes = await writeList("changes", changesOf({ rows, sends }), (change) => change);
  await writeList("conflicts", conflicts(), (conflict) => conflict);
  await writeList("rejections", rejections(), rejectionJson);
  await writeLine("}");
  return changes - sends.length;
}

/** Returns the planned publication, in the place of the actual one (contract, section 7). */
function planhatJson({ planhat }: Summary, { published, deleted, twins, unknown }: PlannedPublication): object {
  const listed = twins.map(({ sourceId, name, planhatId }) => ({ source_id: sourceId, name, planhat_id: planhatId }));
  return { ...planhat, published, deleted, twins: listed, ...(unknown.length === 0 ? {} : { unknown }) };
}

async function* changesOf({ rows, sends }: Pick<Plan, "rows" | "sends">): AsyncGenerator<object, void> {
  for await (const { change } of rows()) if (change !== undefined) yield change;
  yield* sends;
}

async function writeList<Element>(
  name: string,
  elements: AsyncIterable<Element>,
  toJson: (element: Element) => object,
): Promise<number> {
  await writeText(`,"${name}":[`);
  let count = 0;
  for await (const element of elements) {
    await writeText((count === 0 ? "" : ",") + withoutSecrets(JSON.stringify(toJson(element))));
    count++;
  }
  await writeText("]");
  return count;
}
