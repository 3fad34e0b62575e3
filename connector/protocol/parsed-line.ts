import type { Json, JsonObject } from "../mapping/value.ts";
import { deepestNesting } from "../nesting.ts";

/** A line's JSON object, or why it is none. */
export function parsedLine(line: string): { message: JsonObject } | { fault: string } {
  let parsed: Json;
  try {
    parsed = JSON.parse(line) as Json;
  } catch (error) {
    return { fault: `it is not JSON (${(error as Error).message})` };
  }
  return isObject(parsed) ? { message: parsed } : { fault: "it is no JSON object" };
}

/** Why a message that is nested too deep is none, as a sentence without its full stop. */
export const tooDeepMessage = `it is nested more than ${deepestNesting} levels deep`;

/** True for a JSON object. */
export function isObject(json: Json | undefined): json is JsonObject {
  return json !== null && typeof json === "object" && !Array.isArray(json);
}
