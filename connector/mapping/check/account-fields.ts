import type { AccountCatalog, FieldOption } from "../../account-catalog.ts";
import { isFieldedStream, type StreamName } from "../../stream-name.ts";
import type { FieldReference } from "../compiled-mapping.ts";
import { recordFields } from "../evaluate/record-fields.ts";
import type { CheckedMapping, FieldLineage, ModelChoice } from "./check-mapping.ts";

/** A field of a stream, as `mapping fields` lists it. */
export interface ListedField {
  /** The label in Pipedrive's screens; null for a built-in field that the account does not list. */
  label: string | null;
  /** The key that a mapping may use: a word, or 40 digits for a custom field. */
  key: string;
  /** Pipedrive's field_type; the kind of the value if the account does not list the field. */
  type: string;
  custom: boolean;
  /** Null for a field without options. */
  options: FieldOption[] | null;
  /** The fields of rows that read it, such as `company.name`; `when sale` if it decides on the model. */
  mapped: string[];
}

/** Lists every field of a stream: the account's fields in its order, then the other built-in ones. */
export function listFields(
  stream: StreamName,
  catalog: AccountCatalog | undefined,
  { lineage, choices }: Pick<CheckedMapping, "lineage" | "choices">,
): ListedField[] {
  const listed = isFieldedStream(stream) ? (catalog?.fields[stream] ?? []) : [];
  const known = new Set(listed.map(({ key }) => key));
  const unlisted = Object.entries(recordFields[stream]).filter(([key]) => !known.has(key));
  const mapped = mappedBy(stream, [...lineage.map(targetOfField), ...choices.map(targetOfChoice)]);
  return [
    ...listed.map(({ label, key, type, custom, options }) => ({
      label,
      key,
      type,
      custom,
      options: options ?? null,
      mapped: mapped.get(key) ?? [],
    })),
    ...unlisted.map(([key, { kind }]) => ({
      label: null,
      key,
      type: kind,
      custom: false,
      options: null,
      mapped: mapped.get(key) ?? [],
    })),
  ];
}

/** A field of a row or a choice of model, and the Pipedrive fields it reads. */
interface Target {
  name: string;
  reads: readonly FieldReference[];
}

function targetOfField({ model, field, reads }: FieldLineage): Target {
  return { name: `${model}.${field}`, reads };
}

function targetOfChoice({ model, reads }: ModelChoice): Target {
  return { name: `when ${model}`, reads };
}

function mappedBy(stream: StreamName, targets: readonly Target[]): Map<string, string[]> {
  const byKey = new Map<string, Set<string>>();
  for (const { name, reads } of targets) {
    for (const { key, stream: read } of reads) {
      if (read === stream) byKey.set(key, (byKey.get(key) ?? new Set()).add(name));
    }
  }
  return new Map([...byKey].map(([key, names]) => [key, [...names]]));
}
