import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { loadMapping } from "../commands/opening/load-mapping.ts";
import { checkConfig } from "../config/check-config.ts";
import { readEnvironment } from "../config/load-config.ts";
import { readMappingFiles } from "../config/read-mapping-files.ts";
import { Failure } from "../failure.ts";
import { checkMapping, type MappingFile } from "../mapping/check/check-mapping.ts";
import type { CompiledMapping } from "../mapping/compiled-mapping.ts";
import { sha256 } from "../mapping/fingerprint.ts";
import type { Json } from "../mapping/value.ts";
import { packageRoot } from "../package-root.ts";
import { modelCatalog } from "../planhat/models.ts";
import type { Problem } from "../problem.ts";
import type { Service } from "../service/service.ts";
import { compileKept } from "../sync/runs/refresh-catalog.ts";
import type { Given } from "./checked-input.ts";
import { type ConsoleHost, runningService } from "./console-host.ts";
import { editYaml, type YamlEdit } from "./edit-yaml.ts";
import { catalogOf } from "./known-mapping.ts";
import { isWritable } from "./replace-files.ts";

/** A change that a page asks for: values at paths, or whole mapping files. */
export interface EditBody {
  edits?: ({ file: string } & YamlEdit)[];
  texts?: MappingText[];
}

/** The text that a mapping file would have. */
export interface MappingText {
  file: string;
  text: string;
}

/** A file that a change would change, with its text before and after. */
export interface ChangedFile {
  file: string;
  before: string;
  after: string;
}

/** A change worked out: the files that it changes, and what is wrong with them. Nothing is written. */
export interface ProposedChange {
  files: ChangedFile[];
  problems: Problem[];
  /** Every mapping file as it would be; undefined if none changes. */
  mapping: MappingFile[] | undefined;
}

/** The values of the config that the page may change: none leads a token, or a person, somewhere else. */
const openKeys = /^(?:start_date|schedule|daily_token_budget|follow_changes|when_lost|history|brake)(?:\.|$)/;

/** Returns true if a config has no mapping of its own: then that of the package holds, which is nobody's file. */
export function isShipped({ mappings }: { mappings: string }): boolean {
  return resolve(mappings) === resolve(`${packageRoot}mappings`);
}

/** Returns the files that a change would change, and their problems. Throws a Failure for a file of somebody else. */
export async function proposeChange(
  host: ConsoleHost,
  { edits: values = [], texts: whole = [] }: Given<EditBody>,
): Promise<ProposedChange> {
  const service = runningService(host);
  const before = new Map(readMappingFiles(service.config.mappings).map(({ name, text }) => [name, text]));
  const after = new Map(filesWith(service, whole).map(({ name, text }) => [name, text]));
  before.set(host.configFile, readFileSync(host.configFile, "utf8"));
  after.set(host.configFile, before.get(host.configFile)!);
  for (const name of new Set(values.map((one) => one.file))) {
    const text = after.get(name);
    if (text === undefined) throw notOurs(name);
    const own = values.filter((one) => one.file === name);
    if (name === host.configFile) for (const one of own) refuseClosed(one.path);
    after.set(name, editYaml(name, text, own));
  }
  const files = [...after].flatMap(([name, text]) =>
    text === before.get(name) ? [] : [{ file: name, before: before.get(name)!, after: text }],
  );
  const problems: Problem[] = [];
  const config = files.find((one) => one.file === host.configFile);
  if (config !== undefined) {
    const { environment } = readEnvironment(host.configFile);
    problems.push(...(await checkConfig(host.configFile, config.after, environment)).problems);
  }
  if (files.every((one) => one.file === host.configFile)) return { files, problems, mapping: undefined };
  if (isShipped(service.config)) throw shippedMapping();
  after.delete(host.configFile);
  const mapping = [...after].map(([name, text]) => ({ name, text }));
  problems.push(...(await checkedFiles(service, mapping)).problems);
  return { files, problems, mapping };
}

/** Returns the mapping files with some of them as they would be. Throws a Failure for a file that is none of them. */
export function filesWith({ config }: Pick<Service, "config">, given: readonly MappingText[]): MappingFile[] {
  const files = readMappingFiles(config.mappings);
  const unknown = given.find(({ file: name }) => !files.some((one) => one.name === name));
  if (unknown !== undefined) throw notOurs(unknown.file);
  return files.map(({ name, text }) => ({ name, text: given.find((one) => one.file === name)?.text ?? text }));
}

/** Checks mapping files against the account's fields, as `mapping check` does. */
export async function checkedFiles(service: Service, files: readonly MappingFile[]) {
  const catalog = await catalogOf(service);
  const { hash_key: hashKey } = service.config;
  return checkMapping(files, { ...(catalog === undefined ? {} : { catalog }), models: modelCatalog, hashKey });
}

/**
 * Compiles mapping files against the account as the last sync saved it; undefined before the first. Throws a Failure if
 * they have errors.
 */
export async function compiledFiles(
  service: Pick<Service, "database" | "config">,
  files: readonly MappingFile[],
): Promise<CompiledMapping | undefined> {
  const catalog = await catalogOf(service);
  if (catalog === undefined) return undefined;
  return compileKept(service.database, catalog, (known, agrees) =>
    loadMapping({ ...service.config, files }, known, () => {}, agrees),
  );
}

/** Throws the Failure for which a change may not be saved; `hashes` are those of the files as the page read them. */
export function refuseUnfit({ files, problems }: ProposedChange, hashes: Readonly<Record<string, string>>): void {
  const [error] = problems.filter(({ severity }) => severity === "error");
  if (error !== undefined)
    throw new Failure("usage", `Nothing was saved: ${error.file}:${error.line}: ${error.message}`, {
      hint: error.hint,
    });
  for (const { file: name, before } of files) {
    if (hashes[name] !== sha256(before) || readFileSync(name, "utf8") !== before) {
      throw new Failure("usage", `Nothing was saved: ${name} changed since the page read it.`, {
        hint: "Reload the page, and make the change again.",
      });
    }
    if (isWritable(name)) continue;
    throw new Failure("surroundings", `Nothing was saved: ${name} or its folder cannot be written.`, {
      hint: "Take the change as a patch, and apply it where the file comes from.",
    });
  }
}

/** Returns the environment variable that a written value consists of; null if it is none. */
export function variableIn(value: Json | undefined): string | null {
  return typeof value === "string" ? (/^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$/.exec(value)?.[1] ?? null) : null;
}

function shippedMapping(): Failure {
  return new Failure("usage", "The mapping is the one that the package ships; it is no file of yours to change.", {
    hint: "Make it files of this folder first: on this page, or with `pipedrive-planhat mapping init`.",
  });
}

function notOurs(name: string): Failure {
  return new Failure("usage", `${JSON.stringify(name)} is neither the config nor a mapping file.`);
}

function refuseClosed(keys: readonly (string | number)[]): void {
  if (openKeys.test(keys.join("."))) return;
  throw new Failure("usage", `The console does not change \`${keys.join(".")}\` of the config.`, {
    hint: "Change it in the file, where whoever runs the service can.",
  });
}
