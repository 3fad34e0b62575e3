import type { Config } from "../../config/config.ts";
import { loadConfig } from "../../config/load-config.ts";
import { openToAsk } from "../../database/open/open-existing.ts";
import { type CountedTable, countKept } from "../../database/tables/count-kept.ts";
import { writeLine, writeMessage } from "../../protocol/standard-output.ts";
import { hideSecrets } from "../../secrets.ts";
import { counted } from "../../text/counted.ts";
import type { CommonOptions } from "../common-options.ts";
import { nothingLanded } from "../opening/with-database.ts";
import { type Cell, table } from "../terminal/table.ts";

/** Prints what the database keeps of persons, table by table and field by field. Returns the exit status. */
export async function privacyReport(options: CommonOptions & { json?: true }): Promise<number> {
  const { config, secrets } = await loadConfig(options.config);
  hideSecrets(secrets);
  const database = await openToAsk(config.database);
  if (database === undefined) throw nothingLanded(config.database, "to report");
  try {
    const tables = (await countKept(database)).map((one) => withRetention(one, config));
    if (options.json) await writeMessage(tables);
    else for (const line of describeKept(tables)) await writeLine(line);
    return 0;
  } finally {
    await database.close();
  }
}

/** Adds how long the config keeps the values of a table. */
function withRetention(one: CountedTable, { retention = {} }: Pick<Config, "retention">): CountedTable {
  if (one.table === "connector.rejections") return { ...one, retention: retention.rejected ?? "never" };
  if (one.table === "connector.conflicts") return { ...one, retention: retention.conflicts ?? "never" };
  if (one.table.startsWith("pipedrive.")) return { ...one, retention: retention.deleted_records ?? "never" };
  return one;
}

function describeKept(tables: readonly CountedTable[]): string[] {
  const personal = tables.filter(({ fields }) => fields.length > 0);
  const other = tables.filter(({ fields }) => fields.length === 0);
  return [
    ...personal.flatMap(describePersonal),
    "These tables hold no values of records, only ids, times, marks and counts:",
    ...table([["table", "rows", "oldest", "purpose"], ...other.map(rowOf)]),
  ];
}

function describePersonal(one: CountedTable): string[] {
  return [
    `${one.table}: ${counted(one.rows, "row")}${one.oldest === null ? "" : `, the oldest of ${one.oldest}`}`,
    `  ${one.purpose}`,
    `  Goes: ${one.goes}`,
    ...(one.retention === undefined ? [] : [`  Retention in the config: ${one.retention}`]),
    ...table(
      one.fields.map(({ field, rows, holds }): Cell[] => [`  ${field}`, rows, holds]),
      { heads: false },
    ),
    "",
  ];
}

function rowOf({ table: name, rows, oldest, purpose }: CountedTable): Cell[] {
  return [name, rows, oldest ?? "", purpose];
}
