import type { AccountCatalog } from "../account-catalog.ts";
import { loadConfig } from "../config/load-config.ts";
import { readCatalogEntry } from "../database/catalog.ts";
import { openToAsk } from "../database/open-existing.ts";
import { Failure } from "../failure.ts";
import { writeLine, writeMessage } from "../protocol/standard-output.ts";
import { hideSecrets, withoutSecrets } from "../secrets.ts";
import type { StreamName } from "../stream-name.ts";
import { type Answer, readExplainMaterial } from "../sync/explain-material.ts";
import { explainRecord } from "../sync/explain-record.ts";
import type { CommonOptions } from "./common-options.ts";
import { describeExplanation } from "./describe-explanation.ts";
import { mappingLoader } from "./known-mapping.ts";
import { type OpenAccount, openAccount } from "./open-account.ts";

/**
 * Says why a record is or is not in Planhat, from the database alone; Pipedrive is asked only for a record that has not
 * landed, and where that fails, the answer says so. Writes nothing. Returns the exit status, 0 whatever the answer is.
 */
export async function explain(
  stream: StreamName,
  id: number,
  options: CommonOptions & { json?: true },
): Promise<number> {
  const { config, secrets } = await loadConfig(options.config);
  hideSecrets(secrets);
  // What talks to Pipedrive takes longer to load than the rest, and is needed for few records only.
  let opened: Promise<OpenAccount> | undefined;
  const account = () => {
    opened ??= openAccount(options);
    return opened;
  };
  const database = await openToAsk(config.database);
  try {
    const kept =
      database === undefined
        ? undefined
        : ((await readCatalogEntry(database, "account")) as AccountCatalog | undefined);
    const { mapping, catalog } = await mappingLoader(config, kept, account)();
    const material = await readExplainMaterial({ database, mapping, ask: asker(account) }, stream, id);
    const explanation = explainRecord({ mapping, catalog, startDate: config.start_date }, material);
    if (options.json) await writeMessage(explanation);
    else for (const line of describeExplanation(explanation)) await writeLine(withoutSecrets(line));
    return 0;
  } finally {
    await database?.close();
  }
}

/** Asks Pipedrive for one record; that it cannot be asked is an answer too. */
function asker(account: () => Promise<OpenAccount>): (stream: StreamName, id: number) => Promise<Answer> {
  return async (stream, id) => {
    const { readRecord } = await import("../pipedrive/read-of-organization.ts");
    try {
      const found = await readRecord((await account()).client, stream, id);
      return found === undefined ? { said: "unknown" } : { said: "record", decoded: found };
    } catch (error) {
      if (error instanceof Failure) return { said: "nothing", because: error.message };
      throw error;
    }
  };
}
