import { loadConfig } from "../../config/load-config.ts";
import { folderIdentity, readIdentity } from "../../database/open/identity.ts";
import { inOneTransaction, type UseDatabase } from "../../database/open/in-locked-database.ts";
import { openAsking } from "../../database/open/open-existing.ts";
import type { Rehearsal } from "../../database/rehearsal/rehearse.ts";
import { isServer } from "../../is-server.ts";
import { writeLine, writeMessage } from "../../protocol/standard-output.ts";
import { hideSecrets } from "../../secrets.ts";
import { type AppliedPlan, applyPlan, PlanOutdated, readApplied } from "../../sync/plan/apply-plan.ts";
import type { SyncOutcome } from "../../sync/run-context.ts";
import type { SyncOptions } from "../sync/sync-once.ts";
import { prepareSync } from "../sync/sync-once.ts";
import { describeSummary } from "../terminal/describe-summary.ts";
import { withFailure } from "../terminal/failure-json.ts";
import { listsRejections, rejectionsFailure } from "../terminal/rejections-failure.ts";
import { reportFailure } from "../terminal/report-failure.ts";
import { stopSignal } from "../terminal/stop-signal.ts";
import { describeDifferences } from "./describe-differences.ts";
import { planBasis, refuseOtherBasis, refuseOtherDatabase, refuseOtherOptions } from "./plan-basis.ts";
import { openPlanFile, type PlanFile } from "./read-plan-file.ts";

/** Executes a plan from a file, completely or not at all. Returns the exit status. */
export async function syncPlan(options: SyncOptions & { plan: string }): Promise<number> {
  const { plan: file } = options;
  const signal = stopSignal("Where the plan was not carried out yet, nothing was changed.");
  const plan = await openPlanFile(file);
  const { header } = plan;
  refuseOtherOptions(file, header, options);
  const applied = await lookForApplied(options, plan, file);
  if (applied !== undefined) return tellApplied(options, applied);
  let rehearsal: Rehearsal | undefined;
  const useDatabase: UseDatabase = (location, open, work) =>
    inOneTransaction(location, open, (database) => {
      rehearsal = database;
      return work(database);
    });
  const { full, companies } = header.options;
  const { company: _company, full: _full, ...given } = options;
  const asked = { ...given, ...(full ? { full } : {}), ...(companies.length > 0 ? { company: companies } : {}) };
  const outcome = await prepareSync(
    asked,
    signal,
    useDatabase,
    async (request, progress, config): Promise<SyncOutcome> => {
      try {
        refuseOtherBasis(file, header, await planBasis(config, request));
        return await applyPlan(request, rehearsal!, { id: header.id, elements: plan.elements });
      } finally {
        progress.end();
      }
    },
  );
  const isDone = rehearsal?.rehearsal === false;
  return isDone ? tellDone(options, header.id, outcome) : tellRefused(options, header.id, outcome);
}

async function tellDone(options: SyncOptions, id: string, { summary, failure: ended }: SyncOutcome): Promise<number> {
  const failure = ended ?? rejectionsFailure(summary.status, options, listsRejections);
  if (options.json) await writeMessage(withFailure({ ...summary, plan: id }, failure));
  else {
    for (const line of describeSummary(summary)) await writeLine(line);
    await writeLine(`\nThe plan is carried out, by run ${summary.run}.`);
  }
  return failure === undefined ? 0 : reportFailure(failure);
}

/** Reports a plan that was not executed: neither rows nor fetched records were kept. */
async function tellRefused(options: SyncOptions, id: string, { summary, failure }: SyncOutcome): Promise<number> {
  const { requests, seconds, held } = summary;
  const status = summary.status === "held" ? "held" : "failed";
  const outdated = failure instanceof PlanOutdated ? failure.differences : undefined;
  if (options.json) {
    const found = outdated && { differences: outdated.first, more: outdated.count - outdated.first.length };
    const braked = status === "held" ? { held } : {};
    await writeMessage(withFailure({ status, plan: id, ...found, ...braked, requests, seconds }, failure));
  } else if (outdated !== undefined) {
    for (const line of describeDifferences(outdated)) await writeLine(line);
  }
  return reportFailure(failure);
}

/** Checks whether the plan was executed before. Throws if the database exists and is another one. */
async function lookForApplied(
  { config: configFile }: SyncOptions,
  { header }: PlanFile,
  file: string,
): Promise<AppliedPlan | undefined> {
  const { config, secrets } = await loadConfig(configFile);
  hideSecrets(secrets);
  const location = config.database;
  if (!isServer(location)) refuseOtherDatabase(file, header, { location, identity: folderIdentity(location) });
  const session = await openAsking(location);
  if (session === undefined) return undefined;
  try {
    if (isServer(location)) {
      const identity = await readIdentity(session, { kind: "server", location: session.location });
      refuseOtherDatabase(file, header, { location: session.location, identity });
    }
    return await readApplied(session, header.id);
  } finally {
    await session.close();
  }
}

async function tellApplied({ json }: SyncOptions, { plan, run, at }: AppliedPlan): Promise<number> {
  if (json) await writeMessage({ status: "succeeded", plan, run, applied: at, again: true });
  else await writeLine(`This plan is carried out already, by run ${run} at ${at}: there is nothing to do.`);
  return 0;
}
