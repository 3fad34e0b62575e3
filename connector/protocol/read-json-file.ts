import { Failure } from "../failure.ts";
import type { Json } from "../mapping/value.ts";
import { readFileOrPipe, UnreadableFile } from "../read-regular-file.ts";
import { jsonFault } from "./json-fault.ts";

/** Bytes, above any real catalog: one of four streams with all their fields takes a tenth of a megabyte. */
const largest = 64_000_000;

/** Reads the JSON file of an option (`catalog`, `state`). Throws a Failure of kind `usage` with the fault. */
export function readJsonFile(file: string, option: "catalog" | "state"): Json {
  const text = readText(file, option);
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw noJson(file, option, error);
  }
}

/**
 * Reads the JSON file of `--state`: one document, or one on each line, as a destination prints its states. Throws a
 * Failure of kind `usage` with the fault.
 */
export function readStateFile(file: string): Json[] {
  const text = readText(file, "state");
  try {
    return [JSON.parse(text) as Json];
  } catch (error) {
    try {
      const lines = text.split("\n").filter((line) => line.trim() !== "");
      if (lines.length > 1) return lines.map((line) => JSON.parse(line) as Json);
    } catch {
      // It is neither form: the error below reports it.
    }
    throw noJson(file, "state", error);
  }
}

function readText(file: string, option: "catalog" | "state"): string {
  try {
    return readFileOrPipe(file, largest);
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    throw new Failure("usage", `The ${option} file ${file} ${error.reason}.`, {
      hint: `Name it with --${option} <file>.`,
    });
  }
}

function noJson(file: string, option: "catalog" | "state", error: unknown): Failure {
  return new Failure("usage", `The ${option} file ${file} is not JSON: ${jsonFault(error)}.`, {
    hint: option === "state" ? "It holds one JSON document, or one on each line." : "It holds one JSON document.",
  });
}
