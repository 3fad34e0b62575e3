import type {
  AccountCatalog,
  AccountField,
  AccountPipeline,
  AccountStage,
  AccountUser,
  FieldOption,
} from "../account-catalog.ts";
import { Failure } from "../failure.ts";
import type { Json, JsonObject } from "../mapping/value.ts";
import type { Client } from "./client.ts";
import { additionalData, pageSize, stuck } from "./list-page.ts";
import { rememberDefinitions } from "./remember-definitions.ts";
import { WalkProgress } from "./walk-progress.ts";

/** Whose token it is. */
export interface Account {
  user: { name: string; email: string | null; isAdmin: boolean };
  /** By which the account is known for ever; null where it is not told. */
  companyId: number | null;
  companyName: string;
  companyDomain: string | null;
}

/**
 * Reads the token's user and company (API v1 `GET /v1/users/me`, 2 tokens): the natural first request. The client knows
 * its company's sub-domain from then on, whatever host it asks.
 */
export async function readAccount(client: Client): Promise<Account> {
  const { body } = await client.get("/v1/users/me", {}, { tokens: 2 });
  const me = objectOf(body["data"]);
  const name = me === undefined ? undefined : textOf(me["name"]);
  if (me === undefined || name === undefined) throw unexpected("/v1/users/me");
  client.companyDomain = textOf(me["company_domain"]) ?? client.companyDomain;
  return {
    user: { name, email: textOf(me["email"]) ?? null, isAdmin: isAdmin(me) },
    companyId: numberOf(me["company_id"]),
    companyName: textOf(me["company_name"]) ?? "",
    companyDomain: client.companyDomain,
  };
}

/** Entries of `access` are missing, not false, where the user is no administrator (seen on real accounts). */
function isAdmin(me: JsonObject): boolean {
  const access = Array.isArray(me["access"]) ? me["access"].map(objectOf) : [];
  const isSet = (flag: Json | undefined) => flag === true || flag === 1;
  return isSet(me["is_admin"]) || access.some((entry) => entry !== undefined && isSet(entry["admin"]));
}

/**
 * Reads what the account defines (6 requests, more where an account has over 500 fields of a kind). What `previous` had
 * and the account has no more is kept as gone, and so are former labels: old records still read, and words keep their meaning.
 */
export async function readCatalog(client: Client, previous?: AccountCatalog): Promise<AccountCatalog> {
  const [deals, organizations, persons, pipelines, stages, users] = await Promise.all([
    readList(client, "/api/v2/dealFields", 10),
    readList(client, "/api/v2/organizationFields", 10),
    readList(client, "/api/v2/personFields", 10),
    readList(client, "/api/v2/pipelines", 5),
    readList(client, "/api/v2/stages", 5),
    readUsers(client),
  ]);
  const now: AccountCatalog = {
    companyDomain: client.companyDomain ?? previous?.companyDomain ?? null,
    fields: {
      deals: fieldsOf(deals),
      organizations: fieldsOf(organizations),
      persons: fieldsOf(persons).map(asInRecord),
    },
    pipelines: pipelines.filter((pipeline) => pipeline["is_deleted"] !== true).map(pipelineOf),
    stages: stages.filter((stage) => stage["is_deleted"] !== true).map(stageOf),
    users: users.map(userOf),
  };
  return rememberDefinitions(now, previous);
}

/** All entries of a v2 list, by its cursors to the end. One that comes again, because the list has moved, counts once. */
async function readList(client: Client, path: string, tokens: number): Promise<JsonObject[]> {
  const entries = new Map<Json | undefined, JsonObject>();
  const used = new Set<string>();
  const progress = new WalkProgress({ stream: "definitions", list: { path } });
  let cursor: string | undefined;
  do {
    const { body } = await client.get(path, { limit: pageSize, cursor }, { tokens });
    const page = objectsOf(body["data"], path).map((entry) => [entry["field_code"] ?? entry["id"], entry] as const);
    for (const [id, entry] of page) entries.set(id, entry);
    const next = additionalData(body)["next_cursor"];
    cursor = typeof next === "string" && next !== "" ? next : undefined;
    if (cursor !== undefined && used.has(cursor)) {
      throw stuck({ stream: "definitions", list: { path } }, "the same cursor came twice");
    }
    if (cursor !== undefined) used.add(cursor);
    const ids = page.map(([id]) => id);
    const failure = cursor === undefined ? undefined : progress.page(ids, []);
    if (failure !== undefined) throw failure;
  } while (cursor !== undefined);
  return [...entries.values()];
}

