import type { AccountCatalog } from "../../account-catalog.ts";
import type { Config } from "../../config/config.ts";
import { requireDatabase } from "../../config/destination-specification.ts";
import { UnreadableConfig } from "../../config/load-config.ts";
import { Failure } from "../../failure.ts";
import type { CompiledMapping } from "../../mapping/compiled-mapping.ts";
import { readAccount, readCatalog } from "../../pipedrive/account/account.ts";
import { rememberDefinitions } from "../../pipedrive/account/remember-definitions.ts";
import { connectionStatus, connectorConfig } from "../../protocol/airbyte.ts";
import { emit, writeLine } from "../../protocol/standard-output.ts";
import { withoutSecrets } from "../../secrets.ts";
import { isListedStream, streamNames } from "../../stream-name.ts";
import { refuseOther } from "../../sync/runs/one-account.ts";
import { airbyteVerb } from "../airbyte/airbyte-verb.ts";
import type { CommonOptions } from "../common-options.ts";
import { loadMapping } from "../opening/load-mapping.ts";
import { openAccount } from "../opening/with-account.ts";
import { keptOwner, readKept } from "../opening/with-database.ts";
import { paint } from "../terminal/paint.ts";
import { reportFailure } from "../terminal/report-failure.ts";
import { table } from "../terminal/table.ts";
import { probePlanhat, tryPlanhat } from "./check-planhat.ts";
import { describeProbes } from "./describe-probes.ts";
import { accountRows, tryStreams } from "./try-account.ts";
import { tryDatabase } from "./try-database.ts";

interface CheckOptions extends CommonOptions {
  json?: true;
  /** True to find out the unknown points of Planhat's API with a test company. */
  planhatProbe?: true;
  /** True for Airbyte's destination, whose database must be named. */
  asDestination?: true;
}

/**
 * Tries everything that a sync needs: config, token, access to each stream, mapping, database server. Writes nothing,
 * except the test company of `--planhat-probe`. Prints CONNECTION_STATUS, or its findings on a terminal. As Airbyte
 * requires, FAILED (the config must change) exits 0. Without an answer – an unreadable config file, no connection, a
 * limit – it prints a TRACE ERROR and exits 1.
 */
export async function check(options: CheckOptions): Promise<number> {
  const people = process.stdout.isTTY === true && options.json === undefined;
  return airbyteVerb(async (signal) => {
    try {
      const { lines, config } = await findings(options, signal);
      const probed = options.planhatProbe ? describeProbes(await probePlanhat(config, signal)) : [];
      if (people) for (const line of [...lines, ...(probed.length > 0 ? ["", ...probed] : [])]) await writeLine(line);
      else await emit(connectionStatus("SUCCEEDED", probed.length > 0 ? probed.join("\n") : undefined));
      return 0;
    } catch (error) {
      if (!(error instanceof Failure) || error.remedy !== "change" || error instanceof UnreadableConfig) {
        if (!people || !(error instanceof Failure)) throw error;
        reportFailure(error);
        return 1;
      }
      const message = error.hint === undefined ? error.message : `${error.message}\n${error.hint}`;
      if (people) await writeLine(withoutSecrets(`${paint("FAILED", "bad")}: ${message}`));
      else await emit(connectionStatus("FAILED", message));
      return 0;
    }
  });
}

async function findings(options: CheckOptions, signal: AbortSignal): Promise<{ lines: string[]; config: Config }> {
  const { config, written, client, logger } = await openAccount(options, signal, {
    onConfigChanged: (changed) => void emit(connectorConfig(changed)),
  });
  if (options.asDestination) requireDatabase(written);
  loadMapping(config, undefined, () => {});
  const account = await readAccount(client);
  refuseOther(await keptOwner(config.database), account, config.database);
  const catalog = await readCatalog(client);
  const access = await tryStreams(client);
  const mapping = await loadKnown(config, catalog, (message) => logger.warn(message));
  const database = await tryDatabase(config.database);
  const planhat = await tryPlanhat(config, mapping, signal);
  const selected = mapping.deals.pipelineIds;
  const pipelines = catalog.pipelines.map(({ id, name }) =>
    selected === null || selected.includes(id) ? `${name} *` : name,
  );
  const lines = [
    paint("SUCCEEDED", "good"),
    "",
    ...table(
      [
        ...accountRows(account, catalog),
        ["may read", access.join(", ")],
        ["pipelines", `${pipelines.join(", ")}   (* selected)`],
        [
          "mapping",
          streamNames
            .filter((name) => isListedStream(name) || mapping[name].direction !== "none")
            .map((name) => `${name}: ${mapping[name].direction}`)
            .join(", "),
        ],
        ["database", database],
        ["planhat", planhat],
      ],
      { heads: false },
    ),
  ];
  return { lines, config };
}

/**
 * Loads the mapping. A name that the account lacks may be one that an earlier sync saved, under another label or before
 * its deletion.
 */
async function loadKnown(
  config: Config,
  catalog: AccountCatalog,
  warn: (message: string) => void,
): Promise<CompiledMapping> {
  const warnings: string[] = [];
  try {
    const mapping = loadMapping(config, catalog, (warning) => warnings.push(warning));
    for (const warning of warnings) warn(warning);
    return mapping;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const { catalog: kept } = await readKept(config.database, warn, () => undefined);
    if (kept === undefined) throw error;
    return loadMapping(config, rememberDefinitions(catalog, kept), warn);
  }
}
