import type { Decision, FieldChange } from "../decision.ts";

/** The effect of a write on a row's values: no loss, harm, or harm only if the mapping alone is the reason. */
export type Harm = "none" | "always" | "by_mapping";

/**
 * Returns how a decision harms its row. A value that becomes NULL and a row that moves are harm for any reason. A value
 * that becomes another one is harm if the record itself did not change. A new row and a first value never are.
 */
export function harmOf({ action, movedFrom }: Pick<Decision, "movedFrom"> & { action: Decision["action"] }): Harm {
  if (movedFrom !== undefined) return "always";
  return action.action === "update" ? harmOfFields(action.fields) : "none";
}

/** Returns how changes of fields harm their row. */
export function harmOfFields(fields: Readonly<Record<string, FieldChange>>): Harm {
  const lost = Object.values(fields).filter(({ from }) => from !== null);
  if (lost.length === 0) return "none";
  return lost.some(({ to }) => to === null) ? "always" : "by_mapping";
}
