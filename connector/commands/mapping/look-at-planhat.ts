import type { Config } from "../../config/config.ts";
import { readMappingFiles } from "../../config/read-mapping-files.ts";
import { Failure } from "../../failure.ts";
import { checkMapping, type FieldLineage, type MappingFile } from "../../mapping/check/check-mapping.ts";
import { revenueKindOf } from "../../model-name.ts";
import type { CustomFieldNames } from "../../planhat/custom-fields.ts";
import { modelPaths } from "../../planhat/model-paths.ts";
import { modelCatalog } from "../../planhat/models.ts";
import { type Problem, renderProblems } from "../../problem.ts";
import { alikeLabels, withUnseen } from "../../text/label-text.ts";
import { didYouMean, nearestWord } from "../../text/nearest-word.ts";

/** Planhat's answer about the custom fields that a mapping names. */
export interface PlanhatVerdict {
  problems: Problem[];
  /**
   * The reason why Planhat was not queried, as a sentence with a hint; undefined if it was, or if there was nothing to
   * check.
   */
  note?: string;
}

const prefix = "custom.";

/**
 * Finds mapped custom fields that Planhat does not know. It is queried only if its API is configured and a custom field
 * is mapped in a direction other than `none`.
 */
export async function lookAtPlanhat(
  access: Config["planhat"],
  lineage: readonly FieldLineage[],
): Promise<PlanhatVerdict> {
  if (access === undefined || !lineage.some(isMappedCustom)) return { problems: [] };
  try {
    const { readCustomFieldNames } = await import("../../planhat/custom-fields.ts");
    const { createPlanhatClient } = await import("../../planhat/client.ts");
    // One try: a user waits for the answer, and the rest of the check is useful without it.
    const client = createPlanhatClient(access, { patience: { tries: 1, silence: 30_000 } });
    return { problems: unknownCustomFields(lineage, await readCustomFieldNames(client)) };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const way = error.hint === undefined ? "" : ` ${error.hint}`;
    return {
      problems: [],
      note: `Not checked against Planhat: ${error.message}${way} Names of its custom fields were taken on trust.`,
    };
  }
}

/**
 * Finds out whether the tenant has the revenue models of the mapping; no tenant has both kinds. It is queried only if
 * its API is configured and the mapping fills such a model. A sync needs no such check: what the tenant lacks waits.
 */
export async function lookAtModels(
  access: Config["planhat"],
  lineage: readonly FieldLineage[],
): Promise<PlanhatVerdict> {
  const mapped = lineage.filter(({ model, direction }) => revenueKindOf(model) !== undefined && direction !== "none");
  const [first] = mapped;
  if (access === undefined || first === undefined) return { problems: [] };
  try {
    const { createPlanhatClient } = await import("../../planhat/client.ts");
    const { findKind, ofOtherKind } = await import("../../planhat/rights.ts");
    const client = createPlanhatClient(access, { patience: { tries: 1, silence: 30_000 } });
    const kind = await findKind(client);
    if (kind === undefined || kind === revenueKindOf(first.model)) return { problems: [] };
    const things = [...new Set(mapped.map(({ model }) => modelPaths[model].things))].join(" and ");
    const { message, hint } = ofOtherKind(client, kind, things);
    const { file, line, column } = first;
    return { problems: [{ severity: "error", file, line, column, message, ...(hint === undefined ? {} : { hint }) }] };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { problems: [], note: `Not checked which revenue models Planhat has: ${error.message}` };
  }
}

/**
 * Checks the custom fields of the current mapping files against Planhat. Throws a Failure (usage) that shows the
 * missing ones. Returns the reason if Planhat could not be queried.
 */
export async function refuseWhatPlanhatLacks({ mappings, planhat, hash_key }: Config): Promise<string | undefined> {
  const files = readMappingFiles(mappings);
  const { problems, note } = await lookAtPlanhat(planhat, lineageOf(files, hash_key));
  refuse(files, problems);
  return note;
}

/** Throws a Failure (usage) that shows mapped custom fields missing from the known ones of Planhat. */
export function refuseUnknownFields({ mappings, hash_key }: Config, known: CustomFieldNames): void {
  const files = readMappingFiles(mappings);
  refuse(files, unknownCustomFields(lineageOf(files, hash_key), known));
}

function lineageOf(files: readonly MappingFile[], hashKey: string | undefined): FieldLineage[] {
  return checkMapping(files, { models: modelCatalog, hashKey }).lineage;
}

function refuse(files: readonly MappingFile[], problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  const count = problems.length === 1 ? "a custom field" : `${problems.length} custom fields`;
  const sources = new Map(files.map(({ name, text }) => [name, text]));
  throw new Failure(
    "usage",
    `The mapping names ${count} that Planhat does not have; nothing was started.\n\n${renderProblems(problems, sources)}`,
  );
}

function isMappedCustom({ field, direction }: FieldLineage): boolean {
  return field.startsWith(prefix) && direction !== "none";
}

/** Returns an error for each mapped custom field that Planhat does not know, with the nearest name. */
function unknownCustomFields(lineage: readonly FieldLineage[], known: CustomFieldNames): Problem[] {
  return lineage.filter(isMappedCustom).flatMap(({ file, line, column, model, field }): Problem[] => {
    const name = field.slice(prefix.length);
    const names = known[model];
    const alike = alikeLabels(names, name);
    if (alike.length === 1) return [];
    if (alike.length > 1) {
      const listed = alike.map((known) => `\`${withUnseen(known)}\``).join(" and ");
      const message = `Planhat's ${model} has ${alike.length} custom fields that look like \`${name}\`: ${listed}.`;
      const hint = "Rename one of them in Planhat, so that users can distinguish them.";
      return [{ severity: "error", file, line, column, message, hint }];
    }
    const near = nearestWord(name, names);
    return [
      {
        severity: "error",
        file,
        line,
        column,
        message: `Planhat's ${model} has no custom field \`${name}\`; Planhat accepts values for it, and shows them nowhere.`,
        hint:
          near === undefined
            ? `Make the custom field in Planhat, spelled as here${names.size === 0 ? `; it has none for ${model} yet` : ""}.`
            : `${didYouMean(name, near, `\`${prefix}${near}\``)} Capitals and emoji count.`,
      },
    ];
  });
}
