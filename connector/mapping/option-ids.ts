import type { FieldOption } from "../account-catalog.ts";
import { labelKey } from "../label-text.ts";

/** Finds an option by its label, in any way of writing it that looks the same. */
export interface OptionIds {
  /** The id; null where several options share the label, undefined where none has it. */
  get(label: string): string | number | null | undefined;
}

/** The id of every label. Options that are gone count only if no other has it. */
export function optionIds(options: readonly FieldOption[]): OptionIds {
  const ids = new Map<string, string | number | null>();
  const living = options.filter(({ gone }) => gone !== true);
  for (const { id, label } of living) ids.set(labelKey(label), ids.has(labelKey(label)) ? null : id);
  for (const { id, label } of options) if (!ids.has(labelKey(label))) ids.set(labelKey(label), id);
  return { get: (label) => ids.get(labelKey(label)) };
}
