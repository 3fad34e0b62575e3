import type { AccountCatalog, FieldOption } from "../account-catalog.ts";
import type { StreamName } from "../stream-name.ts";
import type { FieldLineage } from "./check-mapping.ts";
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
  /** The fields of rows that it is read for, as `company.name`. */
  mapped: string[];
}

/** Every field of a stream: those that the account lists, in its order, then the other built-in ones. */
export function listFields(
  stream: StreamName,
  catalog: AccountCatalog | undefined,
  lineage: readonly FieldLineage[],
): ListedField[] {
  const listed = stream === "notes" ? [] : (catalog?.fields[stream] ?? []);
  const known = new Set(listed.map(({ key }) => key));
  const unlisted = Object.entries(recordFields[stream]).filter(([key]) => !known.has(key));
  const mapped = mappedBy(stream, lineage);
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

function mappedBy(stream: StreamName, lineage: readonly FieldLineage[]): Map<string, string[]> {
  const targets = new Map<string, Set<string>>();
  for (const { model, field, reads } of lineage) {
    for (const { key, stream: read } of reads) {
      if (read !== stream) continue;
      const found = targets.get(key) ?? new Set();
      targets.set(key, found.add(`${model}.${field}`));
    }
  }
  return new Map([...targets].map(([key, fields]) => [key, [...fields]]));
}
