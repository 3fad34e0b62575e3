import { Hono } from "hono";
import type { Json, JsonObject } from "../../mapping/value.ts";
import { isObject } from "../../mapping/value.ts";
import { fromInstant } from "../account/instant.ts";
import type { Entry } from "../store/entry.ts";
import type { SortField } from "../store/listing.ts";
import type { Store } from "../store/store.ts";
import { answerList, answerOne } from "./answer.ts";
import { refusedByV1 } from "./api-error.ts";
import { renderNote } from "./note-summaries.ts";
import { readBody } from "./record-routes.ts";

/** Characters of the longest note that the API accepts. The changelog of 2023 says about 100 KB. */
const longestContent = 100_000;
const parents = ["deal_id", "person_id", "org_id", "lead_id"];

/** Serves notes as API v1 does (mounted at /v1 and /api/v1). Unknown query parameters are ignored, as in v1. */
export function noteRoutes(store: Store): Hono {
  const routes = new Hono();
  routes.get("/notes", (context) => listNotes(store, new URL(context.req.url).searchParams));
  routes.get("/notes/:id", (context) => answerOne(renderNote(store, reach(store, context.req.param("id")))));
  routes.post("/notes", async (context) => {
    const body = checkNote(store, await readBody(context.req.raw));
    if (typeof body["content"] !== "string") throw refusedByV1(400, "content is required");
    if (!parents.some((key) => (body[key] ?? null) !== null)) {
      throw refusedByV1(400, "One of deal_id, person_id, org_id, lead_id, project_id, task_id is required");
    }
    const note = store.create("notes", body, "api");
    return answerOne(renderNote(store, store.collections.notes.get(note["id"] as number) as Entry), {}, 201);
  });
  routes.put("/notes/:id", async (context) => {
    const entry = reach(store, context.req.param("id"));
    if (entry.deleted) throw refusedByV1(410, "Note is deleted");
    store.update("notes", entry.id, checkNote(store, await readBody(context.req.raw)), "api");
    return answerOne(renderNote(store, store.collections.notes.get(entry.id) as Entry));
  });
  routes.delete("/notes/:id", (context) => {
    const entry = reach(store, context.req.param("id"));
    if (entry.deleted) throw refusedByV1(410, "Note is already deleted");
    store.delete("notes", entry.id, "api");
    return answerOne(true);
  });
  return routes;
}

function listNotes(store: Store, search: URLSearchParams): Response {
  const start = readNumber(search, "start", 0);
  const limit = Math.min(readNumber(search, "limit", 100), 500);
  const since = search.get("updated_since");
  const updatedSince = since === null ? undefined : fromInstant(since);
  if (since !== null && updatedSince === undefined) throw refusedByV1(400, "updated_since is not a valid datetime");
  const filters = (
    [
      ["owner", "user_id"],
      ["deal", "deal_id"],
      ["person", "person_id"],
      ["organization", "org_id"],
    ] as const
  ).flatMap(([fact, key]) => (search.has(key) ? [{ fact, id: readNumber(search, key, 0) }] : []));
  const found = store.collections.notes.listed.walk({
    ...readSort(search.get("sort")),
    updatedSince,
    matches: (entry) => filters.every(({ fact, id }) => entry[fact] === id),
    limit: start + limit + 1,
  });
  const page = found.slice(start, start + limit);
  const more = found.length > start + limit;
  return answerList(
    page.map((entry) => renderNote(store, entry)),
    {
      additional_data: {
        pagination: {
          start,
          limit,
          more_items_in_collection: more,
          ...(more ? { next_start: start + limit } : {}),
        },
      },
    },
  );
}

function readNumber(search: URLSearchParams, name: string, fallback: number): number {
  const text = search.get(name);
  if (text === null) return fallback;
  if (!/^\d{1,15}$/.test(text)) throw refusedByV1(400, `${name} must be a whole number`);
  return Number(text);
}

/** Parses `update_time ASC`: only the first field counts, equal values are ordered by id. */
function readSort(sort: string | null): { sortBy: SortField; descending: boolean } {
  const [field = "id", direction = "ASC"] = (sort ?? "id").split(",")[0]!.trim().split(/\s+/);
  if (field !== "id" && field !== "update_time" && field !== "add_time") {
    throw refusedByV1(400, `The sandbox sorts notes by id, update_time and add_time, not by '${field}'`);
  }
  return { sortBy: field, descending: direction.toUpperCase() === "DESC" };
}

function reach(store: Store, id: string): Entry {
  const entry = store.collections.notes.get(Number(id));
  const hiddenBehind = store.collections.notes.hiddenBehind(Number(id));
  if (hiddenBehind === 403) throw refusedByV1(403, "You do not have permission to see this note");
  if (entry === undefined || hiddenBehind === 404) throw refusedByV1(404, "Note not found");
  return entry;
}

const writableKeys = ["content", "lead_id", "deal_id", "person_id", "org_id", "user_id", "add_time"];

function checkNote(store: Store, body: Json): JsonObject {
  if (!isObject(body)) throw refusedByV1(400, "Request body must be a JSON object");
  const { content } = body;
  if (content !== undefined && typeof content !== "string") throw refusedByV1(400, "content must be a string");
  if (typeof content === "string" && Buffer.byteLength(content) > longestContent) {
    throw refusedByV1(413, `content is longer than ${longestContent} bytes`);
  }
  for (const [key, stream] of [
    ["deal_id", "deals"],
    ["person_id", "persons"],
    ["org_id", "organizations"],
  ] as const) {
    const id = body[key] ?? null;
    const parent = id === null ? null : store.collections[stream].get(Number(id));
    if (parent === undefined || parent?.deleted) throw refusedByV1(404, `${key}: no such record`);
  }
  // v1 ignores unknown keys, and accepts 1 and 0 for flags.
  return Object.fromEntries(
    Object.entries(body).flatMap(([key, value]) => {
      if (writableKeys.includes(key)) return [[key, value]];
      return /^pinned_to_\w+_flag$/.test(key) ? [[key, value === true || value === 1 || value === "1"]] : [];
    }),
  );
}
