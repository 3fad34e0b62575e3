import type { FieldInverse } from "../../mapping/compiled-mapping.ts";
import type { Json, JsonObject } from "../../mapping/value.ts";
import { isObject } from "../../mapping/value.ts";
import { sameMeaning } from "./same-meaning.ts";

/** Returns an organization's value at the target of a field: the whole field, or the part of it. */
export function valueAt(record: JsonObject, { key, custom, part }: FieldInverse): Json {
  const block = custom ? record["custom_fields"] : record;
  const whole = isObject(block) ? own(block, key) : null;
  if (part === undefined) return whole;
  return isObject(whole) ? own(whole, part) : null;
}

/**
 * The body of a PATCH, or of a POST if `record` is empty, built field by field. An address, money or range is sent
 * whole, because Pipedrive clears missing parts (API v2 migration guide): the other parts come from the record.
 */
export class OrganizationBody {
  readonly json: JsonObject = {};
  readonly #record: JsonObject;
  readonly #placed = new Map<string, Json>();

  constructor(record: JsonObject) {
    this.#record = record;
  }

  get isEmpty(): boolean {
    return Object.keys(this.json).length === 0;
  }

  /** Adds a field. Returns the reason if it cannot: another field sends another value to the same place. */
  place(inverse: FieldInverse, value: Json): string | undefined {
    const { key, custom, part } = inverse;
    const place = JSON.stringify([key, custom, part ?? null]);
    const placed = this.#placed.get(place);
    if (placed !== undefined && !sameMeaning(placed, value)) {
      return "another field of the mapping sends another value to the same field of Pipedrive";
    }
    this.#placed.set(place, value);
    const block = custom ? this.#custom() : this.json;
    if (part === undefined) {
      block[key] = value;
      return undefined;
    }
    const before = Object.hasOwn(block, key)
      ? block[key]
      : own(custom ? this.#record["custom_fields"] : this.#record, key);
    block[key] = withPart(before, part, value);
    return undefined;
  }

  #custom(): JsonObject {
    const block = this.json["custom_fields"];
    if (isObject(block)) return block;
    const made: JsonObject = {};
    this.json["custom_fields"] = made;
    return made;
  }
}

/**
 * Sets a part. Pipedrive computes `formatted_address` from the others; money and ranges have no value without their
 * first part.
 */
function withPart(before: Json | undefined, part: string, value: Json): Json {
  const parts: [string, Json][] = [...Object.entries(isObject(before) ? before : {}), [part, value]];
  const after = Object.fromEntries(parts.filter(([name]) => name !== "formatted_address"));
  const kept = Object.entries(after).filter(([, content]) => content !== null);
  const isGone =
    kept.every(([, content]) => content === "") || (part === "value" && value === null && "currency" in after);
  return isGone ? null : Object.fromEntries(kept);
}

function own(block: Json | undefined, key: string): Json {
  return isObject(block) && Object.hasOwn(block, key) ? (block[key] ?? null) : null;
}
