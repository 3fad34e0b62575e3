import { type Landed, lockLanded } from "../commands/opening/with-database.ts";
import type { StartedBy } from "../database/tables/runs.ts";
import type { Progress } from "../sync/run-context.ts";
import { type ConsoleHost, runningService } from "./console-host.ts";
import type { SignedInPerson } from "./roles.ts";

/** Seconds for which an act in the console waits for a run that goes on. */
const patience = 600;

/** Does one piece of work of the console under the run lock, and tells the open pages that something changed. */
export async function underLock<Result>(
  host: ConsoleHost,
  { writes, purpose }: { writes: boolean; purpose: string },
  work: (landed: Landed, onProgress: (progress: Progress) => void) => Promise<Result>,
): Promise<Result> {
  const { database, config, logger, signal, events } = runningService(host);
  const options = { config, logger, wait: patience, signal, writes, purpose };
  try {
    return await lockLanded(database, options, async (landed) => {
      events.emit("begun");
      return work(landed, (progress) => void events.emit("progress", progress));
    });
  } finally {
    await host.live.look();
  }
}

/** Returns a person in the console as the starter of a run. */
export function startedBy({ name }: SignedInPerson): StartedBy {
  return { by: "console", user: name };
}
