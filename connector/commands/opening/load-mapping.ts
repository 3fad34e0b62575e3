import type { AccountCatalog } from "../../account-catalog.ts";
import type { Config } from "../../config/config.ts";
import { type MappingFile, readMappingFiles } from "../../config/read-mapping-files.ts";
import { Failure } from "../../failure.ts";
import { checkMapping } from "../../mapping/check/check-mapping.ts";
import { withEnds } from "../../mapping/check/mapping-marks.ts";
import type { CompiledMapping } from "../../mapping/compiled-mapping.ts";
import { sha256 } from "../../mapping/fingerprint.ts";
import type { PassedWord } from "../../mapping/word-binder.ts";
import { modelCatalog } from "../../planhat/models.ts";
import { renderProblems } from "../../problem.ts";
import { counted } from "../../text/counted.ts";

/** The mapping's settings in a config: the folder, and the treatment of lost deals. */
export type MappingConfig = Pick<Config, "mappings"> & Partial<Pick<Config, "when_lost">>;

/**
 * Reads and compiles the mapping files of a config; with the account's catalog it checks labels and pipelines too.
 * Throws a Failure of kind `usage` that shows every problem with its file, line and column. Warnings go to `warn`.
 * `agrees` returns whether a word that passed from one option to another means the other from now on.
 */
export function loadMapping(
  config: MappingConfig,
  catalog: AccountCatalog | undefined,
  warn: (message: string) => void,
  agrees: (passed: PassedWord) => boolean = () => false,
): CompiledMapping {
  const files = readMappingFiles(config.mappings);
  const { problems, mapping } = checkMapping(files, {
    ...(catalog === undefined ? {} : { catalog }),
    models: modelCatalog,
    agrees,
  });
  const errors = problems.filter(({ severity }) => severity === "error");
  if (mapping === undefined || errors.length > 0) {
    throw new Failure(
      "usage",
      `The mapping has ${counted(errors.length, "problem")}.\n\n${renderProblems(problems, sourcesOf(files))}`,
    );
  }
  for (const warning of problems) warn(renderProblems([warning], sourcesOf(files)));
  return config.when_lost === "end" ? endingLost(mapping) : mapping;
}

/** Adds `when_lost: end` to a mapping and its fingerprint: when the setting changes, everything is mapped again. */
function endingLost(mapping: CompiledMapping): CompiledMapping {
  const fingerprint = sha256(`${mapping.fingerprint} when_lost: end`);
  return { ...mapping, deals: { ...mapping.deals, whenLost: "end" }, fingerprint, marks: withEnds(mapping.marks) };
}

function sourcesOf(files: readonly MappingFile[]): Map<string, string> {
  return new Map(files.map(({ name, text }) => [name, text]));
}
