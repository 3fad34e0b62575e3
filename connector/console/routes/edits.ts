import { accessSync, constants, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { Hono } from "hono";
import { loadMapping } from "../../commands/opening/load-mapping.ts";
import { checkConfig } from "../../config/check-config.ts";
import { readEnvironment } from "../../config/load-config.ts";
import { readMappingFiles } from "../../config/read-mapping-files.ts";
import { shownConfig } from "../../config/shown-config.ts";
import { type PropertySchema, readSpecification } from "../../config/specification.ts";
import { Failure } from "../../failure.ts";
import { checkMapping, type MappingFile } from "../../mapping/check/check-mapping.ts";
import { sha256 } from "../../mapping/fingerprint.ts";
import { modelNames } from "../../model-name.ts";
import { askingFor } from "../../pipedrive/account/asking-for.ts";
import { createBudget } from "../../pipedrive/client/budget.ts";
import { modelCatalog } from "../../planhat/models.ts";
import type { Problem } from "../../problem.ts";
import type { Service } from "../../service/service.ts";
import { type StreamName, streamNames } from "../../stream-name.ts";
import { withBrake } from "../../sync/brake/brake-run.ts";
import type { FieldChange } from "../../sync/decision.ts";
import { materialById } from "../../sync/inspect/preview-material.ts";
import { previewRecord, type RecordPreview } from "../../sync/inspect/preview-record.ts";
import { surveyRemap } from "../../sync/plan/survey-remap.ts";
import { ofOwnAccount } from "../../sync/runs/one-account.ts";
import { compileKept } from "../../sync/runs/refresh-catalog.ts";
import { runRemap } from "../../sync/runs/run-remap.ts";
import { withHistory } from "../../sync/runs/with-history.ts";
import { answer } from "../answer.ts";
import { body, type Given, objectOf } from "../checked-input.ts";
import { type ConsoleEnv, type ConsoleHost, runningService } from "../console-host.ts";
import { editYaml, type YamlEdit } from "../edit-yaml.ts";
import { log, needs } from "../guard.ts";
import { catalogOf } from "../known-mapping.ts";
import { replaceTogether } from "../replace-files.ts";
import { startedBy, underLock } from "../under-lock.ts";

/** A change that a page asks for: values at paths, or whole mapping files. */
interface EditBody {
  edits?: ({ file: string } & YamlEdit)[];
  texts?: { file: string; text: string }[];
}

/** The effect of a change on the rows, counted from the landing alone. */
export interface EffectAnswer {
  models: Record<string, Record<"created" | "updated" | "removed" | "unchanged" | "rejected", number>>;
  rejections: number;
  /** The first changes of each model. */
  changes: { model: string; source_id: string; action: string; fields: Record<string, FieldChange> }[];
  /** The work that the brake or a missing consent would stop. */
  held: { what: string; count: number; remedy: string }[];
}

/** A change before it is saved. In the text of the config secrets appear as `*`. */
export interface ProposedAnswer {
  files: { file: string; before: string; after: string; hash: string; writable: boolean }[];
  problems: Problem[];
  /** Null if no mapping file changes, one has errors, or nothing has landed. */
  effect: EffectAnswer | null;
}

/** A saved change: the run that mapped the rows again, and whether the service has to be started again. */
export interface SavedAnswer {
  run: string | null;
  status: string | null;
  restart: boolean;
}

/** The values of the config that the page may change: none leads a token, or a person, somewhere else. */
const openKeys = /^(?:start_date|schedule|daily_token_budget|follow_changes|when_lost|history|brake)(?:\.|$)/;

const anyValue = {};
const file = { type: "string", maxLength: 1000 };
const texts = {
  type: "array",
  items: objectOf({ file, text: { type: "string", maxLength: 1_000_000 } }, ["file", "text"]),
  maxItems: 20,
};
const path = { type: "array", items: { anyOf: [{ type: "string" }, { type: "integer" }] }, minItems: 1, maxItems: 12 };
const edits = {
  type: "array",
  items: objectOf({ file, path, value: anyValue }, ["file", "path"]),
  maxItems: 500,
};

/** Adds the routes that check, try and save changes of the config and the mapping. */
export function editRoutes(host: ConsoleHost) {
  return new Hono<ConsoleEnv>()
    .post(
      "/mapping/check",
      needs("operator"),
      body<{ files: MappingText[] }>(objectOf({ files: texts }, ["files"])),
      async (context) => {
        const service = runningService(host);
        const { problems } = await checked(service, filesWith(service, context.req.valid("json").files));
        return answer<{ problems: Problem[] }>(context, { problems });
      },
    )
    .post(
      "/mapping/preview",
      needs("operator"),
      body<{ stream: StreamName; id: number; files: MappingText[] }>(
        objectOf({ stream: { enum: streamNames }, id: { type: "integer", minimum: 1 }, files: texts }, [
          "stream",
          "id",
          "files",
        ]),
      ),
      async (context) => {
        const service = runningService(host);
        const { stream, id, files } = context.req.valid("json");
        const { config, database, client } = service;
        const proposed = { ...config, files: filesWith(service, files) };
        const mapping = loadMapping(proposed, await catalogOf(service), () => {});
        const own = askingFor(ofOwnAccount(client, database, database.location), mapping.asked);
        const material = await materialById({ database, client: own }, stream, id);
        return answer<RecordPreview>(context, previewRecord(mapping, material));
      },
    )
    .post("/edit/propose", needs("operator"), body<EditBody>(objectOf({ edits, texts })), async (context) => {
      const proposed = await propose(host, context.req.valid("json"));
      return answer<ProposedAnswer>(context, await told(host, proposed));
    })
    .post(
      "/edit/save",
      needs("editor"),
      body<EditBody & { hashes: Record<string, string>; yes?: boolean }>(
        objectOf(
          {
            edits,
            texts,
            hashes: { type: "object", additionalProperties: { type: "string" } },
            yes: { type: "boolean" },
          },
          ["hashes"],
        ),
      ),
      async (context) => {
        const { person } = context.var;
        const { hashes, yes = false, ...asked } = context.req.valid("json");
        const { files, problems } = await propose(host, asked);
        refuse(files, problems, hashes);
        replaceTogether(files.map(({ file: name, after }) => ({ path: resolve(name), text: after })));
        const names = files.map(({ file: name }) => name);
        await log(host, person.name, { action: "save", subject: names.join(" "), details: { agreed: yes } });
        const changesConfig = names.includes(host.configFile);
        const run = names.some((name) => name !== host.configFile) ? await remap(host, person, yes) : undefined;
        if (changesConfig) await host.restart?.();
        host.live.tell("settings", null);
        return answer<SavedAnswer>(context, {
          run: run?.run ?? null,
          status: run?.status ?? null,
          restart: changesConfig && host.restart === undefined,
        });
      },
    );
}

interface MappingText {
  file: string;
  text: string;
}

interface ChangedFile {
  file: string;
  before: string;
  after: string;
}

/** Returns the mapping files with some of them as they would be. Throws a Failure for a file that is none of them. */
function filesWith({ config }: Pick<Service, "config">, given: readonly MappingText[]): MappingFile[] {
  const files = readMappingFiles(config.mappings);
  const unknown = given.find(({ file: name }) => !files.some((one) => one.name === name));
  if (unknown !== undefined) throw notOurs(unknown.file);
  return files.map(({ name, text }) => ({ name, text: given.find((one) => one.file === name)?.text ?? text }));
}

function notOurs(name: string): Failure {
  return new Failure("usage", `${JSON.stringify(name)} is neither the config nor a mapping file.`);
}

async function checked(service: Service, files: readonly MappingFile[]) {
  const catalog = await catalogOf(service);
  const { hash_key: hashKey } = service.config;
  return checkMapping(files, { ...(catalog === undefined ? {} : { catalog }), models: modelCatalog, hashKey });
}

/** Returns the files that a change would change, and their problems; nothing is written. */
async function propose(
  host: ConsoleHost,
  { edits: values = [], texts: whole = [] }: Given<EditBody>,
): Promise<{ files: ChangedFile[]; problems: Problem[]; mapping: MappingFile[] | undefined }> {
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
  after.delete(host.configFile);
  const mapping = [...after].map(([name, text]) => ({ name, text }));
  problems.push(...(await checked(service, mapping)).problems);
  return { files, problems, mapping };
}

function refuseClosed(keys: readonly (string | number)[]): void {
  if (openKeys.test(keys.join("."))) return;
  throw new Failure("usage", `The console does not change \`${keys.join(".")}\` of the config.`, {
    hint: "Change it in the file, where whoever runs the service can.",
  });
}

async function told(
  host: ConsoleHost,
  { files, problems, mapping }: Awaited<ReturnType<typeof propose>>,
): Promise<ProposedAnswer> {
  const schema = readSpecification().connectionSpecification as PropertySchema;
  const shown = (name: string, text: string) => (name === host.configFile ? shownConfig(text, schema) : text);
  const isRight = problems.every(({ severity }) => severity !== "error");
  return {
    files: files.map(({ file: name, before, after }) => ({
      file: name,
      before: shown(name, before),
      after: shown(name, after),
      hash: sha256(before),
      writable: isWritable(name),
    })),
    problems,
    effect: mapping === undefined || !isRight ? null : await effectOf(runningService(host), mapping),
  };
}

async function effectOf(service: Service, files: readonly MappingFile[]): Promise<EffectAnswer | null> {
  const { database, config, signal } = service;
  const catalog = await catalogOf(service);
  if (catalog === undefined) return null;
  const mapping = await compileKept(database, catalog, (known, agrees) =>
    loadMapping({ ...config, files }, known, () => {}, agrees),
  );
  const { brake } = withBrake(config.brake);
  const { models, rejections, summary } = await surveyRemap(database, mapping, signal, { limits: brake?.limits });
  const counts = modelNames.map((model) => {
    const { create: created, update: updated, delete: removed, unchanged, rejected } = models[model];
    return [model, { created, updated, removed, unchanged, rejected }] as const;
  });
  return {
    models: Object.fromEntries(counts),
    rejections: rejections.count,
    changes: modelNames.flatMap((model) => models[model].first),
    held: summary.held,
  };
}

function refuse(files: readonly ChangedFile[], problems: readonly Problem[], hashes: Record<string, string>): void {
  const [error] = problems.filter(({ severity }) => severity === "error");
  if (error !== undefined)
    throw new Failure("usage", `Nothing was saved: ${error.file}:${error.line}: ${error.message}`, {
      hint: error.hint,
    });
  for (const { file: name, before } of files) {
    if (hashes[name] !== sha256(before)) {
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

function isWritable(name: string): boolean {
  try {
    accessSync(name, constants.W_OK);
    accessSync(dirname(resolve(name)), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Maps the rows again by the saved mapping, as `remap` does; undefined if nothing has landed. */
async function remap(
  host: ConsoleHost,
  person: { name: string; role: "viewer" | "operator" | "editor" },
  yes: boolean,
): Promise<{ run: string; status: string } | undefined> {
  const service = runningService(host);
  if ((await catalogOf(service)) === undefined) return undefined;
  const { config, signal } = service;
  const agreement = yes ? { agreement: { by: person.name } } : {};
  const { summary, failure } = await underLock(host, { writes: true, purpose: "to map again" }, (landed, onProgress) =>
    runRemap({
      ...landed,
      ...agreement,
      ...withBrake(config.brake, agreement),
      ...withHistory(config, startedBy(person)),
      budget: createBudget({}),
      signal,
      onProgress,
    }),
  );
  if (failure !== undefined && summary.status !== "held") throw failure;
  return { run: summary.run, status: summary.status };
}
