import { word } from "../evaluate/condition.ts";
import type { Json, JsonObject } from "../value.ts";

/**
 * Returns true if two conditions, as written in a mapping file, plainly can hold for one record. That is so if they are
 * equal, or accept a common value of one field or a common pipeline. Conditions of other forms are never suspected.
 */
export function mayBothHold(one: Json | undefined, other: Json | undefined): boolean {
  const first = acceptedBy(one);
  const second = acceptedBy(other);
  if (first === undefined || second === undefined) {
    return one !== undefined && other !== undefined && word(one) === word(other);
  }
  if (first.field !== second.field) return false;
  if (first.words === "any" || second.words === "any") return true;
  return [...first.words].some((accepted) => (second.words as ReadonlySet<string>).has(accepted));
}

/** Returns the values of one field that a simple condition accepts; undefined for other conditions. */
function acceptedBy(condition: Json | undefined): { field: string; words: ReadonlySet<string> | "any" } | undefined {
  if (typeof condition !== "object" || condition === null || Array.isArray(condition)) return undefined;
  const { field, pipeline } = condition;
  // Braces keep the pipelines apart from a field labelled `pipeline`.
  if (pipeline !== undefined) return { field: "{pipeline}", words: wordsOf(pipeline) };
  if (typeof field !== "string") return undefined;
  const accepted = (condition as JsonObject)["is"] ?? condition["in"];
  if (accepted !== undefined) return { field, words: wordsOf(accepted) };
  return condition["present"] === true ? { field, words: "any" } : undefined;
}

function wordsOf(value: Json): Set<string> {
  return new Set((Array.isArray(value) ? value : [value]).map(word));
}
