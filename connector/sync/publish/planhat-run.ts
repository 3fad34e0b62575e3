import { publishRefusedAgain } from "../../database/rows/published.ts";
import { readTasks, removeTasks } from "../../database/tables/forgetting.ts";
import { Failure } from "../../failure.ts";
import { HeldByBrake } from "../brake/held-by-brake.ts";
import { emptyPlanhatSummary } from "../planhat-summary.ts";
import type { Run, RunRequest } from "../run-context.ts";
import { deleteForgotten } from "./delete-forgotten.ts";
import { knowTenant } from "./know-tenant.ts";
import { mayPublish } from "./may-publish.ts";
import type { Publication } from "./publication.ts";
import { publish } from "./publish.ts";
import { receiveCompanies } from "./receive-companies.ts";

/**
 * Reads the changes that were made in Planhat, if its API is configured. Returns a Failure instead of throwing it:
 * Pipedrive's changes go into the tables whether or not Planhat answers.
 */
export async function receiveRun(run: Run<RunRequest>): Promise<Failure | undefined> {
  const { planhat } = run.request;
  if (planhat === undefined) return undefined;
  run.summary.planhat = emptyPlanhatSummary();
  return attempt(run, async () => {
    if (planhat.customFields instanceof Failure) throw planhat.customFields;
    run.tenant = await knowTenant(run, planhat.client);
    // The saved state of companies belongs to another tenant, so edits cannot be distinguished from differences.
    if (!run.tenant.isOther) await receiveCompanies(run, planhat);
  });
}

/**
 * Publishes the changes of the tables, if Planhat's API is configured. Nothing is sent if Planhat's own changes could
 * not be read before (`trouble`), because that could overwrite them. Throws the Failure that ended it; the rows are
 * stored.
 */
export async function publishRun(
  run: Run<RunRequest>,
  trouble: Failure | undefined,
  only?: Publication["only"],
): Promise<void> {
  const { planhat, database, publication } = run.request;
  if (planhat === undefined || (database.rehearsal && publication === undefined)) return;
  const failure =
    trouble ??
    (await attempt(run, async () => {
      if (run.forgotten !== undefined) await deleteForgotten(run, planhat);
      if (run.summary.mode === "full") await publishRefusedAgain(database);
      const models = await mayPublish(run, planhat, run.tenant!);
      if (models.size > 0) await publish(run, planhat, models, only);
    }));
  if (failure === undefined) {
    run.isPublished = only === undefined;
    if (run.isPublished && run.forgotten !== undefined && !database.rehearsal)
      await removeTasks(database, await readTasks(database, "publish"));
    return;
  }
  if (failure instanceof HeldByBrake) throw failure;
  if (database.rehearsal) {
    delete run.summary.planhat;
    run.request.onWarning?.(`What would be published to Planhat is not known. ${failure.message}`);
    return;
  }
  throw new Failure(failure.kind, `The tables are up to date; publishing to Planhat failed. ${failure.message}`, {
    hint: failure.hint,
    cause: failure,
    remedy: failure.remedy,
    quoted: failure.quoted,
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
