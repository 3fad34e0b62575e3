import type { AccountCatalog, AccountField, FieldOption } from "../../account-catalog.ts";
import { isFieldedStream, type StreamName } from "../../stream-name.ts";
import { labelKey, sameLabel } from "../../text/label-text.ts";
import { type Meaning, type NamedThing, WordBinder } from "../word-binder.ts";
import { type FieldKind, kindOfType } from "./field-kind.ts";
import { recordFields, recordKeyOf } from "./record-fields.ts";

/** A field of a stream that a mapping may name. */
export interface KnownField {
  key: string;
  /** The label in Pipedrive's screens; absent for a built-in field that the account does not list. */
  label?: string;
  custom: boolean;
  kind: FieldKind;
  /** Pipedrive's field_type, if the account lists it: `date`, `monetary` … */
  type?: string;
  writable: boolean;
  /** The options of an `option` or `options` field; absent if unknown. */
  options?: readonly FieldOption[];
  /** Its earlier labels, oldest first. */
  former?: readonly string[];
  /** True if the account no longer has it. */
  gone?: boolean;
}

/** The field that a name in a mapping file refers to. */
export type FoundField = { field: KnownField; meaning?: Meaning } | { several: KnownField[] } | undefined;

/** The fields of one stream: built-in fields, the account's present fields, and those it had earlier. */
export class KnownFields {
  readonly #stream: StreamName;
  readonly #byKey = new Map<string, KnownField>();
  readonly #byLabel = new Map<string, KnownField[]>();

  constructor(stream: StreamName, catalog: AccountCatalog | undefined) {
    this.#stream = stream;
    for (const [key, { kind, writable }] of Object.entries(recordFields[stream])) {
      this.#byKey.set(key, { key, custom: false, kind, writable: writable === true });
    }
    if (!isFieldedStream(stream) || catalog === undefined) return;
    for (const listed of catalog.fields[stream]) {
      const field = this.#known(listed);
      const seen = labelKey(listed.label);
      this.#byKey.set(field.key, field);
      this.#byLabel.set(seen, [...(this.#byLabel.get(seen) ?? []), field]);
    }
    for (const listed of catalog.gone?.fields[stream] ?? []) {
      if (!this.#byKey.has(listed.key)) this.#byKey.set(listed.key, { ...this.#known(listed), gone: true });
    }
  }

  #known({ label, key: listedKey, type, custom, options, former }: AccountField): KnownField {
    const key = custom ? listedKey : (recordKeyOf[this.#stream]?.[listedKey] ?? listedKey);
    const documented = custom ? undefined : this.#byKey.get(key);
    const kind = kindFrom(documented?.kind, type, options);
    return {
      key,
      label,
      custom,
      kind,
      type,
      writable: custom || documented?.writable === true,
      ...(options === undefined ? {} : { options }),
      ...(former === undefined ? {} : { former }),
    };
  }

  /**
   * Returns the field that a name refers to: by key first, since keys are unique, else by its label as bound in
   * `words`. If a custom and a built-in field share a label, the custom one wins: the other can be named by its key.
   */
  find(name: string, words = new WordBinder()): FoundField {
    const byKey = this.#byKey.get(name);
    if (byKey !== undefined) return { field: byKey };
    const of = `fields of ${this.#stream}`;
    const labelled = this.#byLabel.get(labelKey(name)) ?? [];
    const custom = labelled.filter((field) => field.custom);
    const bearing = custom.length > 0 ? custom : labelled;
    if (bearing.length > 1) return { several: bearing };
    const builtIn = labelled.filter((field) => !bearing.includes(field) && !words.meant(of, name, field.key));
    const things = [...this.#byKey.values()].flatMap((field): NamedThing[] => {
      const { key, label, former, gone } = field;
      if (label === undefined || builtIn.includes(field)) return [];
      return [{ id: key, label, ...(former === undefined ? {} : { former }), ...(gone === undefined ? {} : { gone }) }];
    });
    const domain = { of, what: "field", where: this.#stream, things, newcomers: { beside: false, instead: false } };
    const meaning = words.bind(domain, name, (label) => sameLabel(label, name));
    if (meaning === undefined) return undefined;
    const meant = [...meaning.ids, ...meaning.several.map(({ id }) => String(id))].map((key) => this.#byKey.get(key)!);
    return meant.length === 1 ? { field: meant[0]!, meaning } : { several: meant };
  }

  /** Returns true if a field of the account has this label. */
  hasLabel(label: string): boolean {
    return this.#byLabel.has(labelKey(label));
  }

  /** Returns every name of a field, for suggestions: labels and the keys of built-in fields. */
  names(): string[] {
    const builtIn = [...this.#byKey.values()].filter(({ custom }) => !custom).map(({ key }) => key);
    const labels = [...this.#byLabel.values()].flatMap((fields) => fields.map(({ label }) => label!));
    return [...new Set([...labels, ...builtIn])];
  }
}

/** Returns the documented kind if there is one. Options that the account does not list cannot be read as labels. */
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
