import { type Outcome, rejected, shown } from "../outcome.ts";
import { EMPTY, type Json, type JsonObject, NULL, present, toValue, type Value } from "../value.ts";

/** Reads any JSON unchanged. */
export function readAny(raw: Json | undefined): Value {
  return toValue(raw);
}

/** Reads a text, number or boolean; rejects an object or list, which is an undocumented shape here. */
export function readPlain(raw: Json | undefined): Outcome {
  if (raw === undefined || raw === "") return EMPTY;
  if (raw === null) return NULL;
  if (typeof raw !== "object") return present(raw);
  const value = toValue(raw);
  return value.state === "present" ? rejected(`${shown(raw)} is an unknown shape for this field`) : value;
}

/** Reads an object with parts, whole. */
export function readWhole(raw: Json | undefined): Outcome {
  return toValue(raw);
}

/** Reads the id of another object: a plain id in API v2, `{id}` or `{value}` in v1. */
export function readReference(raw: Json | undefined): Outcome {
  if (typeof raw === "number") return present(raw);
  const value = toValue(raw);
  if (value.state !== "present" || typeof value.value !== "object") return value;
  if (Array.isArray(value.value)) return rejected(`${shown(raw)} is not an id`);
  const id = value.value["id"] ?? value.value["value"];
  return typeof id === "number" || typeof id === "string" ? present(id) : rejected(`${shown(raw)} holds no id`);
}

/**
 * Reads a part of an address, money, range or time. In API v1 the field holds `value`, and `<key>_<part>` the other
 * parts.
 */
export function readPart(key: string, part: string): (raw: Json | undefined, owner: JsonObject) => Outcome {
  const beside = `${key}_${part}`;
  return (raw, owner) => {
    if (raw === null) return NULL;
    if (raw === undefined || raw === "") return EMPTY;
    if (typeof raw === "object") {
      return Array.isArray(raw)
        ? rejected(`${shown(raw)} is an unknown shape for this field`)
        : readPlain(Object.hasOwn(raw, part) ? raw[part] : undefined);
    }
    if (part === "value") return present(raw);
    return readPlain(Object.hasOwn(owner, beside) ? owner[beside] : undefined);
  };
}
