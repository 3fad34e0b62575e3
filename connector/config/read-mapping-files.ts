import { readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { Failure } from "../failure.ts";
import type { MappingFile } from "../mapping/check/check-mapping.ts";
import { readRegularFile, UnreadableFile } from "../read-regular-file.ts";

/**
 * Reads every YAML file of the mappings folder, not of folders in it. Names are relative to the working folder if that
 * is shorter. Throws a Failure of kind `usage` if the folder or a file cannot be read, or if there is no YAML file.
 */
export function readMappingFiles(folder: string): MappingFile[] {
  const names = listFolder(folder)
    .filter((name) => /\.ya?ml$/i.test(name))
    .sort();
  if (names.length === 0) {
    throw new Failure("usage", `The mappings folder ${folder} has no YAML file.`, {
      hint: "It needs organizations.yaml, persons.yaml, notes.yaml or deals.yaml. Leave `mappings` out of the config to use the mapping the package ships.",
    });
  }
  return names.map((name) => {
    const file = join(folder, name);
    const fromHere = relative(process.cwd(), file);
    return {
      name: fromHere.length < file.length && !fromHere.startsWith("..") ? fromHere : file,
      text: readText(file),
    };
  });
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const reason =
      code === "ENOENT"
        ? "does not exist"
        : code === "ENOTDIR"
          ? "is a file, not a folder"
          : `cannot be read (${code})`;
    throw new Failure("usage", `The mappings folder ${folder} ${reason}.`, {
      hint: "`mappings` in the config names it, counted from the config file. Leave it out to use the mapping the package ships.",
    });
  }
}

/** Bytes, above any real mapping file: a larger one would take minutes to parse. */
const largest = 1_000_000;

function readText(file: string): string {
  try {
    return readRegularFile(file, largest);
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    throw new Failure("usage", `The mapping file ${file} ${error.reason}.`, {
      ...(error.reason.startsWith("has more") && { hint: "Check the path: a mapping has only a few hundred lines." }),
    });
  }
}
