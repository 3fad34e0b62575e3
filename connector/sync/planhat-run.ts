import { publishRefusedAgain } from "../database/published.ts";
import { Failure } from "../failure.ts";
import { emptyPlanhatSummary } from "./planhat-summary.ts";
import { publish } from "./publish.ts";
import { receiveCompanies } from "./receive-companies.ts";
import type { Run, RunRequest } from "./run-sync.ts";

/**
 * Reads the changes that were made in Planhat, where its API is given. A Failure is returned and not thrown: what Pipedrive
 * says goes into the tables whether or not Planhat answers.
 */
export async function receiveRun(run: Run<RunRequest>): Promise<Failure | undefined> {
  const { planhat } = run.request;
  if (planhat === undefined) return undefined;
  run.summary.planhat = emptyPlanhatSummary();
  return attempt(run, async () => {
    if (planhat.customFields instanceof Failure) throw planhat.customFields;
    await receiveCompanies(run, planhat);
  });
}

/**
 * Publishes what changed in the tables, where Planhat's API is given. Nothing is sent when Planhat's own changes could not
 * be read before (`trouble`): it could overwrite them. Throws the Failure that ended it; the rows are stored.
 */
export async function publishRun(run: Run<RunRequest>, trouble: Failure | undefined): Promise<void> {
  const { planhat, database } = run.request;
  // A rehearsal keeps nothing, so nothing may leave it.
  if (planhat === undefined || database.rehearsal) return;
  const failure =
    trouble ??
    (await attempt(run, async () => {
      if (run.summary.mode === "full") await publishRefusedAgain(database);
      await publish(run, planhat);
    }));
  if (failure === undefined) return;
  throw new Failure(failure.kind, `The tables are up to date; publishing to Planhat failed. ${failure.message}`, {
    hint: failure.hint,
    cause: failure,
    remedy: failure.remedy,
  });
}

async function attempt(run: Run<RunRequest>, work: () => Promise<void>): Promise<Failure | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  } finally {
    const { client } = run.request.planhat!;
    run.summary.planhat!.requests = client.usage();
  }
}
