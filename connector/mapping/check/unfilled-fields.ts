import type { Problem } from "../../problem.ts";
import type { FilledBy } from "../compile/compile-field.ts";
import { receives } from "../direction.ts";
import type { FieldLineage } from "./check-mapping.ts";

/** Returns the Pipedrive fields, each once, for which to check whether landed records fill them. */
export function fieldsToLookFor(lineage: readonly FieldLineage[]): FilledBy[] {
  const wanted = received(lineage).flatMap(({ filledBy }) => filledBy ?? []);
  return [...new Map(wanted.map((field) => [JSON.stringify(field), field])).values()];
}

/**
 * Warns of every received field that no landed record fills. `filled` reports that for one Pipedrive field. It is not
 * called for fields it cannot know, so that missing knowledge never becomes a warning.
 */
export function warnUnfilled(lineage: readonly FieldLineage[], filled: (field: FilledBy) => boolean): Problem[] {
  return received(lineage).flatMap(({ file, line, column, field, sources, filledBy, stream }): Problem[] => {
    if (filledBy === undefined || filledBy.some(filled)) return [];
    const names = sources.map((source) => `\`${source}\``).join(" and ");
    return [
      {
        severity: "warning",
        file,
        line,
        column,
        message: `No landed record of ${stream} has a value in ${names}, so nothing fills \`${field}\`.`,
        hint: "Check the field: `mapping fields` shows how often each is filled.",
      },
    ];
  });
}

function received(lineage: readonly FieldLineage[]): FieldLineage[] {
  return lineage.filter(({ direction }) => receives(direction));
}
