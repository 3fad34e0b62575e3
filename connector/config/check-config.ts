import type { Document, Node } from "yaml";
import { isServer } from "../is-server.ts";
import { isLoopback } from "../loopback.ts";
import type { Json, JsonObject } from "../mapping/value.ts";
import { isObject } from "../mapping/value.ts";
import type { Problem } from "../problem.ts";
import { openPropertyNames } from "../property-names.ts";
import { isServerUrl, readServerUrl, type UrlProblem } from "../server-url.ts";
import { didYouMean, nearestWord } from "../text/nearest-word.ts";
import { typeWords } from "../text/type-words.ts";
import { alertProblems } from "./check-alerts.ts";
import { consoleProblems } from "./check-console.ts";
import { replaceVariables } from "./environment.ts";
import { faultHint, keyRemedy, tokenRules } from "./key-hints.ts";
import { parseConfig } from "./parse-config.ts";
import { isSchedule, readSchedule } from "./schedule.ts";
import { type SchemaFault, schemaFaults } from "./schema-faults.ts";
import { type PropertySchema, schemaFor } from "./specification.ts";

/**
 * Checks a config document against spec.json: syntax, unknown keys, missing keys, types, unset variables, plain http.
 * Returns every problem, or the document: with its variables replaced, and as `written`. A text that cannot be parsed
 * is `unreadable`.
 */
