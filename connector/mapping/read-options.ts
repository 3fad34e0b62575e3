import type { FieldOption } from "../account-catalog.ts";
import { optionLabels } from "./option-labels.ts";
import { type Outcome, rejected, shown } from "./outcome.ts";
import { EMPTY, type Json, NULL, present, toValue } from "./value.ts";

/** Reads an enum field as its option's label: the id (API v2), the id as text (v1), or `{id, label}`. */
export function optionReader(options: readonly FieldOption[]): (raw: Json | undefined) => Outcome {
  const read = labelReader(options);
  return (raw) => {
    if (raw === null) return NULL;
    if (raw === undefined || raw === "") return EMPTY;
    const label = read(raw);
    return typeof label === "string" ? present(label) : label;
  };
}

/** Reads a set field as the list of its options' labels, in the record's order: ids, `{id, label}`, or `"13,14"` (v1). */
export function optionsReader(options: readonly FieldOption[]): (raw: Json | undefined) => Outcome {
  const read = labelReader(options);
  return (raw) => {
    if (raw === null) return NULL;
    if (raw === undefined || raw === "") return EMPTY;
    const labels: string[] = [];
    for (const id of idsOf(raw)) {
      if (id === "") continue;
      const label = read(id);
      if (typeof label !== "string") return label;
      labels.push(label);
    }
    return toValue(labels);
  };
}

/** Ids are numbers, so a comma in a v1 text can only stand between them; a label is never cut. */
function idsOf(raw: Exclude<Json, null>): Json[] {
  if (Array.isArray(raw)) return raw;
  return typeof raw === "string" && /^\d+(,\d+)*$/.test(raw) ? raw.split(",") : [raw];
}

function labelReader(options: readonly FieldOption[]): (raw: Json) => string | Outcome {
  const labels = optionLabels(options);
  return (raw) => {
    if (typeof raw === "number" || typeof raw === "string") {
      return labels.get(raw) ?? rejected(`${shown(raw)} is no option of the field`);
    }
    if (typeof raw === "object" && raw !== null && !Array.isArray(raw)) {
      const { id, label } = raw;
      if (typeof id === "number" || typeof id === "string") {
        const known = labels.get(id) ?? label;
        return typeof known === "string" ? known : rejected(`${shown(id)} is no option of the field`);
      }
    }
    return rejected(`${shown(raw)} is no option's id`);
  };
}
