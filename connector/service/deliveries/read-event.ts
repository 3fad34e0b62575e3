import type { Json, JsonObject } from "../../mapping/value.ts";
import { isObject } from "../../mapping/value.ts";
import type { StreamName } from "../../stream-name.ts";
import type { EventHint } from "../jobs/jobs.ts";

/** The streams by the object names of webhooks. */
const streamOf: Readonly<Record<string, StreamName>> = {
  organization: "organizations",
  person: "persons",
  deal: "deals",
  note: "notes",
};

/**
 * Reads the hints of a delivery, in version 2.0 (`meta.entity`, `meta.entity_id`, `meta.action`) and version 1.0
 * (`meta.object`, `meta.id`, `meta.action`). A merge names two records: the deleted one and the remaining one
 * (`merged_to_id`, `merged_from_id`). Nothing else of a payload is trusted or stored. Returns none for records of no
 * stream; undefined for a body that is not a delivery of Pipedrive (guide for webhooks v2; webhooks v2 migration
 * guide).
 */
export function readEvent(payload: Json): EventHint[] | undefined {
  if (!isObject(payload) || !isObject(payload["meta"])) return undefined;
  const { meta } = payload;
  const entity = meta["entity"] ?? meta["object"];
  const action = meta["action"];
  const id = idOf(meta["entity_id"] ?? meta["id"]);
  if (typeof entity !== "string" || typeof action !== "string") return undefined;
  if (entity === "deal_product") return hintsOfProduct(payload);
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

/** Returns a hint to the deal of a product. A deleted product names its deal in `previous`. */
function hintsOfProduct({ data = null, previous = null }: JsonObject): EventHint[] {
  const product = isObject(data) ? data : isObject(previous) ? previous : {};
  const id = idOf(product["deal_id"]);
  return id === undefined ? [] : [{ stream: "deal_products", id, deleted: false }];
}

/** Returns an id of `meta`: a text in version 2.0, a number in version 1.0. */
function idOf(value: Json | undefined): number | undefined {
  const text = typeof value === "number" ? String(value) : value;
  return typeof text === "string" && /^[1-9]\d{0,14}$/.test(text) ? Number(text) : undefined;
}
