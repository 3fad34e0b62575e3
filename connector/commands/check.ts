import { Failure } from "../failure.ts";
import { readAccount, readCatalog } from "../pipedrive/account.ts";
import { streams } from "../pipedrive/streams.ts";
import { connectionStatus } from "../protocol/airbyte.ts";
import { writeLine, writeMessage } from "../protocol/standard-output.ts";
import { streamNames } from "../stream-name.ts";
import type { CommonOptions } from "./common-options.ts";
import { loadMapping } from "./load-mapping.ts";
import { openAccount } from "./open-account.ts";
import { reportTrace } from "./report-trace.ts";
import { table } from "./table.ts";

/**
 * Tries everything that a sync needs without writing anything: config, token, access to each stream, mapping, database
 * server. Prints CONNECTION_STATUS, or on a terminal what was found. Like Airbyte's check, it exits 0 when the answer is
 * FAILED, and 1 with a TRACE ERROR when it could not get an answer.
 */
export async function check(options: CommonOptions & { json?: true }): Promise<number> {
  const people = process.stdout.isTTY === true && options.json === undefined;
  try {
    const lines = await findings(options);
    if (people) for (const line of lines) await writeLine(line);
    else await writeMessage(connectionStatus("SUCCEEDED"));
    return 0;
  } catch (error) {
    if (!(error instanceof Failure) || error.kind === "run") return reportTrace(error);
    const message = error.hint === undefined ? error.message : `${error.message}\n${error.hint}`;
    if (people) await writeLine(`FAILED: ${message}`);
    else await writeMessage(connectionStatus("FAILED", message));
    return 0;
  }
}

async function findings(options: CommonOptions): Promise<string[]> {
  const { config, client, logger } = await openAccount(options);
  loadMapping(config.mappings, undefined, () => {});
  const account = await readAccount(client);
  const catalog = await readCatalog(client);
  const access: string[] = [];
  for (const name of streamNames) {
    const [list] = streams[name].lists;
    const { body } = await client.get(list!.path, { limit: 1 }, { tokens: list!.tokens });
    const found = (body as { data?: unknown[] | null }).data?.length ?? 0;
    access.push(found > 0 ? name : `${name} (none found)`);
  }
  const mapping = loadMapping(config.mappings, catalog, (warning) => logger.warn(warning));
  const database = await tryDatabase(config.database);
  const selected = mapping.deals.pipelineIds;
  const pipelines = catalog.pipelines.map(({ id, name }) =>
    selected === null || selected.includes(id) ? `${name} *` : name,
  );
  const administrator = account.user.isAdmin
    ? "an administrator"
    : "no administrator: records hidden from this user do not sync";
  return [
    "SUCCEEDED",
    "",
    ...table([
      ["account", `${account.companyName} (${catalog.companyDomain ?? "domain unknown"})`],
      ["token of", `${account.user.name}, ${administrator}`],
      ["may read", access.join(", ")],
      ["pipelines", `${pipelines.join(", ")}   (* selected)`],
      ["mapping", streamNames.map((name) => `${name}: ${mapping[name].direction}`).join(", ")],
      ["database", database],
    ]),
  ];
}

/** A server is connected to; a folder is only named, because it is made by the first sync. */
async function tryDatabase(location: string): Promise<string> {
  if (!/^postgres(ql)?:\/\//i.test(location)) return `embedded, in ${location}`;
  const { openServer } = await import("../database/open-server.ts");
  const database = await openServer(location);
  await database.close();
  return `server ${database.location}`;
}
