import { readMappingFiles } from "../../config/read-mapping-files.ts";
import { countFilled, type FilledCounts } from "../../database/landing/filled-fields.ts";
import { Failure } from "../../failure.ts";
import { type ListedField, listFields } from "../../mapping/check/account-fields.ts";
import { checkMapping } from "../../mapping/check/check-mapping.ts";
import { modelCatalog } from "../../planhat/models.ts";
import { writeLine, writeMessage } from "../../protocol/standard-output.ts";
import type { StreamName } from "../../stream-name.ts";
import { refuseOther } from "../../sync/runs/one-account.ts";
import type { CommonOptions } from "../common-options.ts";
import { askAccount, openAccount } from "../opening/with-account.ts";
import { readKept } from "../opening/with-database.ts";
import { table } from "../terminal/table.ts";

/** Characters of options and targets shown; `--json` prints them in full. */
const longest = 40;

/**
 * Lists the fields of a stream with label, key, type, options, the number of landed records that fill them, and their
 * targets. If the account cannot be reached, the fields are those that the last sync saved. Returns the exit status.
 */
export async function mappingFields(stream: StreamName, options: CommonOptions & { json?: true }): Promise<number> {
  const { config, client, logger } = await openAccount(options);
  const files = readMappingFiles(config.mappings);
  const kept = await readKept(
    config.database,
    (message) => logger.warn(message),
    (database) => (database === undefined ? undefined : countFilled(database, stream)),
  );
  const asked = await askAccount(client, kept.catalog);
  if (!(asked instanceof Failure)) refuseOther(kept.own, asked.account, config.database);
  const catalog = asked instanceof Failure ? kept.catalog : asked.catalog;
  if (asked instanceof Failure) {
    if (catalog === undefined) throw asked;
    logger.warn(`These are the fields of the last sync, because the account cannot be asked: ${asked.message}`);
  }
  const checked = checkMapping(files, {
    models: modelCatalog,
    hashKey: config.hash_key,
    ...(catalog === undefined ? {} : { catalog }),
  });
  if (checked.problems.some(({ severity }) => severity === "error")) {
    logger.warn("The mapping has errors, so not every mapped field is shown as mapped: see `mapping check`.");
  }
  const fields = listFields(stream, catalog, checked);
  const counts = kept.read;
  if (options.json) await writeMessage(fields.map((field) => withCounts(field, counts)));
  else for (const line of describeFields(stream, fields, counts)) await writeLine(line);
  return 0;
}

function withCounts(field: ListedField, counts: FilledCounts | undefined) {
  const records = counts?.records ?? 0;
  return { ...field, filled: records === 0 ? null : (counts!.filled.get(field.key) ?? 0), records };
}

/**
 * Returns the fields as lines of text. Built-in fields that the account does not list, no record fills and no mapping
 * uses are left out.
 */
function describeFields(stream: StreamName, all: readonly ListedField[], counts: FilledCounts | undefined): string[] {
  const landed = counts !== undefined && counts.records > 0;
  const filled = (key: string) => counts?.filled.get(key) ?? 0;
  const fields = all.filter(
    ({ label, key, mapped }) => !landed || label !== null || filled(key) > 0 || mapped.length > 0,
  );
  const rows = fields.map(({ label, key, type, options, mapped }) => [
    label ?? "",
    key,
    type,
    ...(landed ? [filled(key)] : []),
    short(mapped),
    short((options ?? []).flatMap(({ label: option, gone }) => (gone ? [] : [option]))),
  ]);
  const left = all.length - fields.length;
  const note = landed
    ? counts.lean === 0
      ? `filled: in how many of the ${counts.records} landed ${stream}.`
      : `filled: in how many of the ${counts.records} ${stream} that are kept whole; ${counts.lean} more are kept lean (landing: eligible).`
    : `No ${stream} have landed yet, so the fill counts are unknown.`;
  return [
    ...table([["label", "key", "type", ...(landed ? ["filled"] : []), "mapped to", "options"], ...rows]),
    "",
    left === 0 ? note : `${note} ${left} empty built-in fields are left out; --json shows them.`,
  ];
}

function short(words: readonly string[]): string {
  const text = words.join(", ");
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}
