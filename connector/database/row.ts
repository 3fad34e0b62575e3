import type { JsonObject } from "../mapping/value.ts";
import type { ModelName } from "../model-name.ts";

/** The values to write into one row; absent ones stay unchanged. */
export interface RowWrite {
  sourceId: string;
  /** The external id; absent: unchanged. */
  externalId?: string | null;
  /** The row id of its company; absent: unchanged. Companies have none. */
  companyId?: string | null;
  /** Columns of properties in canonical text; an absent one stays unchanged, null becomes NULL. */
  columns: Record<string, string | null>;
  /** Custom fields to set; null stays a JSON null, an absent key stays unchanged. */
  custom?: JsonObject;
  /** Returns the reason of the write, for the row's history. */
  because?: (() => Because | undefined) | undefined;
}

/** A row of a model's table as stored. */
export interface StoredRow {
  /** The row's own id, a bigint as text. */
  id: string;
  sourceId: string;
  /** The row id of its company; null for companies. */
  companyId: string | null;
  externalId: string | null;
  /**
   * Each property's column in its canonical text: numbers without trailing zeros, dates YYYY-MM-DD, instants
   * 2026-01-31T10:00:00Z with a fraction only if there is one, true or false, JSON; null for NULL.
   */
  columns: Record<string, string | null>;
  /** Custom fields by Planhat's name; one that was cleared is null, one that was never set is absent. */
  custom: JsonObject;
  /** The instant of the row's last change by any session, in canonical text. */
  updatedAt: string;
}

/** A company as stored, linked or not. */
export type StoredCompany = Omit<StoredRow, "sourceId"> & { sourceId: string | null };

/** A stored row's own id, and whether it was created now. */
export interface StoredRowId {
  id: string;
  sourceId: string;
  created: boolean;
}

/** The reasons of a write; each key is present only where it applies. */
export interface Because {
  /** The records for which the run applied the row: mostly deals. */
  deals?: number[];
  organizations?: number[];
  persons?: number[];
  notes?: number[];
  deal_products?: number[];
  /** The mapping differs from that of the run before, or everything is mapped again. */
  mapping?: true;
  /** For a removal: the deal's new model, or what replaces the row: the deal's own row, or rows of its products. */
  movedTo?: ModelName | "deal_row" | "deal_products";
  /** For a removal of a row that others replaced: its deal. */
  ofDeal?: number;
  /** For a removal: the rows that took its place, if their source ids differ. */
  replacedBy?: { model: ModelName; sourceId: string }[];
  /** An edit made in Planhat arrived. */
  from?: "planhat";
  /** Another cause, in one word: `adopted`, `linked`, `cleared`, `ended`, `undo` … */
  by?: string;
  /** The removed row's data besides its values. */
  row?: { createdAt: string; planhatId: string | null };
}