/** All users, also those who left: records still name them. The list has no pages (openapi-v1.yaml). */
async function readUsers(client: Client): Promise<JsonObject[]> {
  const { body } = await client.get("/v1/users", {}, { tokens: 20 });
  return objectsOf(body["data"], "/v1/users");
}

function fieldsOf(entries: readonly JsonObject[]): AccountField[] {
  return entries.map((entry) => {
    const key = textOf(entry["field_code"]);
    const type = textOf(entry["field_type"]);
    if (key === undefined || type === undefined) throw unexpected("the list of fields");
    const options = optionsOf(entry["options"]);
    return {
      label: textOf(entry["field_name"]) ?? key,
      key,
      type,
      custom: entry["is_custom_field"] === true,
      ...(entry["is_optional_response_field"] === true ? { optional: true as const } : {}),
      ...(options.length === 0 ? {} : { options }),
    };
  });
}

function optionsOf(listed: Json | undefined): FieldOption[] {
  return (Array.isArray(listed) ? listed : []).flatMap((entry): FieldOption[] => {
    const option = objectOf(entry);
    const id = option?.["id"];
    const label = option?.["label"];
    if (typeof id === "boolean" && typeof label === "string") return [{ id: String(id), label }];
    return (typeof id === "number" || typeof id === "string") && typeof label === "string" ? [{ id, label }] : [];
  });
}

/** personFields calls them `email` and `phone`, the records `emails` and `phones` (Pipedrive API v2). */
function asInRecord(field: AccountField): AccountField {
  const inRecord: Readonly<Record<string, string>> = { email: "emails", phone: "phones" };
  return field.custom ? field : { ...field, key: inRecord[field.key] ?? field.key };
}

function pipelineOf(entry: JsonObject): AccountPipeline {
  return { id: idOf(entry, "pipelines"), name: textOf(entry["name"]) ?? "" };
}

function stageOf(entry: JsonObject): AccountStage {
  const { pipeline_id: pipelineId } = entry;
  if (typeof pipelineId !== "number") throw unexpected("the list of stages");
  return { id: idOf(entry, "stages"), name: textOf(entry["name"]) ?? "", pipelineId };
}

function userOf(entry: JsonObject): AccountUser {
  return { id: idOf(entry, "users"), name: textOf(entry["name"]) ?? "", email: textOf(entry["email"]) ?? null };
}

function idOf(entry: JsonObject, list: string): number {
  const { id } = entry;
  if (typeof id !== "number") throw unexpected(`the list of ${list}`);
  return id;
}

function objectsOf(data: Json | undefined, path: string): JsonObject[] {
  if (data === null) return [];
  if (!Array.isArray(data)) throw unexpected(path);
  return data.map((entry) => {
    const object = objectOf(entry);
    if (object === undefined) throw unexpected(path);
    return object;
  });
}

function objectOf(json: Json | undefined): JsonObject | undefined {
  return json !== null && typeof json === "object" && !Array.isArray(json) ? json : undefined;
}

/** A whole number, also where it comes as text, as webhooks write this one. */
function numberOf(json: Json | undefined): number | null {
  const number = typeof json === "string" && /^\d{1,15}$/.test(json) ? Number(json) : json;
  return typeof number === "number" && Number.isSafeInteger(number) ? number : null;
}

function textOf(json: Json | undefined): string | undefined {
  return typeof json === "string" && json !== "" ? json : undefined;
}

function unexpected(where: string): Failure {
  return new Failure("run", `Pipedrive answered ${where} in a shape that is not known.`, {
    hint: "Is company_url right? If it is, the API has changed and a newer version of pipedrive-planhat may know how.",
    remedy: "report",
  });
}
