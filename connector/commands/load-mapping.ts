import type { AccountCatalog } from "../account-catalog.ts";
import { type MappingFile, readMappingFiles } from "../config/read-mapping-files.ts";
import { counted } from "../counted.ts";
import { Failure } from "../failure.ts";
import { checkMapping } from "../mapping/check-mapping.ts";
import type { CompiledMapping } from "../mapping/compiled-mapping.ts";
import { modelCatalog } from "../planhat/models.ts";
import { renderProblems } from "../problem.ts";

/**
 * Reads and compiles the mapping files of a folder; with the account's catalog, labels and pipelines are checked too.
 * Throws a Failure of kind `usage` that shows every problem with its file, line and column. Warnings go to `warn`.
 */
export function loadMapping(
  folder: string,
  catalog: AccountCatalog | undefined,
  warn: (message: string) => void,
): CompiledMapping {
  const files = readMappingFiles(folder);
  const { problems, mapping } = checkMapping(files, {
    ...(catalog === undefined ? {} : { catalog }),
    models: modelCatalog,
  });
  const errors = problems.filter(({ severity }) => severity === "error");
  if (mapping === undefined || errors.length > 0) {
    throw new Failure(
      "usage",
      `The mapping has ${counted(errors.length, "problem")}.\n\n${renderProblems(problems, sourcesOf(files))}`,
    );
  }
  for (const warning of problems) warn(renderProblems([warning], sourcesOf(files)));
  return mapping;
}

function sourcesOf(files: readonly MappingFile[]): Map<string, string> {
  return new Map(files.map(({ name, text }) => [name, text]));
}
