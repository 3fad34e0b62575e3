import type { Queryable } from "../../database/database.ts";
import type { Rehearsal } from "../../database/rehearsal/rehearse.ts";
import { readCatalogEntry, saveCatalogEntry } from "../../database/tables/catalog.ts";
import { Failure } from "../../failure.ts";
import { holdPlan } from "../brake/brake-run.ts";
import type { BeforeOutside, Run, RunRequest, SyncOutcome, SyncRequest } from "../run-context.ts";
import { runSync } from "../runs/run-sync.ts";
import { comparePlan, type PlanDifferences } from "./compare-plan.ts";
import { type PlanElement, planElements } from "./kept-plan.ts";
import { takeNotes } from "./run-plan.ts";

/** Thrown when the actions that are due now differ from the plan; nothing was done. */
export class PlanOutdated extends Failure {
  readonly differences: PlanDifferences;

  constructor(differences: PlanDifferences) {
    super("run", "Nothing was changed: the account, the tables or the settings are not what the plan was made for.", {
      hint: "Create the plan again, check it, then execute it: pipedrive-planhat plan --out <file>.",
      remedy: "change",
    });
    this.differences = differences;
  }
}

/** A plan that was executed, and its run. */
export interface AppliedPlan {
  plan: string;
  run: string;
  at: string;
}

/** Executed plans that are remembered. */
const mostRemembered = 200;

/** The catalog's key for them. */
const key = "applied plans";

/** Returns when and by which run a plan was executed in a database; undefined if it was not. */
export async function readApplied(queryable: Queryable, plan: string): Promise<AppliedPlan | undefined> {
  return (await readAll(queryable)).find((one) => one.plan === plan);
}

async function readAll(queryable: Queryable): Promise<AppliedPlan[]> {
  return ((await readCatalogEntry(queryable, key)) ?? []) as unknown as AppliedPlan[];
}

/**
 * Executes a saved plan. The run of the plan's dry run is repeated in one transaction, which is committed if its
 * decisions, sends and publications equal the plan. Only then the same run sends and publishes. Otherwise nothing is
 * kept, and the outcome's failure is a PlanOutdated. The `database` of the request is `rehearsal`.
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

/** Returns a copy of the run, with its own counts, that only records what it would send and publish. */
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
