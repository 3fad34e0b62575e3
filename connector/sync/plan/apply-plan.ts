import { readCatalogEntry, saveCatalogEntry } from "../../database/catalog.ts";
import type { Queryable } from "../../database/database.ts";
import type { Rehearsal } from "../../database/rehearse.ts";
import { Failure } from "../../failure.ts";
import { holdPlan } from "../brake/brake-run.ts";
import type { BeforeOutside, Run, RunRequest, SyncOutcome, SyncRequest } from "../run-context.ts";
import { runSync } from "../runs/run-sync.ts";
import { comparePlan, type PlanDifferences } from "./compare-plan.ts";
import { type PlanElement, planElements } from "./kept-plan.ts";
import { takeNotes } from "./run-plan.ts";

/** What would be done now is not what the plan says, so that nothing was done. */
export class PlanOutdated extends Failure {
  readonly differences: PlanDifferences;

  constructor(differences: PlanDifferences) {
    super("run", "Nothing was changed: the account, the tables or the settings are not what the plan was made for.", {
      hint: "Make the plan anew, look at it, and carry that out: pipedrive-planhat plan --out <file>.",
      remedy: "change",
    });
    this.differences = differences;
  }
}

/** A plan that was carried out, and by which run. */
export interface AppliedPlan {
  plan: string;
  run: string;
  at: string;
}

/** So many plans are remembered as carried out. */
const mostRemembered = 200;

/** The key of the catalog that they are kept under. */
const key = "applied plans";

/** When and by which run a plan was carried out in a database; undefined where it was not. */
export async function readApplied(queryable: Queryable, plan: string): Promise<AppliedPlan | undefined> {
  return (await readAll(queryable)).find((one) => one.plan === plan);
}

async function readAll(queryable: Queryable): Promise<AppliedPlan[]> {
  return ((await readCatalogEntry(queryable, key)) ?? []) as unknown as AppliedPlan[];
}

/**
 * Carries out a kept plan: the very run that was rehearsed for it, in one transaction, which is committed when what it
 * has decided is what the plan says, down to what it would send and publish. Only then that is done, by the same run.
 * Else nothing is kept, and the outcome's failure is a PlanOutdated. `database` of the request is `rehearsal`.
 */
export async function applyPlan(
  request: SyncRequest,
  rehearsal: Rehearsal,
  plan: { id: string; elements: () => AsyncIterable<PlanElement> },
): Promise<SyncOutcome> {
  const notes = await takeNotes(request, true);
  const { onDecisions, onEdits, ...hooks } = notes.hooks;
  const beforeOutside: BeforeOutside = async (run, goOutside) => {
    const rehearsed = rehearsedRun(run, hooks);
    const differences = await rehearsal.undo(async () => {
      await goOutside(rehearsed);
      const outcome = notes.read({ summary: rehearsed.summary });
      return comparePlan(plan.elements, planElements(request, outcome));
    });
    if (differences.count > 0) throw new PlanOutdated(differences);
    const braked = holdPlan(run, rehearsed);
    if (braked !== undefined) throw braked;
    await remember(rehearsal, { plan: plan.id, run: run.id, at: new Date().toISOString() });
    await rehearsal.keep();
  };
  return runSync({ ...request, onDecisions, onEdits, beforeOutside });
}

/** The same run, with counts of its own, that only notes what it would send and publish. */
function rehearsedRun(run: Run<RunRequest>, hooks: Partial<RunRequest>): Run<RunRequest> {
  return {
    ...run,
    request: { ...run.request, ...hooks },
    summary: structuredClone(run.summary),
    held: new Map(run.held),
  };
}

async function remember(queryable: Queryable, applied: AppliedPlan): Promise<void> {
  const others = (await readAll(queryable)).slice(0, mostRemembered - 1);
  await saveCatalogEntry(queryable, key, [applied, ...others]);
}
