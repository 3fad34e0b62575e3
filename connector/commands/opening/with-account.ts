import type { Logger } from "winston";
import type { AccountCatalog } from "../../account-catalog.ts";
import type { LoadedConfig } from "../../config/config.ts";
import { loadConfig } from "../../config/load-config.ts";
import { Failure } from "../../failure.ts";
import { createLogger } from "../../logger.ts";
import type { JsonObject } from "../../mapping/value.ts";
import type { Account } from "../../pipedrive/account/account.ts";
import type { Budget } from "../../pipedrive/client/budget.ts";
import type { Client } from "../../pipedrive/client/client.ts";
import { hideSecrets } from "../../secrets.ts";
import type { CommonOptions } from "../common-options.ts";

/** A loaded config with the client of its Pipedrive account. */
export interface OpenAccount extends Pick<LoadedConfig, "config"> {
  client: Client;
  budget: Budget;
  logger: Logger;
}

/** An account whose config was loaded for it, with the config as its file has it. */
export type LoadedAccount = OpenAccount & Pick<LoadedConfig, "written">;

/** The callbacks while the account is in use. */
export interface AccountEvents {
  /** Called when Pipedrive issued another refresh token, with the config as its file has it and the new token. */
  onConfigChanged?: (config: JsonObject) => void;
  /** Called on a 429 with the time (epoch ms) until which all requests wait. */
  onHeldBack?: (until: number) => void;
}

/** Loads the config and creates the client of its account; sends no request yet. */
export async function openAccount(
  options: CommonOptions,
  signal?: AbortSignal,
  events: AccountEvents = {},
): Promise<LoadedAccount> {
  return accountOf(await loadConfig(options.config), options, signal, events);
}

/** Creates the client of a loaded config's account; sends no request yet. */
export async function accountOf(
  { config, written, secrets, notices }: LoadedConfig,
  options: CommonOptions,
  signal?: AbortSignal,
  events: AccountEvents = {},
): Promise<LoadedAccount> {
  hideSecrets(secrets);
  const logger = await createLogger(options.logLevel, options.logFormat);
  for (const notice of notices) logger.warn(notice);
  const { createBudget } = await import("../../pipedrive/client/budget.ts");
  const { createClient } = await import("../../pipedrive/client/client.ts");
  const { parseCompanyUrl } = await import("../../pipedrive/client/company-url.ts");
  const budget = createBudget({
    ...(config.daily_token_budget === undefined ? {} : { dailyTokenBudget: config.daily_token_budget }),
  });
  const rotated = (refreshToken: string) => {
    if (events.onConfigChanged === undefined) {
      logger.warn("Pipedrive gave a new refresh_token. If the one in the config is refused, install the app again.");
      return;
    }
    events.onConfigChanged({
      ...written,
      credentials: { ...(written["credentials"] as JsonObject), refresh_token: refreshToken },
    });
  };
  const client = createClient({
    companyUrl: parseCompanyUrl(config.company_url),
    ...(config.api_token === undefined ? {} : { apiToken: config.api_token }),
    ...(config.credentials === undefined ? {} : { credentials: config.credentials, onTokenRotated: rotated }),
    ...(events.onHeldBack === undefined ? {} : { onHeldBack: events.onHeldBack }),
    budget,
    ...(signal === undefined ? {} : { signal }),
    log: (message: string) => logger.warn(message),
  });
  return { config, written, client, budget, logger };
}

/** An account's own data. */
export interface AskedAccount {
  account: Account;
  catalog: AccountCatalog;
}

/**
 * Requests an account's fields, pipelines and users (7 requests). If that fails – no connection, a refused token – it
 * returns the Failure, for commands that can do without. Definitions of `kept` that the account no longer has are
 * added, as in a sync.
 */
export async function askAccount(client: Client, kept?: AccountCatalog): Promise<AskedAccount | Failure> {
  const { readAccount, readCatalog } = await import("../../pipedrive/account/account.ts");
  try {
    return { account: await readAccount(client), catalog: await readCatalog(client, kept) };
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}
