import type { AccountCatalog } from "../../account-catalog.ts";
import type { Config } from "../../config/config.ts";
import { loadConfig } from "../../config/load-config.ts";
import type { Session } from "../../database/database.ts";
import { openToAsk } from "../../database/open/open-existing.ts";
import { readCatalogEntry } from "../../database/tables/catalog.ts";
import { Failure } from "../../failure.ts";
import { createLogger } from "../../logger.ts";
import type { CompiledMapping } from "../../mapping/compiled-mapping.ts";
import type { Account } from "../../pipedrive/account/account.ts";
import { writeLine, writeMessage } from "../../protocol/standard-output.ts";
import { hideSecrets, withoutSecrets } from "../../secrets.ts";
import type { StreamName } from "../../stream-name.ts";
import { type ApiAnswer, readExplainMaterial } from "../../sync/inspect/explain-material.ts";
import { type Explanation, explainRecord } from "../../sync/inspect/explain-record.ts";
import { describeNotAsked, findNotAsked } from "../../sync/land/warn-not-asked.ts";
import { OtherAccount, refuseOtherAccount } from "../../sync/runs/one-account.ts";
import type { CommonOptions } from "../common-options.ts";
import { mappingLoader } from "../opening/load-mapping.ts";
import { type OpenAccount, openAccount } from "../opening/with-account.ts";
import { describeExplanation } from "./describe-explanation.ts";

/**
 * Explains why a record is or is not in Planhat, from the database alone. Pipedrive is queried only for a record that
 * has not landed; if that fails, the answer says so. Writes nothing. Returns the exit status: 0 for every answer.
 */
export async function explain(
  stream: StreamName,
  id: number,
  options: CommonOptions & { json?: true },
): Promise<number> {
  const { config, secrets } = await loadConfig(options.config);
  hideSecrets(secrets);
  // The client of Pipedrive takes longer to load than the rest, and few records need it.
  let opened: Promise<OpenAccount> | undefined;
  const account = () => {
    opened ??= openAccount(options);
    return opened;
  };
  const database = await openToAsk(config.database);
  try {
    const { explanation, mapping } = await explanationOf({ database, config, account }, stream, id);
    const lacking = database === undefined ? [] : await findNotAsked(database, mapping);
    if (lacking.length > 0) {
      const logger = await createLogger(options.logLevel, options.logFormat);
      for (const one of lacking) logger.warn(describeNotAsked(one));
    }
    if (options.json) await writeMessage(explanation);
    else for (const line of describeExplanation(explanation)) await writeLine(withoutSecrets(line));
    return 0;
  } finally {
    await database?.close();
  }
}

/** The sources of an explanation besides the record. */
export interface ExplainSources {
  /** The database; undefined if no sync has made one yet. */
  database: Session | undefined;
  config: Config;
  /** Opens the account, for a record that has not landed and for fields that are not known. */
  account: () => OpenAccount | Promise<OpenAccount>;
}

/** Returns what `explain --json` prints, and the mapping by which it was found. */
export async function explanationOf(
  { database, config, account }: ExplainSources,
  stream: StreamName,
  id: number,
): Promise<{ explanation: Explanation; mapping: CompiledMapping }> {
  const kept =
    database === undefined ? undefined : ((await readCatalogEntry(database, "account")) as AccountCatalog | undefined);
  const refuse = async (asked: Account) => {
    if (database !== undefined) await refuseOtherAccount(database, asked, config.database);
  };
  const { mapping, catalog } = await mappingLoader(config, kept, account, refuse)();
  const material = await readExplainMaterial({ database, mapping, ask: asker(account, mapping, refuse) }, stream, id);
  return { explanation: explainRecord({ mapping, catalog, startDate: config.start_date }, material), mapping };
}

/** Returns a function that requests one record from Pipedrive; a failure is an answer too. */
function asker(
  account: ExplainSources["account"],
  { asked }: CompiledMapping,
  refuse: (account: Account) => Promise<void>,
): (stream: StreamName, id: number) => Promise<ApiAnswer> {
  return async (stream, id) => {
    if (stream === "deal_products")
      return { said: "nothing", because: "Pipedrive tells products only by their deals; explain the deal instead." };
    const { readRecord } = await import("../../pipedrive/lists/read-of-organization.ts");
    const { askingFor } = await import("../../pipedrive/account/asking-for.ts");
    const { readAccount } = await import("../../pipedrive/account/account.ts");
    try {
      const { client } = await account();
      await refuse(await readAccount(client));
      const found = await readRecord(askingFor(client, asked), stream, id);
      return found === undefined ? { said: "unknown" } : { said: "record", decoded: found };
    } catch (error) {
      if (error instanceof Failure && !(error instanceof OtherAccount))
        return { said: "nothing", because: error.message };
      throw error;
    }
  };
}
