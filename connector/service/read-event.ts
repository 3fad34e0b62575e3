import type { Json, JsonObject } from "../mapping/value.ts";
import type { StreamName } from "../stream-name.ts";
import type { EventHint } from "./jobs.ts";

/** The words of webhooks for the streams' records. */
const streamOf: Readonly<Record<string, StreamName>> = {
  organization: "organizations",
  person: "persons",
  deal: "deals",
  note: "notes",
};

/**
 * What a delivery says, as hints: version 2.0 (`meta.entity`, `meta.entity_id`, `meta.action`) and version 1.0
 * (`meta.object`, `meta.id`, `meta.action`). A merge names two records: the one that is gone and the one that stays
 * (`merged_to_id`, `merged_from_id`). Nothing else of a payload is believed or kept. Empty for records that are no
 * stream's; undefined for what is no delivery of Pipedrive (guide for webhooks v2; webhooks v2 migration guide).
 */
export function readEvent(payload: Json): EventHint[] | undefined {
  if (!isObject(payload) || !isObject(payload["meta"])) return undefined;
  const { meta } = payload;
  const entity = meta["entity"] ?? meta["object"];
  const action = meta["action"];
  const id = idOf(meta["entity_id"] ?? meta["id"]);
  if (typeof entity !== "string" || typeof action !== "string") return undefined;
  const stream = Object.hasOwn(streamOf, entity) ? streamOf[entity] : undefined;
  if (stream === undefined) return [];
  if (id === undefined) return undefined;
  const hints: EventHint[] = [{ stream, id, deleted: /^delete/.test(action) }];
  const winner = idOf(meta["merged_to_id"]);
  const loser = idOf(meta["merged_from_id"]);
  if (winner !== undefined) hints.push({ stream, id: winner, deleted: false });
  if (loser !== undefined) hints.push({ stream, id: loser, deleted: true });
  return hints;
}

/** Ids in `meta` are texts in version 2.0 and numbers in version 1.0. */
function idOf(value: Json | undefined): number | undefined {
  const text = typeof value === "number" ? String(value) : value;
  return typeof text === "string" && /^[1-9]\d{0,14}$/.test(text) ? Number(text) : undefined;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
