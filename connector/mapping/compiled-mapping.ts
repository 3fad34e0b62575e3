import type { BoundWord } from "../account-catalog.ts";
import type { ModelName, RevenueKind } from "../model-name.ts";
import type { StreamName } from "../stream-name.ts";
import type { JsonObject, Value } from "./value.ts";
import type { PassedWord } from "./word-binder.ts";

/** The side that may write: `both`, `send` (Planhat → Pipedrive), `receive` (Pipedrive → Planhat), `none`. */
export type Direction = "both" | "send" | "receive" | "none";

/** Which side wins when both changed one field (contract, section 4). */
export type Preference = "pipedrive" | "planhat" | "newest";

/** A stream that other records refer to. */
export type RelatedStream = "organizations" | "persons" | "deals";

/**
 * The records around a record, for the computed fields `$organization.<field>` and `$person.<field>`, and for the names
 * that a note embeds.
 */
export interface RecordContext {
  organization?: JsonObject | undefined;
  person?: JsonObject | undefined;
  deal?: JsonObject | undefined;
  /** The number of enabled products of a deal; undefined if they have not been read. */
  products?: number | undefined;
}

/** The reason why a field could not be mapped. The other fields of its record are mapped as usual. */
export interface FieldRejection {
  /** The Planhat field: `name`, or `custom.Industry`. */
  field: string;
  reason: string;
  /** The source value that was rejected. */
  value: Value;
}

/** One step in the mapping of a field, for `explain` and `mapping preview`. */
export interface TraceStep {
  /** `source`, or the transform as written in the file. */
  step: string;
  /** The value after the step, or the reason why the step rejected it. */
  result: Value | { state: "rejected"; reason: string };
}

/** The result of a condition for a record, or the reason why it cannot be decided. */
export type Verdict = boolean | { state: "rejected"; reason: string };

/** A mapped field with its value and state. */
export interface MappedField {
  /** The Planhat field: `name`, or `custom.Industry`. */
  field: string;
  value: Value;
  /** The reason why the value is too doubtful to change an existing row. */
  doubt?: string;
}

/** The result of mapping a record. */
export interface MappedRecord {
  model: ModelName;
  /** Fields for the row, each at most once; a field whose state is empty is listed as EMPTY. */
  fields: MappedField[];
  /** Rejected fields, each with its reason. */
  rejections: FieldRejection[];
  /** The reason why the whole row is rejected (a required field is absent or null), or undefined. */
  refused?: { field: string; reason: string; value: Value };
  /** True for a record that brings its related records and becomes no row (`model: none`); ignore `model` then. */
  none?: true;
  /** The reason why the model is too doubtful to move the record's row out of another one. */
  doubt?: { field: string; reason: string; value: Value };
  /** Of a deal: the line item that is made of it while it has no products; absent if the mapping makes none. */
  lineItem?: MappedRecord;
}

/** A Pipedrive field that a mapping reads. */
export interface FieldReference {
  stream: StreamName;
  /** A word for built-in fields, 40 hexadecimal digits inside `custom_fields` for custom ones. */
  key: string;
  custom: boolean;
}

/** The account's names that a mapped field shows instead of the ids in a field of the records. */
export interface ShownNames extends FieldReference {
  /** The kind of the names; `domain` is the account's own, in the address of every record. */
  names: "users" | "pipelines" | "stages" | "options" | "domain";
}

/** The way of a field back to Pipedrive. */
export interface FieldInverse {
  /** The key in the PATCH; inside `custom_fields` when `custom`. */
  key: string;
  custom: boolean;
  /** The part of an address, money or range; undefined for the whole field. */
  part?: string;
  /**
   * Returns the value in the form Pipedrive accepts (options as ids). Null clears the field there; empty sends nothing.
   */
  apply(value: Value): Value | { state: "rejected"; reason: string };
}

/** One compiled entry of `fields:` in a mapping file. Its reads and writes are known without running it. */
export interface CompiledField {
  /** The Planhat field: `name`, or `custom.Industry`. */
  field: string;
  /** The Pipedrive fields as written in the file, in order; empty for a constant. */
  sources: string[];
  /** The effective direction: never wider than the object's. */
  direction: Direction;
  /** The Pipedrive fields, by key, that the sources and the condition read. */
  reads: FieldReference[];
  /** The inverse; present exactly if the direction sends. */
  inverse?: FieldInverse;
  /**
   * Returns whether its `when` holds; true without one. Of several entries for one Planhat field the first that applies
   * counts.
   */
  applies(record: JsonObject, context: RecordContext): Verdict;
  /** Returns the source's value before transforms, then each transform's result, then the value for the row. */
  trace(record: JsonObject, context: RecordContext): TraceStep[];
}

