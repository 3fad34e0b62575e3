import type { FieldOption } from "../../account-catalog.ts";
import { optionLabels } from "../option-labels.ts";
import { type Outcome, type Rejected, rejected, shown } from "../outcome.ts";
import { EMPTY, type Empty, type Json, NULL, type Null, present, toValue } from "../value.ts";

/** An option in a record: its id, and a label if one came with it. */
export interface NamedId {
  id: number | string;
  label?: string;
}

/** The ids of the options in a record. Conditions compare them, because labels change. */
export type ReadIds = { state: "present"; ids: NamedId[] } | Null | Empty | Rejected;

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

/**
 * Reads a set field as the list of its options' labels, in the record's order: ids, `{id, label}`, or `"13,14"` (v1).
 */
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

/** Reads an enum or set field as the ids of its options, in all the shapes that their labels are read from. */
export function readOptionIds(raw: Json | undefined): ReadIds {
  if (raw === null) return NULL;
  if (raw === undefined || raw === "") return EMPTY;
  const ids: NamedId[] = [];
  for (const element of idsOf(raw)) {
    if (element === "") continue;
    const named = namedId(element);
    if (named === undefined) return rejected(`${shown(element)} is not an option's id`);
    ids.push(named);
  }
  return ids.length === 0 ? EMPTY : { state: "present", ids };
}

function namedId(raw: Json): NamedId | undefined {
  if (typeof raw === "number" || typeof raw === "string") return { id: raw };
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) return undefined;
  const { id, label } = raw;
  if (typeof id !== "number" && typeof id !== "string") return undefined;
  return typeof label === "string" ? { id, label } : { id };
}

/** Splits a v1 text at its commas: ids are numbers, so a comma can only separate them, and a label is never cut. */
function idsOf(raw: Exclude<Json, null>): Json[] {
  if (Array.isArray(raw)) return raw;
  return typeof raw === "string" && /^\d+(,\d+)*$/.test(raw) ? raw.split(",") : [raw];
}

function labelReader(options: readonly FieldOption[]): (raw: Json) => string | Outcome {
  const labels = optionLabels(options);
  return (raw) => {
    if (typeof raw === "number" || typeof raw === "string") {
      return labels.get(raw) ?? rejected(`${shown(raw)} is not an option of the field`);
    }
    if (typeof raw === "object" && raw !== null && !Array.isArray(raw)) {
      const { id, label } = raw;
      if (typeof id === "number" || typeof id === "string") {
        const known = labels.get(id) ?? label;
        return typeof known === "string" ? known : rejected(`${shown(id)} is not an option of the field`);
      }
    }
    return rejected(`${shown(raw)} is not an option's id`);
  };
}
