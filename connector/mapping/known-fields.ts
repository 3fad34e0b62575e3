import type { AccountCatalog, FieldOption } from "../account-catalog.ts";
import type { StreamName } from "../stream-name.ts";
import { type FieldKind, kindOfType } from "./field-kind.ts";
import { recordFields, recordKeyOf } from "./record-fields.ts";

/** A field of a stream that a mapping may name. */
export interface KnownField {
  key: string;
  /** What people see; absent for a built-in field that the account does not list. */
  label?: string;
  custom: boolean;
  kind: FieldKind;
  /** Pipedrive's field_type, where the account tells it: `date`, `monetary` … */
  type?: string;
  writable: boolean;
  /** The options of an `option` or `options` field; absent when nobody knows them. */
  options?: readonly FieldOption[];
}

/** What a name in a mapping file stands for. */
export type FoundField = { field: KnownField } | { several: KnownField[] } | undefined;

/** The fields of one stream: the built-in ones, and those that the account lists. */
export class KnownFields {
  readonly #byKey = new Map<string, KnownField>();
  readonly #byLabel = new Map<string, KnownField[]>();

  constructor(stream: StreamName, catalog: AccountCatalog | undefined) {
    for (const [key, { kind, writable }] of Object.entries(recordFields[stream])) {
      this.#byKey.set(key, { key, custom: false, kind, writable: writable === true });
    }
    const listed = stream === "notes" ? [] : (catalog?.fields[stream] ?? []);
    for (const { label, key: listedKey, type, custom, options } of listed) {
      const key = custom ? listedKey : (recordKeyOf[stream]?.[listedKey] ?? listedKey);
      const documented = custom ? undefined : this.#byKey.get(key);
      const kind = kindFrom(documented?.kind, type, options);
      const field: KnownField = { key, label, custom, kind, type, writable: custom || documented?.writable === true };
      if (options !== undefined) field.options = options;
      this.#byKey.set(key, field);
      this.#byLabel.set(label, [...(this.#byLabel.get(label) ?? []), field]);
    }
  }

  /**
   * The field that a name stands for: a key first, because keys are unique; else a label. Where a custom and a built-in
   * field share a label, the custom one is meant, since the other has a key that can be written.
   */
  find(name: string): FoundField {
    const byKey = this.#byKey.get(name);
    if (byKey !== undefined) return { field: byKey };
    const labelled = this.#byLabel.get(name);
    if (labelled === undefined) return undefined;
    const custom = labelled.filter((field) => field.custom);
    const meant = custom.length > 0 ? custom : labelled;
    return meant.length === 1 ? { field: meant[0]! } : { several: meant };
  }

  /** True when an account's field has this label. */
  hasLabel(label: string): boolean {
    return this.#byLabel.has(label);
  }

  /** Every word that names a field, for suggestions: labels and the keys of built-in fields. */
  names(): string[] {
    const builtIn = [...this.#byKey.values()].filter(({ custom }) => !custom).map(({ key }) => key);
    return [...new Set([...this.#byLabel.keys(), ...builtIn])];
  }
}

/** The documented kind wins, but options that the account does not list cannot be read as labels. */
function kindFrom(
  documented: FieldKind | undefined,
  type: string,
  options: readonly FieldOption[] | undefined,
): FieldKind {
  if (documented === undefined) {
    const kind = kindOfType(type);
    return (kind === "option" || kind === "options") && options === undefined ? "any" : kind;
  }
  return documented;
}
