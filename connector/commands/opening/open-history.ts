import { loadConfig } from "../../config/load-config.ts";
import type { Session } from "../../database/database.ts";
import { openToAsk } from "../../database/open/open-existing.ts";
import { Failure } from "../../failure.ts";
import { hideSecrets } from "../../secrets.ts";
import type { CommonOptions } from "../common-options.ts";

/** Runs `work` on the config's database, opened for reading, and closes it. Throws a Failure if there is none yet. */
export async function withHistoryOf<Result>(
  options: CommonOptions,
  work: (database: Session) => Promise<Result>,
): Promise<Result> {
  const { config, secrets } = await loadConfig(options.config);
  hideSecrets(secrets);
  const database = await openToAsk(config.database);
  if (database === undefined) {
    throw new Failure("surroundings", `Nothing has been synced into ${config.database} yet, so there is no history.`, {
      hint: "Run a first sync: pipedrive-planhat sync.",
    });
  }
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}
