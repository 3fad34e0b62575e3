import type { Json, JsonObject } from "../mapping/value.ts";
import { isObject } from "../mapping/value.ts";
import { deepestNesting } from "../text/nesting.ts";
import { jsonFault } from "./json-fault.ts";

/** Parses a line as a JSON object, or returns the fault. */
export function parsedLine(line: string): { message: JsonObject } | { fault: string } {
  let parsed: Json;
  try {
    parsed = JSON.parse(line) as Json;
  } catch (error) {
    return { fault: `it is not JSON (${jsonFault(error)})` };
  }
  return isObject(parsed) ? { message: parsed } : { fault: "it is not a JSON object" };
}

/** The fault of a message that is nested too deep, as a sentence without its full stop. */
export const tooDeepMessage = `it is nested more than ${deepestNesting} levels deep`;
