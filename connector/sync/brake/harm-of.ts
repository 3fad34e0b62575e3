import type { Decision, FieldChange } from "../decision.ts";

/**
 * What a write does to what a row held: nothing that anybody would miss, harm, or harm where nothing but the mapping is
 * the reason of it.
 */
export type Harm = "none" | "always" | "by_mapping";

/**
 * Says how a decision harms its row. A value that becomes NULL and a row that moves are harm whatever the reason; a
 * value that becomes another one is where the record itself did not change. A new row and a value where none was are
 * never.
 */
export function harmOf({ action, movedFrom }: Pick<Decision, "movedFrom"> & { action: Decision["action"] }): Harm {
  if (movedFrom !== undefined) return "always";
  return action.action === "update" ? harmOfFields(action.fields) : "none";
}

/** Says how changes of fields harm their row. */
export function harmOfFields(fields: Readonly<Record<string, FieldChange>>): Harm {
  const lost = Object.values(fields).filter(({ from }) => from !== null);
  if (lost.length === 0) return "none";
  return lost.some(({ to }) => to === null) ? "always" : "by_mapping";
}
