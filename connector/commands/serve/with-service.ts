import { EventEmitter } from "node:events";
import { serviceConnections } from "../../database/connection/connection-supply.ts";
import { openDatabase } from "../../database/open/open-database.ts";
import { Failure } from "../../failure.ts";
import { type Account, readAccount } from "../../pipedrive/account/account.ts";
import { createHealth } from "../../service/health.ts";
import { openJobQueue } from "../../service/jobs/job-queue.ts";
import type { Service } from "../../service/service.ts";
import { claimDatabase } from "../../sync/runs/one-account.ts";
import { refuseWhatPlanhatLacks } from "../mapping/look-at-planhat.ts";
import { loadMapping } from "../opening/load-mapping.ts";
import type { OpenAccount } from "../opening/with-account.ts";
import { openPlanhat } from "../opening/with-database.ts";

/** The options of a service. */
export interface ServicePlace {
  address: Service["address"];
  /** Aborted when the service is to stop. */
  signal: AbortSignal;
  /** Seconds to wait for an embedded database that another process uses. */
  wait: number;
  /** True if people mend the mapping on the service's page: then a wrong mapping stops only its runs. */
  mends?: true;
}

/**
 * Opens what a service needs, calls `work` with it, and closes everything. Throws if the token is refused, and unless
 * the service mends it, if the mapping has errors or Planhat lacks a field of it.
 */
export async function withService(
  account: OpenAccount,
  { address, signal, wait, mends }: ServicePlace,
  work: (service: Service) => Promise<void>,
): Promise<void> {
  const { config, logger } = account;
  const wrong = await unlessMended(mends, async () => {
    loadMapping(config, undefined, () => {});
    return undefined;
  });
  let asked = await tryAccount(account);
  const unchecked = wrong ?? (await unlessMended(mends, () => refuseWhatPlanhatLacks(config)));
  if (unchecked !== undefined) logger.warn(unchecked);
  const { Hono } = await import("hono");
  const database = await openDatabase(config.database, { signal, waitSeconds: wait });
  const told = new Set<string>();
  // Every event loads the mapping, so each of its warnings is logged only once.
  const warnOnce = (warning: string) => {
    if (!told.has(warning)) logger.warn(warning);
    told.add(warning);
  };
  try {
    if (asked !== undefined) await claimDatabase(database, asked);
    await database.shareConnections(serviceConnections);
    const jobs = await openJobQueue(database, (error) => logger.warn("Job queue failed.", { error: error.message }));
    try {
      await work({
        ...account,
        database,
        jobs,
        signal,
        address,
        loadMapping: (catalog, agrees) => loadMapping(config, catalog, warnOnce, agrees),
        async claim() {
          if (asked !== undefined) return;
          const found = await readAccount(account.client);
          await claimDatabase(database, found);
          asked = found;
        },
        openPlanhat: () => openPlanhat(config, logger, signal),
        routes: new Hono(),
        health: createHealth(),
        events: new EventEmitter(),
        credentials: [],
      });
    } finally {
      await jobs.close();
    }
  } finally {
    await database.close();
  }
}

/** Looks at the mapping. Returns its errors as a text if people can mend it; otherwise throws them. */
async function unlessMended(
  mends: true | undefined,
  look: () => Promise<string | undefined>,
): Promise<string | undefined> {
  try {
    return await look();
  } catch (error) {
    if (mends === true && error instanceof Failure && error.kind === "usage") return error.message;
    throw error;
  }
}

/**
 * Requests the account. Throws if the token is refused; returns undefined if the API cannot be reached, because events
 * arrive in the meantime.
 */
async function tryAccount({ client, logger }: OpenAccount): Promise<Account | undefined> {
  try {
    return await readAccount(client);
  } catch (error) {
    if (!(error instanceof Failure) || error.remedy !== "retry") throw error;
    logger.warn("Pipedrive is unavailable and is tried again.", { error: error.message });
    return undefined;
  }
}
