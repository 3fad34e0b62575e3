import type { FieldConflict } from "../database/conflicts.ts";
import type { NewRejection } from "../database/rejections.ts";
import type { Because, RowWrite, StoredRow } from "../database/row.ts";
import type { FieldRejection, MappedRecord } from "../mapping/compiled-mapping.ts";
import type { Json, JsonObject } from "../mapping/value.ts";
import type { ModelName } from "../model-name.ts";

/** A mapped record whose row is to be stored. */
export interface Candidate {
  recordId: number;
  mapped: MappedRecord;
  /** The company that the row belongs to; absent for companies themselves. */
  company?: CompanyReference;
  /** What the connector sets besides the mapping. */
  externalId?: string;
  constants?: Readonly<Record<string, string>>;
  /** When the record last changed in Pipedrive, RFC 3339 or null. */
  updateTime: string | null;
  /** Tells why the row is looked at. */
  because?: () => Because | undefined;
}

/**
 * A company's row, or why there is none. `preferred` are the organizations that would come first, had they a company;
 * it is absent where the company is that of an end user.
 */
export type CompanyReference =
  | { rowId: string; preferred?: readonly number[] }
  | { organizationId: number | null; missing: string };

/** The rows of one stream's candidates as they stand: by model, then by source id. */
export type ExistingRows = ReadonlyMap<ModelName, ReadonlyMap<string, StoredRow>>;

/** What is to be done about one candidate. */
export interface Decision {
  candidate: Candidate;
  action: RowAction;
  existing: StoredRow | undefined;
  /** The model whose row is removed because the record became another model. */
  movedFrom: ModelName | undefined;
  /** That row. */
  removed: StoredRow | undefined;
  /** What both sides agree on afterwards; null for streams that never send. */
  base: JsonObject | null;
  conflicts: FieldConflict[];
  rejections: NewRejection[];
  /** Fields that stay as an undo has left them. */
  held: ReadonlySet<string>;
  /** The ids of holds that are over. */
  endedHolds: readonly string[];
}

/** A field's value before and after, as JSON. */
export interface FieldChange {
  from: Json;
  to: Json;
}

/** What a sync does with one row: what `plan` shows is what `sync` writes. */
export interface RowAction {
  model: ModelName;
  sourceId: string;
  action: "create" | "update" | "unchanged" | "refuse";
  /** The fields that change, by Planhat's name (`custom.<name>` for custom ones). */
  fields: Record<string, FieldChange>;
  /** What to write: only the columns that change. */
  write: RowWrite;
  /** Fields that were refused; the row's other fields go in. */
  rejections: FieldRejection[];
  /** Why the whole row was refused, when action is `refuse`. */
  refused?: FieldRejection;
}
