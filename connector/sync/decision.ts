import type { Because, RowWrite, StoredRow } from "../database/row.ts";
import type { FieldConflict } from "../database/tables/conflicts.ts";
import type { NewRejection } from "../database/tables/rejections.ts";
import type { FieldRejection, MappedRecord } from "../mapping/compiled-mapping.ts";
import type { Json, JsonObject } from "../mapping/value.ts";
import type { ModelName } from "../model-name.ts";

/** A mapped record whose row is to be stored. */
export interface Candidate {
  recordId: number;
  /** The deal of a product, or of a deal's line item. */
  dealId?: number;
  /** The source id of its row. */
  sourceId: string;
  mapped: MappedRecord;
  /** The company of the row; absent for companies themselves. */
  company?: CompanyReference;
  /** The deal's row of a line item; absent for other models. */
  deal?: DealReference;
  /** The values that the connector sets besides the mapping. */
  externalId?: string;
  constants?: Readonly<Record<string, string>>;
  /** The time when the record last changed in Pipedrive, RFC 3339 or null. */
  updateTime: string | null;
  /** Returns the reason to decide about the row. */
  because?: () => Because | undefined;
}

/**
 * A company's row, or the reason why there is none. `preferred` are the organizations that would come first if they had
 * a company; absent if the company is that of an end user.
 */
export type CompanyReference =
  | { rowId: string; preferred?: readonly number[] }
  | { organizationId: number | null; missing: string };

/** The row of a deal to which a line item belongs, or the reason why there is none. */
export type DealReference = { rowId: string } | { missing: string };

/** The existing rows of one stream's candidates, by model, then by source id. */
export type ExistingRows = ReadonlyMap<ModelName, ReadonlyMap<string, StoredRow>>;

/** A stored row and its model. */
export interface PlacedRow {
  model: ModelName;
  row: StoredRow;
  /** The record that alone may take its place: of a product that was moved to another deal, the product. */
  of?: number;
}

/** The decision about one candidate. */
export interface Decision {
  candidate: Candidate;
  action: RowAction;
  existing: StoredRow | undefined;
  /** The model whose row is removed because the record moved to another model. */
  movedFrom: ModelName | undefined;
  /** The row to remove. */
  removed: StoredRow | undefined;
  /** Rows of other source ids whose place the row takes: those of the deal's products, or the deal's own. */
  replaces: readonly PlacedRow[];
  /** The base afterwards; null for streams that never send. */
  base: JsonObject | null;
  conflicts: FieldConflict[];
  rejections: NewRejection[];
  /** Fields that keep the value of an undo. */
  held: ReadonlySet<string>;
  /** The ids of holds that have ended. */
  endedHolds: readonly string[];
}

/** A field's value before and after, as JSON. */
export interface FieldChange {
  from: Json;
  to: Json;
}

/** The action for one row: `plan` shows it, `sync` executes it. */
export interface RowAction {
  model: ModelName;
  sourceId: string;
  action: "create" | "update" | "unchanged" | "refuse";
  /** The fields that change, by Planhat's name (`custom.<name>` for custom ones). */
  fields: Record<string, FieldChange>;
  /** The write, with only the columns that change. */
  write: RowWrite;
  /** The rejected fields; the row's other fields are stored. */
  rejections: FieldRejection[];
  /** The reason why the whole row is rejected, if the action is `refuse`. */
  refused?: FieldRejection;
}
