import type {
  AccountCatalog,
  AccountField,
  AccountPipeline,
  AccountStage,
  AccountUser,
  FieldOption,
} from "../../account-catalog.ts";
import { Failure } from "../../failure.ts";
import type { Json, JsonObject } from "../../mapping/value.ts";
import type { Client } from "../client/client.ts";
import { additionalData, pageSize, stuck } from "../lists/list-page.ts";
import { WalkProgress } from "../lists/walk-progress.ts";
import { rememberDefinitions } from "./remember-definitions.ts";

/** The owner of a token: its user and company. */
export interface Account {
  user: { name: string; email: string | null; isAdmin: boolean };
  /** The permanent id of the account; null if Pipedrive does not send it. */
  companyId: number | null;
  companyName: string;
  companyDomain: string | null;
}

/**
 * Reads the token's user and company (API v1 `GET /v1/users/me`, 2 tokens): the natural first request. It also sets the
 * client's company sub-domain, whatever host the requests go to.
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

/** Returns true for an administrator. Otherwise entries of `access` are missing, not false (seen on real accounts). */
function isAdmin(me: JsonObject): boolean {
  const access = Array.isArray(me["access"]) ? me["access"].map(objectOf) : [];
  const isSet = (flag: Json | undefined) => flag === true || flag === 1;
  return isSet(me["is_admin"]) || access.some((entry) => entry !== undefined && isSet(entry["admin"]));
}

/**
 * Reads the account's definitions (6 requests, more if it has over 500 fields of a kind). Definitions of `previous`
 * that the account no longer has are kept as gone, and so are former labels. So old records still read, and words keep
 * their meaning.
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

/**
 * Reads all entries of a v2 list by its cursors. An entry that comes twice, because the list has moved, counts once.
 */
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

/** Reads all users, also those who left: records still name them. The list has no pages (openapi-v1.yaml). */
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

/** Renames keys: personFields lists `email` and `phone`, records hold `emails` and `phones` (Pipedrive API v2). */
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

/** Returns a whole number, also one sent as text, as webhooks write this one. */
function numberOf(json: Json | undefined): number | null {
  const number = typeof json === "string" && /^\d{1,15}$/.test(json) ? Number(json) : json;
  return typeof number === "number" && Number.isSafeInteger(number) ? number : null;
}

function textOf(json: Json | undefined): string | undefined {
  return typeof json === "string" && json !== "" ? json : undefined;
}

function unexpected(where: string): Failure {
  return new Failure("run", `Pipedrive answered ${where} in an unknown shape.`, {
    hint: "Check company_url. If it is right, the API has changed: try a newer version of pipedrive-planhat.",
    remedy: "report",
  });
}
