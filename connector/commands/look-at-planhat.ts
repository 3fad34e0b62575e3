import { Failure } from "../failure.ts";
import type { FieldLineage } from "../mapping/check-mapping.ts";
import { nearestWord } from "../nearest-word.ts";
import type { PlanhatAccess } from "../planhat/client.ts";
import type { CustomFieldNames } from "../planhat/custom-fields.ts";
import type { Problem } from "../problem.ts";

/** What Planhat says about the custom fields that a mapping names. */
export interface PlanhatVerdict {
  warnings: Problem[];
  /** Why Planhat could not be asked, as a sentence with the way out; undefined when it was, or had nothing to say. */
  note?: string;
}

const prefix = "custom.";

/**
 * Warns of mapped custom fields that Planhat does not know. It is asked only where its API is configured and a custom
 * field is mapped, in any direction but `none`.
 */
export async function lookAtPlanhat(
  access: PlanhatAccess | undefined,
  lineage: readonly FieldLineage[],
): Promise<PlanhatVerdict> {
  if (access === undefined || !lineage.some(isMappedCustom)) return { warnings: [] };
  try {
    const { readCustomFieldNames } = await import("../planhat/custom-fields.ts");
    const { createPlanhatClient } = await import("../planhat/client.ts");
    // People wait for the answer, and the check is worth something without it: one try.
    const client = createPlanhatClient(access, { patience: { tries: 1, silence: 30_000 } });
    return { warnings: unknownCustomFields(lineage, await readCustomFieldNames(client)) };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const way = error.hint === undefined ? "" : ` ${error.hint}`;
    return {
      warnings: [],
      note: `Not checked against Planhat: ${error.message}${way} Names of its custom fields were taken on trust.`,
    };
  }
}

function isMappedCustom({ field, direction }: FieldLineage): boolean {
  return field.startsWith(prefix) && direction !== "none";
}

/** A warning for each mapped custom field that Planhat does not know, with the nearest name. */
export function unknownCustomFields(lineage: readonly FieldLineage[], known: CustomFieldNames): Problem[] {
  return lineage.filter(isMappedCustom).flatMap(({ file, line, column, model, field }): Problem[] => {
    const name = field.slice(prefix.length);
    const names = known[model];
    if (names.has(name)) return [];
    const near = nearestWord(name, names);
    return [
      {
        severity: "warning",
        file,
        line,
        column,
        message: `Planhat's ${model} has no custom field \`${name}\`; Planhat takes values for it, and shows them nowhere.`,
        hint:
          near === undefined
            ? `Make the custom field in Planhat, spelled as here${names.size === 0 ? `; it has none for ${model} yet` : ""}.`
            : `Did you mean \`${prefix}${near}\`? Capitals and emoji count.`,
      },
    ];
  });
}
