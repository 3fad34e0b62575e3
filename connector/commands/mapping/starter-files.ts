import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { AccountCatalog } from "../../account-catalog.ts";
import { editYaml, type YamlEdit } from "../../console/edit-yaml.ts";
import { forAllDeals } from "../../mapping/check/starter-all-deals.ts";
import { customFields, starterMapping, unnamedFields } from "../../mapping/check/starter-mapping.ts";
import type { RevenueKind } from "../../model-name.ts";
import { packageRoot } from "../../package-root.ts";
import { listedStreams, type StreamName, streamNames } from "../../stream-name.ts";
import { counted } from "../../text/counted.ts";
import type { TextFile } from "./write-together.ts";

/** A starter file and what becomes of it. */
export interface StarterFile {
  /** The file as people see it. */
  file: string;
  /**
   * The action. `kept`: the existing file differs and is not touched. `replaced`: the existing file goes to `copy`.
   */
  action: "written" | "unchanged" | "kept" | "replaced";
  copy?: string;
  custom_fields: number;
  /** Labels of custom fields that the kept file does not name. */
  not_named: string[];
}

/** The tenant and the deals for which starter files are written. */
export interface StarterChoice {
  /** The revenue models of the tenant. */
  models: RevenueKind;
  /** True for deals of every status. */
  allDeals: boolean;
  /** The deals that sync; absent: those of the shipped mapping. */
  deals?: DealChoice;
}

/** A choice among the deals of an account. */
export interface DealChoice {
  /** Names or ids of pipelines; none: every pipeline. */
  pipelines: (string | number)[];
  /** The label or key of the field that is the start date before the usual ones. */
  startDate?: string;
}

/** The starter files of a folder, and what is to be written for them. */
export interface Starters {
  files: StarterFile[];
  writes: TextFile[];
}

/** The JSON Schema beside the mapping files: it reaches editors also in git, in a container and on another machine. */
const schemaName = "mapping.schema.json";

/**
 * Decides which starter files an account needs in a folder, and writes nothing. An existing file that differs is kept,
 * unless `force` is set; the JSON Schema beside them is always that of this version.
 */
export function planStarters(
  folder: string,
  catalog: AccountCatalog,
  force: boolean,
  choice: StarterChoice = { models: "licenses", allDeals: false },
): Starters {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const streams: readonly StreamName[] = choice.models === "deals" ? streamNames : listedStreams;
  const planned = streams.map((stream) => planOne(stream, { folder, names, catalog, force, choice }));
  const schema = planSchema(folder);
  return {
    files: planned.map(({ file }) => file),
    writes: [...planned.flatMap(({ write }) => write), ...schema],
  };
}

/** The folder that gets starter files, the names in it, and what decides about their content. */
interface Starting {
  folder: string;
  names: readonly string[];
  catalog: AccountCatalog;
  force: boolean;
  choice: StarterChoice;
}

function planOne(
  stream: StreamName,
  { folder, names, catalog, force, choice }: Starting,
): { file: StarterFile; write: TextFile[] } {
  // A file whose name differs only in its extension or case would map the stream a second time.
  const present = names.find((name) => name.toLowerCase().replace(/\.yml$/, ".yaml") === `${stream}.yaml`);
  const path = join(folder, present ?? `${stream}.yaml`);
  const shipped = shippedText(stream, catalog, choice);
  const starter = starterMapping({ stream, shipped, catalog, schemaPath: schemaName });
  const text = stream === "deals" ? withDeals(starter, choice.deals) : starter;
  const file = { file: shownPath(path), custom_fields: customFields(stream, catalog).length, not_named: [] };
  if (present === undefined) return { file: { ...file, action: "written" }, write: [{ path, text, how: "create" }] };
  const before = readFileSync(path, "utf8");
  if (before === text) return { file: { ...file, action: "unchanged" }, write: [] };
  if (!force) {
    return { file: { ...file, action: "kept", not_named: unnamedFields(stream, catalog, before) }, write: [] };
  }
  const copy = freeCopy(path);
  return { file: { ...file, action: "replaced", copy: shownPath(copy) }, write: [{ path, text, how: { copy } }] };
}

/** Returns the shipped file of a stream for a tenant's revenue models. */
function shippedText(stream: StreamName, catalog: AccountCatalog, { models, allDeals }: StarterChoice): string {
  const isOfDeals = models === "deals" && (stream === "deals" || stream === "deal_products");
  const text = readFileSync(`${packageRoot}mappings/${isOfDeals ? "deal-models/" : ""}${stream}.yaml`, "utf8");
  return allDeals && stream === "deals" ? forAllDeals(text, catalog) : text;
}

/** Returns the text of deals.yaml with a choice of deals; what was not chosen stays as it is. */
function withDeals(text: string, { pipelines, startDate }: DealChoice = { pipelines: [] }): string {
  const edits: YamlEdit[] = [
    ...(pipelines.length === 0 ? [] : [{ path: ["pipelines"], value: pipelines }]),
    ...(startDate === undefined ? [] : [{ path: ["start_date", "+"], value: startDate }]),
  ];
  return edits.length === 0 ? text : editYaml("deals.yaml", text, edits);
}

/** Returns the write of the schema, unless it is there; one of another version is replaced, a user's own file kept. */
function planSchema(folder: string): TextFile[] {
  const path = join(folder, schemaName);
  const text = readFileSync(`${packageRoot}schemas/mapping.json`, "utf8");
  if (!existsSync(path)) return [{ path, text, how: "create" }];
  const before = readFileSync(path, "utf8");
  const isOurs = before.includes('"title": "pipedrive-planhat mapping file"');
  return before === text || !isOurs ? [] : [{ path, text, how: "renew" }];
}

function freeCopy(file: string): string {
  let copy = `${file}.bak`;
  for (let number = 2; existsSync(copy); number++) copy = `${file}.bak${number}`;
  return copy;
}

/** Returns a path from the working folder, if it is below it. */
export function shownPath(file: string): string {
  const fromHere = relative(process.cwd(), file);
  return fromHere.startsWith("..") ? file : fromHere;
}

/** Returns the lines that say what became of a starter file. */
export function describeStarterFile({ file, action, copy, custom_fields, not_named }: StarterFile): string[] {
  const choice =
    custom_fields === 0 ? "" : `, with ${counted(custom_fields, "custom field")} of the account to choose from`;
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