export async function checkConfig(
  file: string,
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<{ problems: Problem[]; unreadable?: true; document?: JsonObject; written?: JsonObject }> {
  const { LineCounter } = await import("yaml");
  const lineCounter = new LineCounter();
  const result = await parseConfig(text, lineCounter);
  const place = (offset: number) => {
    const { line, col } = lineCounter.linePos(offset);
    return { severity: "error" as const, file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  if ("faults" in result) {
    return { problems: result.faults.map(({ offset, ...told }) => ({ ...place(offset), ...told })), unreadable: true };
  }
  const { parsed, value: written } = result;
  const problems: Problem[] = [];
  const { document, unset } = replaceVariables(written, environment);
  const schema = schemaFor(document);
  const at = (path: readonly (string | number)[], which: "key" | "value") => place(offsetOf(parsed, path, which));
  for (const { name, path } of unset) {
    problems.push({
      ...at(path, "value"),
      message: `The environment variable ${name} is not set.`,
      hint: `Write ${name}=… into .env beside this file, or export it.`,
    });
  }
  problems.push(
    ...unknownKeys(document as JsonObject, schema, []).map(({ path, hint }) => ({
      ...at(path, "key"),
      message: `Unknown key \`${path.at(-1)}\`.`,
      ...hint,
    })),
  );
  // An unset variable is reported already; do not report its value too.
  const isUnset = (path: readonly (string | number)[]) => unset.some((one) => one.path.join("/") === path.join("/"));
  for (const fault of schemaFaults(document, schema)) {
    if (isUnset(fault.path) || isNoBrake(fault, document as JsonObject) || isLimited(fault, document as JsonObject))
      continue;
    problems.push({
      ...at(fault.path, "value"),
      message: schemaMessage(fault),
      ...faultHint(fault, valueAt(document, fault.path)),
    });
  }
  const found = [...rules(document as JsonObject), ...(await scheduleRule((document as JsonObject)["schedule"]))];
  problems.push(
    ...found.filter(({ path }) => !isUnset(path)).map(({ path, ...rest }) => ({ ...at(path, "value"), ...rest })),
  );
  problems.sort((a, b) => a.line - b.line || a.column - b.column);
  return problems.length === 0 ? { problems, document: document as JsonObject, written } : { problems };
}

function offsetOf(document: Document.Parsed, path: readonly (string | number)[], which: "key" | "value"): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const part of path) {
    const items = (node as { items?: unknown[] } | null)?.items ?? [];
    const item = items.find((candidate, index) => {
      const key = (candidate as { key?: { value?: unknown } }).key;
      return key === undefined ? index === Number(part) : String(key.value) === String(part);
    }) as { key?: Node; value?: Node } | undefined;
    if (item === undefined) return offset;
    if (item.key === undefined) {
      // An element of a list is a node itself.
      node = item;
      offset = (item as { range?: [number, number, number] }).range?.[0] ?? offset;
      continue;
    }
    offset = (which === "value" ? item.value?.range?.[0] : undefined) ?? item.key?.range?.[0] ?? offset;
    node = item.value;
  }
  return offset;
}

function unknownKeys(
  document: Json,
  schema: PropertySchema,
  path: string[],
): { path: string[]; hint: { hint?: string } }[] {
  const { items } = schema;
  if (Array.isArray(document) && items !== undefined) {
    return document.flatMap((one, index) => unknownKeys(one, items, [...path, String(index)]));
  }
  if (schema.properties === undefined || !isObject(document)) return [];
  const known = Object.keys(schema.properties ?? {});
  return Object.entries(document).flatMap(([key, value]) => {
    const here = [...path, key];
    const property = known.includes(key) ? schema.properties?.[key] : undefined;
    if (property === undefined) {
      const near = nearestWord(key, known);
      return [
        {
          path: here,
          hint: { hint: near === undefined ? `Known keys: ${known.join(", ")}.` : didYouMean(key, near) },
        },
      ];
    }
    return unknownKeys(value, property, here);
  });
}

/**
 * Returns true for `brake: off`, which only config files have: Airbyte's form offers no choice between a word and keys.
 */
function isNoBrake({ path }: SchemaFault, document: JsonObject): boolean {
  return path.length === 1 && path[0] === "brake" && document["brake"] === "off";
}

/** Returns whether a fault is a condition of `alerts` with its limits, which only config files may have. */
function isLimited({ path, keyword }: SchemaFault, document: JsonObject): boolean {
  if (path.length !== 4 || path[0] !== "alerts" || path[2] !== "on") return false;
  const entry = path.reduce((value, key) => (value as JsonObject)[key]!, document as Json);
  return (keyword === "type" || keyword === "enum") && isObject(entry);
}

/** Returns the value at a path; undefined if there is none. */
function valueAt(document: Json, path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>((value, key) => (value as JsonObject | undefined)?.[key], document);
}

function schemaMessage({ path, keyword, demands }: SchemaFault): string {
  const name = path.length === 0 ? "The config" : `\`${path.join(".").replace(/\.(\d+)(?=\.|$)/g, "[$1]")}\``;
  switch (keyword) {
    case "required":
      return `${name} lacks \`${demands}\`.`;
    case "type":
      return `${name} must be ${name === "`brake`" ? "`off` or " : ""}${typeWords[demands as keyof typeof typeWords]}.`;
    case "const":
      return `${name} must be \`${demands}\`.`;
    case "minLength":
      return Number(demands) > 1 ? `${name} must have at least ${demands} characters.` : `${name} is empty.`;
    case "enum":
      return `${name} must be \`${(demands as string[]).join("` or `")}\`.`;
    case "pattern":
      if (path[0] === "retention") return `${name} must be a number of days, as 90d, or never.`;
      return `${name} must look like 2020-01-01T00:00:00Z.`;
    case "minimum":
      return `${name} must be at least ${demands}.`;
    case "maximum":
      return `${name} must be at most ${demands}.`;
  }
}

/** Returns faults that a JSON Schema cannot express in the form that Airbyte's interface accepts. */
function rules(document: JsonObject): { path: string[]; message: string; hint?: string }[] {
  const found: { path: string[]; message: string; hint?: string }[] = [];
  const hasToken = document["api_token"] !== undefined;
  const hasCredentials = document["credentials"] !== undefined;
  if (!hasToken && !hasCredentials) {
    found.push({
      path: [],
      message: "The config lacks `api_token`.",
      ...keyRemedy("api_token"),
    });
  }
  if (hasToken && hasCredentials)
    found.push({ path: ["credentials"], message: "Give either `api_token` or `credentials`, not both." });
  for (const key of ["company_url", "api_token", "database"]) {
    if (document[key] === "") found.push({ path: [key], message: `\`${key}\` is empty.`, ...keyRemedy(key) });
  }
  const { database } = document;
  const problem = typeof database === "string" ? databaseProblem(database) : undefined;
  if (problem !== undefined) found.push({ path: ["database"], ...problem });
  const apiUrl = isObject(document["planhat"]) ? document["planhat"]["api_url"] : undefined;
  if (typeof apiUrl === "string" && !isHttpsOrLoopback(apiUrl)) {
    found.push({
      path: ["planhat", "api_url"],
      message: "`planhat.api_url` must be an https:// address; plain http is for this machine only.",
    });
  }
  const collector = isObject(document["lineage"]) ? document["lineage"]["url"] : undefined;
  if (typeof collector === "string" && !isHttpsOrLoopback(collector)) {
    found.push({
      path: ["lineage", "url"],
      message: "`lineage.url` must be an https:// address; plain http is for this machine only.",
    });
  }
  const deleted = isObject(document["retention"]) ? document["retention"]["deleted_records"] : undefined;
  if (typeof deleted === "string" && /^\d+d$/.test(deleted) && Number.parseInt(deleted, 10) < 31) {
    found.push({
      path: ["retention", "deleted_records"],
      message: "`retention.deleted_records` must be at least 31d, or never.",
      hint: "Pipedrive lists deleted deals for 30 days, and each list would bring their values back.",
    });
  }
  return [
    ...found,
    ...tokenRules(document),
    ...nameRules(document["planhat"]),
    ...webhookRules(document["webhook"]),
    ...alertProblems(document),
    ...consoleProblems(document["console"]),
  ];
}

/** Returns the faults of `planhat.names`: each key is a property whose name may differ, each value its name. */
function nameRules(planhat: Json | undefined): { path: string[]; message: string; hint?: string }[] {
  const names = isObject(planhat) ? planhat["names"] : undefined;
  if (!isObject(names)) return [];
  return Object.entries(names).flatMap(([key, name]) => {
    const path = ["planhat", "names", key];
    if (!(openPropertyNames as readonly string[]).includes(key)) {
      const near = nearestWord(key, openPropertyNames);
      const hint = near === undefined ? `It may name: ${openPropertyNames.join(", ")}.` : didYouMean(key, near);
      return [{ path, message: `\`${key}\` is no property whose name may differ.`, hint }];
    }
    if (typeof name === "string" && /^[A-Za-z_]\w*$/.test(name)) return [];
    return [{ path, message: `\`planhat.names.${key}\` must be a property's name, as in dealId.` }];
  });
}

/** Returns what is wrong with the text of a database; undefined for a folder and for a server's URL. */
export function databaseProblem(database: string): UrlProblem | undefined {
  if (isServer(database)) {
    const read = readServerUrl(database);
    return isServerUrl(read) ? undefined : read;
  }
  if (!/^[a-z][\w+.-]*:\/\//i.test(database)) return undefined;
  return {
    message: "`database` must be a folder, or the postgres:// URL of a Postgres server.",
    hint: "Write it as postgres://user:${PASSWORD}@host/database.",
  };
}

async function scheduleRule(schedule: Json | undefined): Promise<{ path: string[]; message: string; hint: string }[]> {
  if (typeof schedule !== "string") return [];
  const read = await readSchedule(schedule);
  return isSchedule(read) ? [] : [{ path: ["schedule"], ...read }];
}

/**
 * Checks the webhook. Pipedrive delivers to https only, and signs with HTTP basic auth, whose user name ends at the
 * first colon (RFC 7617).
 */
function webhookRules(webhook: Json | undefined): { path: string[]; message: string; hint?: string }[] {
  if (!isObject(webhook)) return [];
  const found: { path: string[]; message: string; hint?: string }[] = [];
  const { public_url: publicUrl, username, password } = webhook;
  if (typeof publicUrl === "string" && !isHttpsOrLoopback(publicUrl)) {
    found.push({
      path: ["webhook", "public_url"],
      message: "`webhook.public_url` must be an https:// address; plain http is for this machine only.",
      hint: "It is the address at which Pipedrive reaches serve, such as https://sync.acme.example.",
    });
  } else if (typeof publicUrl === "string" && /[?#]|\/\/[^/]*@/.test(publicUrl)) {
    found.push({
      path: ["webhook", "public_url"],
      message: "`webhook.public_url` must be an address alone, without user, query or fragment.",
      hint: "The user name and password of events are `webhook.username` and `webhook.password`.",
    });
  }
  if (typeof username === "string" && !/^[^:]+$/.test(username)) {
    found.push({
      path: ["webhook", "username"],
      message: `\`webhook.username\` ${username === "" ? "is empty" : "must not hold a colon"}.`,
    });
  }
  if (password === "") {
    found.push({
      path: ["webhook", "password"],
      message: "`webhook.password` is empty.",
      hint: "Leave it out to have one created and saved in the database.",
    });
  }
  return found;
}

function isHttpsOrLoopback(address: string): boolean {
  try {
    const { protocol, hostname } = new URL(address);
    return protocol === "https:" || (protocol === "http:" && isLoopback(hostname));
  } catch {
    return false;
  }
}
