import type { Config } from "../../config/config.ts";
import type { Database } from "../../database/database.ts";
import { openDatabase } from "../../database/open/open-database.ts";
import { recordUsage } from "../../sync/record-usage.ts";
import { ofOwnAccount } from "../../sync/runs/one-account.ts";
import type { CommonOptions } from "../common-options.ts";
import { stopSignal } from "../terminal/stop-signal.ts";
import { type OpenAccount, openAccount } from "./open-account.ts";

/** An account, its database, and the signal that ends the work. */
export interface AccountAndDatabase extends OpenAccount {
  database: Database;
  signal: AbortSignal;
}

/**
 * Runs `work` with the config's account and database, records the API usage, and closes both. Errors of `refuse` are
 * thrown before anything is opened.
 */
export async function withAccountAndDatabase<Result>(
  options: CommonOptions,
  work: (opened: AccountAndDatabase) => Promise<Result>,
  refuse: (config: Config) => unknown = () => {},
): Promise<Result> {
  const signal = stopSignal();
  const account = await openAccount(options, signal);
  refuse(account.config);
  const database = await openDatabase(account.config.database, { signal });
  try {
    const client = ofOwnAccount(account.client, database, database.location);
    return await work({ ...account, client, database, signal });
  } finally {
    await database.transaction((transaction) => recordUsage(transaction, { request: account }));
    await database.close();
  }
}
