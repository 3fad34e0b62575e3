import { inRehearsal } from "../../database/open/in-locked-database.ts";
import type { MappingFile } from "../../mapping/check/check-mapping.ts";
import type { Account } from "../../pipedrive/account/account.ts";
import { runPlan } from "../../sync/plan/run-plan.ts";
import { claimDatabase } from "../../sync/runs/one-account.ts";
import type { Summary } from "../../sync/summary.ts";
import type { OpenAccount } from "../opening/with-account.ts";
import { requestIn, type SyncOnceOptions } from "../sync/sync-once.ts";

/** An account that was tried, with the mapping files as they will be. */
export interface FirstRun {
  opened: OpenAccount;
  account: Account;
  mapping: readonly MappingFile[];
}

/**
 * Plans the first sync as `plan` does, of files that are not written yet: nothing is kept. Returns the summary that the
 * sync would print. Throws the failure that would end it.
 */
export async function planFirst(
  { opened, account, mapping }: FirstRun,
  options: SyncOnceOptions,
  signal: AbortSignal,
): Promise<Summary> {
  // The rows alone are planned: publication waits for consent, and the mapping folder is not there yet.
  const { planhat: _tenant, ...own } = opened.config;
  const config = { ...own, files: mapping };
  return inRehearsal(config.database, { signal, waitSeconds: options.wait }, async (database) => {
    await claimDatabase(database, account);
    const request = await requestIn(database, { ...opened, config }, options, signal);
    const { summary, failure } = await runPlan(request);
    if (failure !== undefined) throw failure;
    return summary;
  });
}
