import { dayOf } from "../../mapping/day.ts";
import { decimalOf, decimalText } from "../../mapping/decimal.ts";
import type { Json } from "../../mapping/value.ts";

/**
 * Returns true if two values only look different (contract, section 5): `"1"` and 1, a day and its first instant, null
 * and `""`. The order of keys does not matter, nor that of list elements, because lists of organizations are sets. Two
 * texts must be equal: `"0123"` is not `"123"`.
 */
export function sameMeaning(one: Json | undefined, other: Json | undefined): boolean {
  const [first, second] = [plain(one), plain(other)];
  if (first === second) return true;
  if (typeof first === "number" || typeof second === "number") {
    const [a, b] = [decimal(first), decimal(second)];
    return a !== undefined && a === b;
  }
  if (typeof first === "boolean" || typeof second === "boolean") return String(first) === String(second);
  if (typeof first === "string" && typeof second === "string") {
    const [a, b] = [firstInstantOf(first), firstInstantOf(second)];
    return a !== undefined && a === b;
  }
  if (first === null || second === null) return false;
  if (Array.isArray(first) || Array.isArray(second)) return sameElements(listOf(first), listOf(second));
  if (typeof first !== "object" || typeof second !== "object") return false;
  const keys = new Set([...Object.keys(first), ...Object.keys(second)]);
  return [...keys].every((key) => sameMeaning(first[key], second[key]));
}

/** Returns null for all forms of an empty value. */
function plain(value: Json | undefined): Json {
  if (value === undefined || value === null || value === "") return null;
  return typeof value === "object" && Object.keys(value).length === 0 ? null : value;
}

function decimal(value: Json): string | undefined {
  const read = typeof value === "number" || typeof value === "string" ? decimalOf(value) : undefined;
  return read === undefined ? undefined : decimalText(read);
}

/** Returns the day in a text, written alone or as its first instant in UTC. */
function firstInstantOf(text: string): string | undefined {
  return /^\d{4}-\d\d-\d\d(T00:00:00(\.0+)?Z)?$/.test(text) ? dayOf(text) : undefined;
}

function listOf(value: Exclude<Json, null>): Json[] {
  return Array.isArray(value) ? value : [value];
}

function sameElements(one: readonly Json[], other: readonly Json[]): boolean {
  if (one.length !== other.length) return false;
  const left = [...other];
  return one.every((element) => {
    const index = left.findIndex((candidate) => sameMeaning(element, candidate));
    if (index !== -1) left.splice(index, 1);
    return index !== -1;
  });
}
