import type { Transaction } from "../database/database.ts";
import type { ModelName } from "../model-name.ts";
import type { StreamName } from "../stream-name.ts";
import type { Decision } from "./decision.ts";

/** The rows of a model that a run may harm without consent: the higher of the two limits applies. */
export interface BrakeLimits {
  /** A share of the model's rows: 0.5 is half of them. */
  share: number;
  rows: number;
}

/** The harm of a run to one model. */
export interface BrakedModel {
  model: ModelName;
  /** Rows or objects that the run would harm, including those that it harmed before it was stopped. */
  count: number;
  /** The number of rows or objects before the run. */
  total: number;
}

/** A change of the mapping, or a remap, in progress. */
export interface MappingChange {
  /** Its start by this machine's clock, which the landing uses. */
  since: string;
  /** The last change of each stream known at the start, by Pipedrive's clock; null if no sync has read the stream. */
  known: Readonly<Partial<Record<StreamName, string | null>>>;
}

/** A row that a transaction harms. */
export interface HarmedRow {
  model: ModelName;
  sourceId: string;
  /** True if it is removed. */
  gone: boolean;
}

/** The brake on the rows of one run: it counts harmed rows, and stops the run before it harms more than it may. */
export interface RowBrake {
  /** Starts counting the harm of one transaction; a retried transaction counts from its start. */
  attempt(): HarmAttempt;
  /** Creates a brake that counts, in a dry run, the harm of the rest of the run. */
  counting(): RowBrake;
  /** Returns the models of which the run harms more than it may without consent. */
  braked(): BrakedModel[];
}

/** The harm of one transaction. */
export interface HarmAttempt {
  /** Counts the harm of decisions about rows, before they are executed. Throws LinePassed if it exceeds the limits. */
  check(transaction: Transaction, stream: StreamName, decisions: readonly Decision[]): Promise<void>;
  /** Counts rows that are about to be harmed. Throws LinePassed if they exceed the limits. */
  add(transaction: Transaction, rows: readonly HarmedRow[]): Promise<void>;
  /** Called after the transaction's commit. */
  commit(): void;
}
