import type { FieldOption } from "../account-catalog.ts";
import { labelKey } from "../text/label-text.ts";

/** An index of options by label; labels that look the same match. */
export interface OptionIds {
  /** Returns the id; null if several options share the label, undefined if none has it. */
  get(label: string): string | number | null | undefined;
}

/** Indexes the ids by label. Deleted options count only if no present one has the label. */
export function optionIds(options: readonly FieldOption[]): OptionIds {
  const ids = new Map<string, string | number | null>();
  const living = options.filter(({ gone }) => gone !== true);
  for (const { id, label } of living) ids.set(labelKey(label), ids.has(labelKey(label)) ? null : id);
  for (const { id, label } of options) if (!ids.has(labelKey(label))) ids.set(labelKey(label), id);
  return { get: (label) => ids.get(labelKey(label)) };
}
