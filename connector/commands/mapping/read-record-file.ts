import { Failure } from "../../failure.ts";
import type { Json, JsonObject } from "../../mapping/value.ts";
import { type Decoded, decode } from "../../pipedrive/records/decode.ts";
import { readRegularFile, UnreadableFile } from "../../read-regular-file.ts";
import type { StreamName } from "../../stream-name.ts";

/** Bytes of the largest accepted file: the largest page of 500 records has fewer. */
const largest = 64_000_000;

/**
 * Reads a record from a JSON file: the record itself, or the API's whole answer with the record in `data`. Throws a
 * Failure of kind `usage` if the file cannot be read or holds anything else.
 */
export function readRecordFile(stream: StreamName, file: string): Decoded {
  const text = readText(file);
  const value = parse(file, text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Failure("usage", `${file} holds no JSON object, and a record is one.`);
  }
  const { data } = value;
  const isAnswer = typeof data === "object" && data !== null;
  // Wrap a bare record into an answer, digits and all, because `decode` expects one.
  const answer = isAnswer ? { body: value, text } : { body: { data: value } as JsonObject, text: `{"data":${text}}` };
  return decode(stream, answer);
}

function readText(file: string): string {
  try {
    return readRegularFile(file, largest);
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    if (error.code !== "ENOENT") throw new Failure("usage", `The record file ${file} ${error.reason}.`);
    throw new Failure("usage", `${file} is neither the id of a record nor a file.`, {
      hint: "Give the record's id in Pipedrive, a whole number, or a JSON file that holds the record.",
    });
  }
}

function parse(file: string, text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new Failure("usage", `${file} is not valid JSON: ${(error as Error).message}.`);
  }
}
