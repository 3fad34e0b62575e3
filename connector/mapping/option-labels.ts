import type { FieldOption } from "../account-catalog.ts";

/** Returns the label of every option by its id; a numeric id is found as text too, as Pipedrive's API v1 writes it. */
export function optionLabels(options: readonly FieldOption[]): ReadonlyMap<string | number, string> {
  const labels = new Map<string | number, string>();
  for (const { id, label } of options) labels.set(id, label).set(String(id), label);
  return labels;
}
