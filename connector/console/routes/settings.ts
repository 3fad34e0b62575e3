import { readFileSync } from "node:fs";
import { Hono } from "hono";
import { parse } from "yaml";
import { readMappingFiles } from "../../config/read-mapping-files.ts";
import { shownConfig } from "../../config/shown-config.ts";
import { type PropertySchema, readSpecification } from "../../config/specification.ts";
import { countFilled } from "../../database/landing/filled-fields.ts";
import { type ListedField, listFields } from "../../mapping/check/account-fields.ts";
import { checkMapping } from "../../mapping/check/check-mapping.ts";
import { sha256 } from "../../mapping/fingerprint.ts";
import { transforms } from "../../mapping/transforms/transforms.ts";
import type { Json } from "../../mapping/value.ts";
import { type ModelName, modelNames } from "../../model-name.ts";
import { modelCatalog, models, type PropertyType } from "../../planhat/models.ts";
import type { Problem } from "../../problem.ts";
import type { StreamName } from "../../stream-name.ts";
import { answer } from "../answer.ts";
import { type ConsoleEnv, type ConsoleHost, runningService } from "../console-host.ts";
import { catalogOf } from "../known-mapping.ts";
import { isShipped, variableIn } from "../proposed-change.ts";
import { isWritable } from "../replace-files.ts";
import { streamOf } from "./explain.ts";

/** A file that the console shows and may write. */
export interface FileAnswer {
  /** The path, as messages show it. */
  file: string;
  text: string;
  /** The SHA-256 of the text, which a request to write it carries. */
  hash: string;
  /** False if the console can only offer the change as a patch. */
  writable: boolean;
}

/** A mapping file with what it says. */
export interface MappingFileAnswer extends FileAnswer {
  /** The stream that it maps; null if it does not say. */
  stream: string | null;
  /** The parsed document; null if it is no YAML. */
  document: Json;
}

/** The config and the mapping as their files have them. */
export interface SettingsAnswer {
  /** The config; secrets in its text appear as `*`. */
  config: FileAnswer & {
    company_url: string;
    /** The sign-in to the account, and the variable of its token; null if the file has it itself. */
    sign_in: { by: "api_token" | "oauth2"; variable: string | null };
    start_date: string | null;
    schedule: string | null;
    webhook: string | null;
    /** The address of Planhat's API and the variable of its token; null if nothing is published. */
    planhat: { api_url: string; variable: string | null } | null;
    daily_token_budget: number | null;
    follow_changes: boolean;
    when_lost: "keep" | "end";
    history_days: number | null;
    brake: { share: number; rows: number } | "off" | null;
    database: string;
  };
  mappings: {
    folder: string;
    /** True if the config names no mapping, so that the package's own holds: it is no file of anybody's to change. */
    shipped: boolean;
    files: MappingFileAnswer[];
    problems: Problem[];
  };
  pipelines: { id: number; name: string; selected: boolean }[];
  /** The properties of Planhat's models: the Attributes. */
  models: Record<ModelName, { name: string; type: PropertyType; required: boolean; description: string }[]>;
  transforms: string[];
  /** The transforms that take no argument. */
  plain_transforms: string[];
}

/** The fields of a stream, as `mapping fields --json` lists them. */
export interface FieldsAnswer {
  stream: StreamName;
  /** The landed records without deleted ones. */
  records: number;
  fields: (ListedField & { filled: number | null })[];
}

/** Adds the routes that read the config, the mapping and the account's fields. */
export function settingsRoutes(host: ConsoleHost) {
  return new Hono<ConsoleEnv>()
    .get("/settings", async (context) => {
      const service = runningService(host);
      const { config, database } = service;
      const catalog = await catalogOf(service);
      const files = readMappingFiles(config.mappings);
      const { problems, mapping } = checkMapping(files, {
        ...(catalog === undefined ? {} : { catalog }),
        models: modelCatalog,
        hashKey: config.hash_key,
      });
      const selected = mapping?.deals.pipelineIds;
      const shown = readFileSync(host.configFile, "utf8");
      const written = (parse(shown) ?? {}) as Record<string, Json>;
      return answer<SettingsAnswer>(context, {
        config: {
          file: host.configFile,
          text: shownConfig(shown, readSpecification().connectionSpecification as PropertySchema),
          hash: sha256(shown),
          writable: isWritable(host.configFile),
          company_url: config.company_url,
          sign_in: {
            by: config.credentials === undefined ? "api_token" : "oauth2",
            variable: variableIn(written["api_token"]),
          },
          start_date: config.start_date ?? null,
          schedule: config.schedule ?? null,
          webhook: config.webhook?.public_url ?? null,
          planhat:
            config.planhat === undefined
              ? null
              : {
                  api_url: config.planhat.api_url,
                  variable: variableIn((written["planhat"] as Record<string, Json> | undefined)?.["api_token"]),
                },
          daily_token_budget: config.daily_token_budget ?? null,
          follow_changes: config.follow_changes,
          when_lost: config.when_lost,
          history_days: config.history?.keep_days ?? null,
          brake: config.brake ?? null,
          database: database.location,
        },
        mappings: {
          folder: config.mappings,
          shipped: isShipped(config),
          files: files.map(({ name, text }) => ({
            ...documentOf(text),
            file: name,
            text,
            hash: sha256(text),
            writable: !isShipped(config) && isWritable(name),
          })),
          problems,
        },
        pipelines: (catalog?.pipelines ?? []).map(({ id, name }) => ({
          id,
          name,
          selected: selected === undefined || selected === null || selected.includes(id),
        })),
        models: propertiesOfModels(),
        transforms: [...transforms.keys()],
        plain_transforms: [...transforms.values()].flatMap(({ name, argument }) =>
          argument === undefined ? [name] : [],
        ),
      });
    })
    .get("/fields/:stream", async (context) => {
      const service = runningService(host);
      const stream = streamOf(context.req.param("stream"));
      const catalog = await catalogOf(service);
      const checked = checkMapping(readMappingFiles(service.config.mappings), {
        ...(catalog === undefined ? {} : { catalog }),
        models: modelCatalog,
        hashKey: service.config.hash_key,
      });
      const { records, filled } = await countFilled(service.database, stream);
      const fields = listFields(stream, catalog, checked).map((field) => ({
        ...field,
        filled: records === 0 ? null : (filled.get(field.key) ?? 0),
      }));
      return answer<FieldsAnswer>(context, { stream, records, fields });
    });
}

function documentOf(text: string): Pick<MappingFileAnswer, "stream" | "document"> {
  try {
    const document = parse(text) as Json;
    const isObject = typeof document === "object" && document !== null && !Array.isArray(document);
    const stream = isObject ? document["stream"] : undefined;
    return { stream: typeof stream === "string" ? stream : null, document };
  } catch {
    // Its problems are listed.
    return { stream: null, document: null };
  }
}

function propertiesOfModels(): SettingsAnswer["models"] {
  return Object.fromEntries(
    modelNames.map((model) => [
      model,
      [...models[model].values()].map(({ name, type, required, description }) => ({
        name,
        type,
        required,
        description,
      })),
    ]),
  ) as SettingsAnswer["models"];
}
