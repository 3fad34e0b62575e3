import type { AccountCatalog, FieldOption } from "../account-catalog.ts";
import type { StreamName } from "../stream-name.ts";
import type { CheckedMapping, FieldLineage, ModelChoice } from "./check-mapping.ts";
import type { FieldReference } from "./compiled-mapping.ts";
import { recordFields } from "./record-fields.ts";

/** A field of a stream as people look for it. */
export interface ListedField {
  /** What people see; null for a built-in field that the account does not list. */
  label: string | null;
  /** The word or the 40 digits that a mapping may name it by. */
  key: string;
  /** Pipedrive's field_type; where the account does not list the field, how its value is built. */
  type: string;
  custom: boolean;
  /** Null where it has none. */
  options: FieldOption[] | null;
  /** What it is read for: fields of rows, as `company.name`; `when sale` where it decides on the model. */
  mapped: string[];
}

/** Every field of a stream: those that the account lists, in its order, then the other built-in ones. */
export function listFields(
  stream: StreamName,
  catalog: AccountCatalog | undefined,
  { lineage, choices }: Pick<CheckedMapping, "lineage" | "choices">,
): ListedField[] {
  const listed = stream === "notes" ? [] : (catalog?.fields[stream] ?? []);
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

/** What is read, and what for. */
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
