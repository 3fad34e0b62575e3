import type { Json, JsonObject } from "../mapping/value.ts";

/** The result of one bulk upsert, item by item. */
export interface UpsertOutcome {
  /**
   * Accepted items by place, with the `_id` if the answer gives it, and whether they were created. An item sent with an
   * `_id` that the answer does not repeat may have been skipped, or created a second time.
   */
  accepted: Map<number, { id: string | undefined; created: boolean }>;
  /** Rejected items by place, with Planhat's reason. */
  refused: Map<number, string>;
  /** Items that the answer does not mention: rejected by an unnamed error, or silently dropped. */
  unclear: number[];
  /** The reasons that name no item. */
  unnamed: string[];
  created: number;
  updated: number;
  /** The number of items that Planhat reports as unchanged. */
  unchanged: number;
}

const keyNames = ["_id", "sourceId", "externalId"] as const;

/**
 * Reads the answer to a bulk upsert: which items were accepted, rejected or silently dropped (Planhat API, bulk
 * upsert). Nothing undocumented is assumed. Any key that ends in `Errors` holds errors. An error may be a text or an
 * object that names its item by a key. Written objects may be listed by all their keys, by `_id` alone or not at all;
 * then the counts decide.
 */
export function readOutcome(items: readonly JsonObject[], answer: JsonObject): UpsertOutcome {
  const places = placesByKey(items);
  const outcome: UpsertOutcome = {
    accepted: new Map(),
    refused: new Map(),
    unclear: [],
    unnamed: [],
    created: count(answer["created"]),
    updated: count(answer["updated"]),
    unchanged: count(answer["nonupdates"]),
  };
  for (const [name, list] of Object.entries(answer)) {
    if (!name.endsWith("Errors") || !Array.isArray(list)) continue;
    for (const error of list) {
      const place = placeOfError(error, places);
      if (place === undefined) outcome.unnamed.push(reasonOf(error));
      else outcome.refused.set(place, reasonOf(error));
    }
  }
  for (const name of ["insertsKeys", "updatesKeys"]) {
    const list = answer[name];
    for (const keys of Array.isArray(list) ? list : []) {
      const place = placeOf(keys, places);
      if (place === undefined || outcome.refused.has(place)) continue;
      const { _id } = keys as JsonObject;
      outcome.accepted.set(place, { id: typeof _id === "string" ? _id : undefined, created: name === "insertsKeys" });
    }
  }
  const written = outcome.created + outcome.updated + outcome.unchanged;
  const allWritten = outcome.unnamed.length === 0 && written >= items.length - outcome.refused.size;
  items.forEach((_item, place) => {
    if (outcome.accepted.has(place) || outcome.refused.has(place)) return;
    if (allWritten) outcome.accepted.set(place, { id: undefined, created: false });
    else outcome.unclear.push(place);
  });
  return outcome;
}

function placesByKey(items: readonly JsonObject[]): Map<string, number> {
  const places = new Map<string, number>();
  items.forEach((item, place) => {
    for (const name of keyNames) if (typeof item[name] === "string") places.set(`${name} ${item[name]}`, place);
  });
  return places;
}

function placeOf(keys: Json, places: ReadonlyMap<string, number>): number | undefined {
  if (keys === null || typeof keys !== "object" || Array.isArray(keys)) return undefined;
  for (const name of keyNames) {
    const place = typeof keys[name] === "string" ? places.get(`${name} ${keys[name]}`) : undefined;
    if (place !== undefined) return place;
  }
  return undefined;
}

/** Returns the item of an error. The keys may stand in the error itself or in an object within it. */
function placeOfError(error: Json, places: ReadonlyMap<string, number>): number | undefined {
  const own = placeOf(error, places);
  if (own !== undefined || error === null || typeof error !== "object") return own;
  for (const part of Object.values(error)) {
    const place = placeOf(part as Json, places);
    if (place !== undefined) return place;
  }
  return undefined;
}

function reasonOf(error: Json): string {
  if (typeof error === "string") return shortened(error);
  if (error !== null && typeof error === "object" && !Array.isArray(error)) {
    for (const name of ["message", "error", "errorMessage", "reason", "msg"]) {
      const text = error[name];
      if (typeof text === "string" && text !== "") return shortened(text);
    }
  }
  return shortened(JSON.stringify(error));
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}

function count(value: Json | undefined): number {
  return typeof value === "number" && value >= 0 ? value : 0;
}
