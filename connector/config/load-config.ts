import { readdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { Failure } from "../failure.ts";
import { isServer } from "../is-server.ts";
import type { Json, JsonObject } from "../mapping/value.ts";
import { packageRoot } from "../package-root.ts";
import { type Problem, renderProblems } from "../problem.ts";
import { isPipe, readFileOrPipe, UnreadableFile } from "../read-regular-file.ts";
import { hideSecrets } from "../secrets.ts";
import { isServerUrl, isUnprotected, readServerUrl, urlSecrets, withAbsoluteFiles } from "../server-url.ts";
import { counted } from "../text/counted.ts";
import { checkConfig } from "./check-config.ts";
import type { Config, LoadedConfig } from "./config.ts";
import { type EnvFile, readEnvFile } from "./env-file.ts";
import { shownConfig } from "./shown-config.ts";
import { type PropertySchema, readSpecification, schemaFor } from "./specification.ts";

/** Thrown when the config file cannot be read or is neither JSON nor YAML. */
export class UnreadableConfig extends Failure {}

/**
 * Reads and checks the config file (JSON or YAML), and reports all problems together. Variables of a `.env` beside it
 * count where the environment has none of that name. Throws a Failure of kind `usage` with each problem's file, line
 * and column.
 */
export async function loadConfig(file: string, given = process.env): Promise<LoadedConfig> {
  const text = readConfigFile(file);
  const beside = readEnvironment(file, given);
  const { notices, ...loaded } = await configOf(file, text, beside.environment);
  return {
    ...loaded,
    secrets: [...loaded.secrets, ...beside.secrets],
    notices: [...noticesOf(file, text, loaded.secrets), ...beside.notices, ...notices],
  };
}

/** The variables that the process's own environment has from a `.env`, as it has them. */
const takenOn = new Map<string, string>();

/** Returns true if the process got a variable from whoever started it: then a `.env` does not count for it. */
export function isFromOutside(name: string): boolean {
  return process.env[name] !== undefined && takenOn.get(name) !== process.env[name];
}

/**
 * Returns the environment of a config, with the variables of the `.env` beside it, whose secrets are hidden from now
 * on. The process's own environment takes them on: a proxy or a setting of Postgres is read there. Those of an earlier
 * reading give way: the file may have changed.
 */
export function readEnvironment(file: string, given = process.env): EnvFile & { environment: NodeJS.ProcessEnv } {
  const beside = readEnvFile(configFolder(file));
  hideSecrets(beside.secrets);
  const isOwn = given === process.env;
  const outside = Object.fromEntries(Object.entries(given).filter(([name]) => !isOwn || isFromOutside(name)));
  const environment = { ...beside.variables, ...outside };
  refuseUncheckedTls(environment);
  if (isOwn) takeOn(beside.variables);
  return { ...beside, environment };
}

function takeOn(variables: Readonly<Record<string, string>>): void {
  for (const name of takenOn.keys()) if (!isFromOutside(name)) delete process.env[name];
  takenOn.clear();
  for (const [name, value] of Object.entries(variables)) {
    if (process.env[name] !== undefined) continue;
    process.env[name] = value;
    takenOn.set(name, value);
  }
}

/** Checks the text of a config as `loadConfig` does, without reading a file. */
export async function configOf(file: string, text: string, environment: NodeJS.ProcessEnv): Promise<LoadedConfig> {
  const { problems, unreadable, document, written } = await checkConfig(file, text, environment);
  if (document === undefined || written === undefined) throw configFailure(problems, file, text, unreadable);
  const schema = schemaFor(document);
  const config = withPlainToken(withDefaults(document, schema) as JsonObject) as unknown as Config;
  const folder = configFolder(file);
  const unused = config.mappings === undefined ? unusedMappings(folder) : [];
  config.mappings = config.mappings === undefined ? `${packageRoot}mappings` : resolve(folder, config.mappings);
  const absolute = (path: string) => resolve(folder, path);
  config.database = isServer(config.database)
    ? withAbsoluteFiles(config.database, absolute)
    : absolute(config.database);
  const secrets = secretsOf(document, schema);
  const notices = [...connectionNotices(config.database, environment), ...unused, ...aheadNotices(config.start_date)];
  return { config, written, secrets, notices };
}

/** Returns the base of a config's relative paths: its folder, or the working folder for a pipe. */
export function configFolder(file: string): string {
  return isPipe(file) ? process.cwd() : dirname(resolve(file));
}

/** Throws if certificates are unchecked: Node would accept any, and the tokens would go to anyone in between. */
function refuseUncheckedTls(environment: Readonly<Record<string, string | undefined>>): void {
  if (environment["NODE_TLS_REJECT_UNAUTHORIZED"] !== "0") return;
  throw new Failure(
    "usage",
    "NODE_TLS_REJECT_UNAUTHORIZED=0 switches off the check of certificates; nothing was sent.",
    {
      hint: "Unset it. To trust an authority of your own, set NODE_EXTRA_CA_CERTS to the file of its certificate.",
    },
  );
}

/** Bytes, above any real config: a larger file would take minutes to parse. */
const largest = 1_000_000;

function readConfigFile(file: string): string {
  try {
    return readFileOrPipe(file, largest);
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    throw new UnreadableConfig("usage", `The config file ${file} ${error.reason}.`, { hint: hintFor(error.reason) });
  }
}

function hintFor(reason: string): string | undefined {
  if (reason.startsWith("has more")) return "Check the path: a config has only a few lines.";
  if (reason.includes("UTF-")) return undefined;
  return "Write one with `pipedrive-planhat init`, or name yours with --config <file> or PIPEDRIVE_PLANHAT_CONFIG.";
}

function configFailure(problems: readonly Problem[], file: string, text: string, unreadable?: true): Failure {
  const shown = shownConfig(text, readSpecification().connectionSpecification as PropertySchema);
  const kind = unreadable === true ? UnreadableConfig : Failure;
  return new kind(
    "usage",
    `The config has ${counted(problems.length, "problem")}.\n\n${renderProblems(problems, new Map([[file, shown]]))}`,
  );
}

/** Moves the API token from the credentials, where Airbyte's form has it, to the top. */
function withPlainToken(config: JsonObject): JsonObject {
  const { credentials, ...rest } = config;
  const { auth_type: kind, api_token: token } = (credentials ?? {}) as JsonObject;
  return kind === "api_token" && token !== undefined ? { ...rest, api_token: token } : config;
}

function withDefaults(value: Json | undefined, schema: PropertySchema): Json | undefined {
  // The default of an object is only what a form shows first.
  if (value === undefined) return typeof schema.default === "object" ? undefined : schema.default;
  const { items } = schema;
  if (Array.isArray(value) && items !== undefined) return value.map((one) => withDefaults(one, items) as Json);
  if (schema.properties === undefined || value === null || typeof value !== "object" || Array.isArray(value))
    return value;
  const result = { ...value };
  for (const [key, property] of Object.entries(schema.properties)) {
    const completed = withDefaults(result[key], property);
    if (completed !== undefined) result[key] = completed;
  }
  return result;
}

function secretsOf(value: Json | undefined, schema: PropertySchema, key = ""): string[] {
  if (typeof value === "string") return schema.airbyte_secret === true ? secretParts(value, key) : [];
  const { items } = schema;
  if (Array.isArray(value) && items !== undefined) return value.flatMap((one) => secretsOf(one, items));
  if (value === undefined || value === null || typeof value !== "object" || Array.isArray(value)) return [];
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => secretsOf(value[name], property, name));
}

