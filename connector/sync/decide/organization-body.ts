import type { FieldInverse } from "../../mapping/compiled-mapping.ts";
import type { Json, JsonObject } from "../../mapping/value.ts";
import { sameMeaning } from "./same-meaning.ts";

/** What an organization holds where a field goes back to: the whole field, or the part of it. */
export function heldBy(record: JsonObject, { key, custom, part }: FieldInverse): Json {
  const block = custom ? record["custom_fields"] : record;
  const whole = isObject(block) ? own(block, key) : null;
  if (part === undefined) return whole;
  return isObject(whole) ? own(whole, part) : null;
}

/**
 * The body of a PATCH, or of a POST where `record` is empty, that is put together field by field. An address, money or
 * range is sent as a whole, because Pipedrive clears the parts that are left out (API v2 migration guide): the others
 * are as the record has them.
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

  /** Adds a field. Returns why it cannot be: another field goes to the same place with another value. */
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

/** Pipedrive makes `formatted_address` from the others; money and ranges have no value without their first part. */
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

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
