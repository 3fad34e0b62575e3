import type { AccountCatalog, FieldOption } from "../../account-catalog.ts";
import type { StreamName } from "../../stream-name.ts";
import type { FieldReference, RecordContext, ShownNames } from "../compiled-mapping.ts";
import type { Place } from "../language/located.ts";
import type { Outcome } from "../outcome.ts";
import type { TransformStep } from "../transforms/transform.ts";
import type { JsonObject } from "../value.ts";
import type { NamedThing, WordBinder, WordDomain } from "../word-binder.ts";
import type { FieldKind } from "./field-kind.ts";
import { KnownFields } from "./known-fields.ts";
import type { ReadIds } from "./read-options.ts";

/** A name in a mapping file, resolved to a value that a record holds or that is computed from it. */
export interface Source {
  /** The name as written in the file. */
  text: string;
  read(record: JsonObject, context: RecordContext): Outcome;
  /** The Pipedrive fields that it reads; the last of them holds the value. */
  reads: FieldReference[];
  /** The part of that field which it reads, such as `locality` of an address; undefined for the whole. */
  part?: string;
  kind: FieldKind;
  /** Pipedrive's field_type, if known. */
  type?: string;
  options?: readonly FieldOption[];
  /** The account's names that its value is made of; absent for values of the record itself. */
  shows?: ShownNames;
  /** The things of the account that its value names: options, stages, pipelines; absent for other values. */
  things?: NamedThings;
  /** True for a field that the account no longer has. */
  gone?: boolean;
  /** The field in a write of an organization; absent for fields that Pipedrive computes or reserves. */
  target?: SendTarget;
}

/** The options of a field, the stages or the pipelines, and the reader of their ids in a record. */
export interface NamedThings extends WordDomain {
  /** True if a record may name several of them. */
  several?: true;
  readIds(record: JsonObject, context: RecordContext): ReadIds;
}

/** A field of an organization as a PATCH names it. */
export interface SendTarget {
  /** The key; inside `custom_fields` when `custom`. */
  key: string;
  custom: boolean;
  /** The part of an address, money or range; undefined for the whole. */
  part?: string;
  kind: FieldKind;
  options?: readonly FieldOption[];
}

/** The surroundings in which a stream's names are resolved. */
export interface SourceScope {
  stream: StreamName;
  catalog: AccountCatalog | undefined;
  /** The deal's start date; undefined outside deals, and while `start_date` itself is resolved. */
  startDate: ((record: JsonObject, context: RecordContext) => Outcome) | undefined;
  /** The fields that the start date is read from. */
  startDateReads?: FieldReference[];
  /** The start date of the deals that products belong to; undefined outside of products of deals. */
  ofDeal?: Pick<SourceScope, "startDate" | "startDateReads">;
  /** True if the products of deals are read, so that a condition may ask for them. */
  readsProducts?: boolean;
  fieldsOf(stream: StreamName): KnownFields;
  /** Binds the words of the mapping to their meanings in the account. */
  words: WordBinder;
  /** The secret key of the transform `hash`; undefined if the config has none. */
  hashKey: string | undefined;
}

/** Returns the scope of a stream without a start date. */
export function sourceScope(
  stream: StreamName,
  catalog: AccountCatalog | undefined,
  words: WordBinder,
  hashKey?: string,
): SourceScope {
  const known = new Map<StreamName, KnownFields>();
  return {
    stream,
    catalog,
    words,
    hashKey,
    startDate: undefined,
    fieldsOf: (name) => {
      const fields = known.get(name) ?? new KnownFields(name, catalog);
      known.set(name, fields);
      return fields;
    },
  };
}

/** One compiled transform of a field. */
export interface ChainStep {
  /** The transform as written in the file. */
  text: string;
  name: string;
  place: Place;
  step: TransformStep;
  /** Options that the account no longer has but that words of its table mean, each with its word. */
  gone: readonly NamedThing[];
}