/** A model that a stream may become, with its condition and fields. */
export interface CompiledModel {
  model: ModelName;
  fields: CompiledField[];
  /** The fields of the line item that is made of a deal without products; absent if none is made. */
  lineItem?: CompiledField[];
  /** Returns whether its `when` holds; true without one. The first model that applies is used. */
  applies(record: JsonObject, context: RecordContext): Verdict;
}

/** One mapping file, checked and compiled. All functions are pure and never throw on odd records. */
export interface CompiledStream {
  stream: StreamName;
  direction: Direction;
  prefer: Preference;
  createInPipedrive: boolean;
  models: CompiledModel[];
  /** Maps a record to its row, which holds only fields whose direction receives. */
  map(record: JsonObject, context: RecordContext): MappedRecord;
}

/** One source of a deal's start date: its value and the day read from it. */
export interface StartDateStep {
  /** The source as written in the file. */
  source: string;
  result: TraceStep["result"];
  /** `YYYY-MM-DD`; null if the source holds no valid date. */
  day: string | null;
}

/** deals.yaml, compiled: a stream with the rules of eligibility. */
export interface CompiledDeals extends CompiledStream {
  statuses: string[];
  /** Selected pipelines; null selects all, if none is named. */
  pipelineIds: number[] | null;
  /** The license or line item of a deal that is lost or deleted: unchanged, or ended on that day. */
  whenLost: "keep" | "end";
  /** The row of a product that is removed from its deal, or disabled: unchanged, or ended on that day. */
  whenRemoved: "keep" | "end";
  /** True if a condition asks for the products of a deal: it becomes one row, or one for each product. */
  asksForProducts: boolean;
  /** True if some deals become no row (`model: none`). */
  mayBeNone: boolean;
  /** The kind of revenue models that deals and their products become; undefined if they become none. */
  kind: RevenueKind | undefined;
  /** True if deals without products become line items too. */
  makesLineItems: boolean;
  /** Returns the first valid date of the sources in `start_date`, as `YYYY-MM-DD`; NULL or EMPTY if there is none. */
  startDate(record: JsonObject, context: RecordContext): Value;
  /** Returns the result of each source of `start_date`, in the order of the file, for `explain`. */
  startDateTrace(record: JsonObject, context: RecordContext): StartDateStep[];
}

/** All compiled mapping files. A stream without a file has direction `none` and no models. */
export interface CompiledMapping {
  organizations: CompiledStream;
  persons: CompiledStream;
  notes: CompiledStream;
  deals: CompiledDeals;
  deal_products: CompiledStream;
  /** Keys that no part of the mapping reads, `custom_fields` among them: mapping a record does not need them. */
  unread: KeysByStream;
  /** Keys that the mapping reads and Pipedrive sends only on request, sorted. */
  asked: KeysByStream;
  /** The related streams that the mapping of each stream reads: by `$organization`, `$person` and a note's names. */
  around: Readonly<Record<StreamName, readonly RelatedStream[]>>;
  /** The meanings of the files' words in the account, to be saved: a word keeps its meaning. */
  words: BoundWord[];
  /** The words that passed from one thing to another since they were bound. */
  passed: PassedWord[];
  /** The names that rows show: a change of one changes rows without any change of a record. */
  shown: ShownNames[];
  /** Fingerprints of its parts. They show whether a change that was undone is still wanted for the same reason. */
  marks: MappingMarks;
  /** SHA-256 (hex) of what the files say and mean, without comments and layout: a change of it makes a remap due. */
  fingerprint: string;
}

/** Documented keys of records, by stream. */
export type KeysByStream = Readonly<Record<StreamName, readonly string[]>>;

/** Fingerprints of parts of a mapping: a different one shows that the mapping has changed there. */
export interface MappingMarks {
  /** Returns the mark of a field's entries; undefined if none maps it. */
  field(model: ModelName, field: string): string | undefined;
  /** Returns the mark of the conditions that choose a record's model. */
  choice(stream: StreamName): string;
  /** Returns the mark of everything in a stream's file. */
  stream(stream: StreamName): string;
}