/**
 * Returns the secrets in a value. A database URL is shown without its password, and a folder has none. The path of a
 * webhook's address alone lets anybody post there.
 */
function secretParts(value: string, key: string): string[] {
  if (key === "database") {
    if (!isServer(value)) return /^[.~/]/.test(value) ? [] : [value];
    return urlSecrets(value);
  }
  if (key !== "url" || !URL.canParse(value)) return [value];
  const { pathname, search } = new URL(value);
  return [value, ...[pathname + search, pathname].filter((part) => part.length >= 12)];
}

/** Returns a notice if the connection is readable on its way. */
function connectionNotices(database: string, environment: Readonly<Record<string, string | undefined>>): string[] {
  const url = isServer(database) ? readServerUrl(database) : undefined;
  if (url === undefined || !isServerUrl(url) || !isUnprotected(url, environment)) return [];
  return [
    `The connection to the database server ${url.host || environment["PGHOST"]} is in plain text: write sslmode=verify-full in its URL, or sslmode=disable if that is intended.`,
  ];
}

/** Returns a notice if mapping files lie beside a config that does not name them. */
function unusedMappings(folder: string): string[] {
  const beside = join(folder, "mappings");
  let names: string[] = [];
  try {
    names = readdirSync(beside);
  } catch {
    // No folder, or none that this user may read, is nothing to tell.
  }
  return names.some((name) => /\.ya?ml$/i.test(name))
    ? [`The mapping files in ${beside} are not used: the config has no \`mappings\`. Add \`mappings: ./mappings\`.`]
    : [];
}

/** Returns a notice if no deal can have been updated since the start date. */
function aheadNotices(startDate: string | undefined): string[] {
  return startDate !== undefined && Date.parse(startDate) > Date.now()
    ? [`\`start_date\` ${startDate} is in the future: until then every deal is before it, and none syncs.`]
    : [];
}

/** Returns a notice if the file holds a token, or another secret as it is, and other users may read it. */
function noticesOf(file: string, text: string, secrets: readonly string[]): string[] {
  if (process.platform === "win32" || isPipe(file)) return [];
  const tokenInFile = /token["']?\s*:\s*["']?(?!\s|["']|\$\{)\S/.test(text);
  const readableByOthers = (statSync(file).mode & 0o077) !== 0;
  // A short one from the environment may stand there by chance.
  const isIn = (secret: string) => secret.length >= 8 && text.includes(secret);
  const what = tokenInFile ? "a token" : secrets.some(isIn) ? "a secret" : undefined;
  return what !== undefined && readableByOthers
    ? [`${file} holds ${what} and other users of this machine may read it: chmod 600 ${file}, or write \${NAME}.`]
    : [];
}
