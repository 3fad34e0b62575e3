import { readFileSync } from "node:fs";
import { Failure } from "../failure.ts";
import type { Json } from "../mapping/value.ts";

/** Reads the JSON file of an option (`catalog`, `state`). Throws a Failure of kind `usage` that says what is wrong. */
export function readJsonFile(file: string, option: "catalog" | "state"): Json {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const reason =
      code === "ENOENT" ? "does not exist" : code === "EISDIR" ? "is a folder" : `cannot be read (${code})`;
    throw new Failure("usage", `The ${option} file ${file} ${reason}.`, { hint: `Name it with --${option} <file>.` });
  }
  try {
    // Windows editors begin a file with a byte order mark, which JSON does not know.
    return JSON.parse(text.replace(/^\uFEFF/, "")) as Json;
  } catch (error) {
    throw new Failure("usage", `The ${option} file ${file} is not JSON: ${(error as Error).message}.`, {
      hint: "It holds one JSON document.",
    });
  }
}
