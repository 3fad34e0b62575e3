import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { AccountCatalog } from "../../account-catalog.ts";
import { configFolder } from "../../config/load-config.ts";
import { Failure } from "../../failure.ts";
import { customFields, starterMapping, unnamedFields } from "../../mapping/check/starter-mapping.ts";
import { packageRoot } from "../../package-root.ts";
import { writeLine, writeMessage } from "../../protocol/standard-output.ts";
import { listedStreams, type StreamName } from "../../stream-name.ts";
import { refuseOther } from "../../sync/runs/one-account.ts";
import type { CommonOptions } from "../common-options.ts";
import { askAccount, openAccount } from "../opening/with-account.ts";
import { keptOwner } from "../opening/with-database.ts";

/** The options of `mapping init`. */
export interface MappingInitOptions extends CommonOptions {
  force?: true;
  json?: true;
}

/** The result of one starter file. */
interface WrittenFile {
  file: string;
  /**
   * The action. `kept`: the existing file differs and was not touched. `replaced`: the existing file is now in `copy`.
   */
  action: "written" | "unchanged" | "kept" | "replaced";
  copy?: string;
  custom_fields: number;
  /** Labels of custom fields that the kept file does not name. */
  not_named: string[];
}

/**
 * Writes a starter mapping file for each stream, made for the account, into the config's folder, or `mappings` beside
 * the config. An existing file that differs is kept, unless `force` is set. Returns the exit status.
 */
export async function mappingInit(options: MappingInitOptions): Promise<number> {
  const { config, client } = await openAccount(options);
  const asked = await askAccount(client);
  if (asked instanceof Failure) throw asked;
  refuseOther(await keptOwner(config.database), asked.account, config.database);
  const named = config.mappings !== `${packageRoot}mappings`;
  const folder = named ? config.mappings : join(configFolder(options.config), "mappings");
  const files = writing(folder, () => {
    mkdirSync(folder, { recursive: true });
    return listedStreams.map((stream) => writeStarter(folder, stream, asked.catalog, options.force ?? false));
  });
  const configLine = named ? null : "mappings: ./mappings";
  if (options.json) await writeMessage({ folder, files, config_line: configLine });
  else
    for (const line of [...files.flatMap(describeFile), ...nextStep(options.config, configLine)]) await writeLine(line);
  return 0;
}

function writeStarter(folder: string, stream: StreamName, catalog: AccountCatalog, force: boolean): WrittenFile {
  // A file whose name differs only in its extension or case would map the stream a second time.
  const present = readdirSync(folder).find(
    (name) => name.toLowerCase().replace(/\.yml$/, ".yaml") === `${stream}.yaml`,
  );
  const file = join(folder, present ?? `${stream}.yaml`);
  const text = starterMapping({
    stream,
    shipped: readFileSync(`${packageRoot}mappings/${stream}.yaml`, "utf8"),
    catalog,
    schemaPath: relative(folder, `${packageRoot}schemas/mapping.json`).replaceAll("\\", "/"),
  });
  const result = { file: shownPath(file), custom_fields: customFields(stream, catalog).length, not_named: [] };
  if (present === undefined) {
    writeFileSync(file, text, { flag: "wx" });
    return { ...result, action: "written" };
  }
  const before = readFileSync(file, "utf8");
  if (before === text) return { ...result, action: "unchanged" };
  if (!force) return { ...result, action: "kept", not_named: unnamedFields(stream, catalog, before) };
  const copy = freeCopy(file);
  renameSync(file, copy);
  writeFileSync(file, text, { flag: "wx" });
  return { ...result, action: "replaced", copy: shownPath(copy) };
}

function freeCopy(file: string): string {
  let copy = `${file}.bak`;
  for (let number = 2; existsSync(copy); number++) copy = `${file}.bak${number}`;
  return copy;
}

function writing<Result>(folder: string, write: () => Result): Result {
  try {
    return write();
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    const reason = code === "EEXIST" || code === "ENOTDIR" ? "is a file, not a folder" : `cannot be written (${code})`;
    throw new Failure("usage", `The mappings folder ${folder} ${reason}.`, {
      hint: path === undefined || path === folder ? "`mappings` in the config names it." : `It failed at ${path}.`,
      cause: error,
    });
  }
}

function shownPath(file: string): string {
  const fromHere = relative(process.cwd(), file);
  return fromHere.startsWith("..") ? file : fromHere;
}

function describeFile({ file, action, copy, custom_fields, not_named }: WrittenFile): string[] {
  const choice = custom_fields === 0 ? "" : `, with ${custom_fields} custom fields of the account to choose from`;
  switch (action) {
    case "written":
      return [`${file}: written${choice}`];
    case "unchanged":
      return [`${file}: already as it would be written`];
    case "replaced":
      return [`${file}: replaced${choice}; what was there is in ${copy}`];
    case "kept":
      return [
        `${file}: kept, because it differs from what would be written (--force replaces it and keeps a copy)`,
        ...(not_named.length === 0 ? [] : [`  It names none of these custom fields: ${not_named.join(", ")}`]),
      ];
  }
}

function nextStep(config: string, configLine: string | null): string[] {
  const line = configLine === null ? [] : ["", `Add this line to ${config}:`, "", `  ${configLine}`];
  return [...line, "", "Then: pipedrive-planhat mapping check"];
}
