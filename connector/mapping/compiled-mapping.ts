import type { BoundWord } from "../account-catalog.ts";
import type { ModelName } from "../model-name.ts";
import type { StreamName } from "../stream-name.ts";
import type { MappingMarks } from "./mapping-marks.ts";
import type { KeysByStream } from "./unread-fields.ts";
import type { JsonObject, Value } from "./value.ts";
import type { PassedWord } from "./word-binder.ts";

/** Who may write: `both`, `send` (Planhat → Pipedrive), `receive` (Pipedrive → Planhat), `none`. */
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
}

/** Why a field could not be mapped. The other fields of its record are not touched by it. */
export interface FieldRejection {
  /** The Planhat field: `name`, or `custom.Industry`. */
  field: string;
  reason: string;
  /** The source value that was refused. */
  value: Value;
}

/** One step of a field on its way, for `explain` and `mapping preview`. */
export interface TraceStep {
  /** `source`, or the transform as it stands in the file. */
  step: string;
  /** The value after the step, or the reason for which it refused. */
  result: Value | { state: "rejected"; reason: string };
}

/** What a condition says of a record, or the reason for which it cannot be decided. */
export type Verdict = boolean | { state: "rejected"; reason: string };

/** A mapped field: where it goes and with which value and state. */
export interface MappedField {
  /** The Planhat field: `name`, or `custom.Industry`. */
  field: string;
  value: Value;
  /** Why the value is too doubtful to change a row that is there by. */
  doubt?: string;
}

/** What a record became. */
export interface MappedRecord {
  model: ModelName;
  /** Fields that go to the row, each at most once; a field whose state is empty is listed as EMPTY. */
  fields: MappedField[];
  /** Fields that were refused, each with its reason. */
  rejections: FieldRejection[];
  /** A reason for which the whole row is refused (a required field is absent or null), or undefined. */
  refused?: { field: string; reason: string; value: Value };
  /** Why the model is too doubtful to move a row that the record has in another one. */
  doubt?: { field: string; reason: string; value: Value };
}

/** A field of Pipedrive that a mapping reads. */
export interface FieldReference {
  stream: StreamName;
  /** A word for built-in fields, 40 hexadecimal digits inside `custom_fields` for custom ones. */
  key: string;
  custom: boolean;
}

/** Names of the account that a mapped field shows in place of the ids that records hold under a field of theirs. */
export interface ShownNames extends FieldReference {
  /** Whose names; `domain` is the account's own, in the address of every record. */
  names: "users" | "pipelines" | "stages" | "options" | "domain";
}

/** How a field goes back to Pipedrive. */
export interface FieldInverse {
  /** The key in the PATCH; inside `custom_fields` when `custom`. */
  key: string;
  custom: boolean;
  /** The part of an address, money or range; undefined for the whole field. */
  part?: string;
  /** The value as Pipedrive takes it (options as ids); null clears the field there, empty says nothing. */
  apply(value: Value): Value | { state: "rejected"; reason: string };
}

/** One entry of `fields:` in a mapping file, compiled: what it reads and writes is known without running it. */
export interface CompiledField {
  /** The Planhat field: `name`, or `custom.Industry`. */
  field: string;
  /** The Pipedrive fields as written in the file, in order; empty for a constant. */
  sources: string[];
  /** Effective direction: never wider than the object's. */
  direction: Direction;
  /** The Pipedrive fields by key that the sources and the condition read. */
  reads: FieldReference[];
  /** The way back; present exactly when the direction sends. */
  inverse?: FieldInverse;
  /**
   * Whether its `when` holds; true without one. Of several entries for one Planhat field the first that applies counts.
   */
  applies(record: JsonObject, context: RecordContext): Verdict;
  /** The source's value before transforms, then each transform's result, then what goes to the row. */
  trace(record: JsonObject, context: RecordContext): TraceStep[];
}

/** A model that a stream may become, with its condition and fields. */
export interface CompiledModel {
  model: ModelName;
  fields: CompiledField[];
  /** Whether its `when` holds; true without one. The first that applies is taken. */
  applies(record: JsonObject, context: RecordContext): Verdict;
}

/** One mapping file, checked and compiled. All functions are pure and never throw on odd records. */
export interface CompiledStream {
  stream: StreamName;
  direction: Direction;
  prefer: Preference;
  createInPipedrive: boolean;
  models: CompiledModel[];
  /** The row a record becomes; only fields whose direction receives are in it. */
  map(record: JsonObject, context: RecordContext): MappedRecord;
}

/** One source of a deal's start date: what it holds, and the day that it gives. */
export interface StartDateStep {
  /** As it is written in the file. */
  source: string;
  result: TraceStep["result"];
  /** `YYYY-MM-DD`; null where the source holds no valid date. */
  day: string | null;
}

/** deals.yaml, compiled: a stream with the rules of eligibility. */
export interface CompiledDeals extends CompiledStream {
  statuses: string[];
  /** Selected pipelines; null when none is named, which selects every one. */
  pipelineIds: number[] | null;
  /** What becomes of the license of a deal that is lost or deleted: it stays as it was, or ends on that day. */
  whenLost: "keep" | "end";
  /** The first source of `start_date` that holds a valid date, as `YYYY-MM-DD`; NULL or EMPTY when none does. */
  startDate(record: JsonObject, context: RecordContext): Value;
  /** What each source of `start_date` gives, in the order of the file, for `explain`. */
  startDateTrace(record: JsonObject, context: RecordContext): StartDateStep[];
}

/** All mapping files, compiled. A stream without a file has direction `none` and no models. */
export interface CompiledMapping {
  organizations: CompiledStream;
  persons: CompiledStream;
  notes: CompiledStream;
  deals: CompiledDeals;
  /** What no part of the mapping reads, `custom_fields` among it: it need not be fetched to map a record. */
  unread: KeysByStream;
  /** What the mapping reads and Pipedrive sends only where it is asked for, in the order of the alphabet. */
  asked: KeysByStream;
  /**
   * The streams whose records the mapping looks into to map one of a stream: by `$organization`, `$person` and a note's
   * names.
   */
  around: Readonly<Record<StreamName, readonly RelatedStream[]>>;
  /** What the words of the files mean in the account, to be kept: they go on meaning it. */
  words: BoundWord[];
  /** The words that passed from one thing to another since they were bound. */
  passed: PassedWord[];
  /** The names that rows show: when one of them changes, so do rows, and no record. */
  shown: ShownNames[];
  /** Fingerprints of its parts: whether what an undo took back is still wanted for the same reason. */
  marks: MappingMarks;
  /** SHA-256 (hex) of what the files say and mean, comments and layout aside: it changes when a remap is due. */
  fingerprint: string;
}
