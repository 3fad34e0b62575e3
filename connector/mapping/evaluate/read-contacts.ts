import { type Outcome, rejected, shown } from "../outcome.ts";
import { EMPTY, type Json, NULL, present, toValue } from "../value.ts";

/**
 * Reads the primary e-mail address or telephone number: the entry marked primary, else the first. Entries without a
 * value are skipped (API v1 sends one such entry where v2 sends `[]`).
 */
export function readPrimaryContact(raw: Json | undefined): Outcome {
  const values = contactValues(raw);
  if (!Array.isArray(values)) return values;
  const chosen = values.find(({ primary }) => primary) ?? values[0];
  return chosen === undefined ? EMPTY : present(chosen.value);
}

/** Reads every e-mail address or telephone number, in the record's order. */
export function readContacts(raw: Json | undefined): Outcome {
  const values = contactValues(raw);
  return Array.isArray(values) ? toValue(values.map(({ value }) => value)) : values;
}

function contactValues(raw: Json | undefined): { value: string; primary: boolean }[] | Outcome {
  if (raw === null) return NULL;
  if (raw === undefined || raw === "") return EMPTY;
  if (typeof raw === "string") return [{ value: raw, primary: true }];
  if (!Array.isArray(raw)) return rejected(`${shown(raw)} is not a list of addresses or numbers`);
  const values: { value: string; primary: boolean }[] = [];
  for (const entry of raw) {
    if (typeof entry === "string") {
      if (entry !== "") values.push({ value: entry, primary: false });
      continue;
    }
    if (entry === null || typeof entry !== "object" || Array.isArray(entry)) {
      return rejected(`${shown(raw)} is not a list of addresses or numbers`);
    }
    const value = entry["value"];
    if (typeof value === "string" || typeof value === "number") {
      if (value !== "") values.push({ value: String(value), primary: entry["primary"] === true });
    } else if (value !== null && value !== undefined) {
      return rejected(`${shown(entry)} is not an address or number`);
    }
  }
  return values;
}
