import type { Logger } from "winston";
import type { Config } from "../config/config.ts";
import { RunUnderWay } from "../database/open/run-lock.ts";
import { Failure } from "../failure.ts";
import { toldStack } from "../told-error.ts";
import type { OwnFacts } from "./judge.ts";

/** All that a command has that may tell alerts. */
export interface AlertPlace {
  config: Config;
  logger: Logger;
  signal: AbortSignal;
  /** The rest of the day's tokens, where it asks Pipedrive. */
  tokensLeft?: () => number | undefined;
  /** It is a sync: where it cannot begin, that is told too. */
  isSync: boolean;
}

/**
 * Lets `work` run, and tells what has begun and ended in the conditions of the config's alerts, when it is over and the
 * database is closed again. Without alerts in the config it costs nothing. Whatever goes wrong in telling changes
 * nothing of what `work` returns or throws.
 */
export async function withAlerts<Result>(place: AlertPlace, work: () => Promise<Result>): Promise<Result> {
  if ((place.config.alerts ?? []).length === 0) return work();
  try {
    const result = await work();
    await tell(place, {}, false);
    return result;
  } catch (error) {
    // Another process is at it, which tells what comes of it.
    if (!(error instanceof RunUnderWay)) await tell(place, place.isSync ? { failure: kindOf(error) } : {}, true);
    throw error;
  }
}

function kindOf(error: unknown): NonNullable<OwnFacts["failure"]> {
  return { kind: error instanceof Failure ? error.kind : "defect" };
}

/** Tells the alerts. `hasFailed` says that the command's own failure names what is in the way of the database too. */
async function tell(
  { config, logger, signal, tokensLeft }: AlertPlace,
  own: OwnFacts,
  hasFailed: boolean,
): Promise<void> {
  if (signal.aborted) return;
  try {
    const { openExisting } = await import("../database/open/open-existing.ts");
    const { tellAlerts } = await import("./tell-alerts.ts");
    const database = await openExisting(config.database, { signal });
    if (database === undefined) return;
    try {
      const warn = (message: string) => void logger.warn(message);
      await tellAlerts({ database, config, signal, warn }, { ...own, tokensLeft: tokensLeft?.() });
    } finally {
      await database.close();
    }
  } catch (error) {
    if (signal.aborted || (hasFailed && error instanceof Failure)) return;
    const told = error instanceof Failure ? error.message : toldStack(error);
    logger.warn(`Alerts could not be told: ${told}`);
  }
}
