import type { Transaction } from "../database/database.ts";
import type { ModelName } from "../model-name.ts";
import type { StreamName } from "../stream-name.ts";
import type { Decision } from "./decision.ts";

/** How many rows of a model a run may harm without anybody's word: as many as the higher of the two allows. */
export interface BrakeLimits {
  /** A part of the model's rows: 0.5 is half of them. */
  share: number;
  rows: number;
}

/** How much of a model a run would harm. */
export interface BrakedModel {
  model: ModelName;
  /** Rows or objects that the run would harm, those included that it had harmed before it was stopped. */
  count: number;
  /** How many there were before. */
  total: number;
}

/** A change of the mapping, or a remap, that a run carries out. */
export interface MappingChange {
  /** When it began, by this machine's clock as the landing has it. */
  since: string;
  /** Up to which change each stream was known then, by Pipedrive's clock; null where it was not read by a sync. */
  known: Readonly<Partial<Record<StreamName, string | null>>>;
}

/** A row that a transaction harms. */
export interface HarmedRow {
  model: ModelName;
  sourceId: string;
  /** It is removed. */
  gone: boolean;
}

/** The brake on the rows of one run: counts those that it harms, and stops it before it harms more than it may. */
export interface RowBrake {
  /** Begins to count what one transaction harms; a transaction that is begun anew counts anew. */
  attempt(): HarmAttempt;
  /** Makes one that counts what the rest of the run would harm, in a rehearsal. */
  counting(): RowBrake;
  /** The models of which the run harms more than it may without somebody's word. */
  braked(): BrakedModel[];
}

/** What one transaction harms. */
export interface HarmAttempt {
  /** Counts what decisions about rows harm, before they are carried out. Throws LinePassed where that is too much. */
  check(transaction: Transaction, stream: StreamName, decisions: readonly Decision[]): Promise<void>;
  /** Counts rows that are about to be harmed. Throws LinePassed where that is too much. */
  add(transaction: Transaction, rows: readonly HarmedRow[]): Promise<void>;
  /** The transaction is committed. */
  commit(): void;
}
