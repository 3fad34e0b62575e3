import type { FieldOption } from "../account-catalog.ts";

/** The id of every label; null where several options share the label. Options that are gone count only if no other has it. */
export function optionIds(options: readonly FieldOption[]): ReadonlyMap<string, string | number | null> {
  const ids = new Map<string, string | number | null>();
  for (const { id, label, gone } of options) if (!gone) ids.set(label, ids.has(label) ? null : id);
  for (const { id, label, gone } of options) if (gone && !ids.has(label)) ids.set(label, id);
  return ids;
}
