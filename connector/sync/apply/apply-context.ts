import type { RunHistory } from "../../database/history/run-history.ts";
import type { KeptRow } from "../../database/rows/kept.ts";
import type { CompiledMapping, CompiledStream } from "../../mapping/compiled-mapping.ts";
import type { RevenueKind } from "../../model-name.ts";
import type { HarmAttempt, MappingChange, RowBrake } from "../brake-terms.ts";
import type { Candidate } from "../decision.ts";
import type { OnDecisions } from "../run-context.ts";
import type { SkipReason, Summary } from "../summary.ts";

/** The inputs of applying besides the records: the mapping, the run, and its counts. */
export interface ApplyContext {
  mapping: CompiledMapping;
  runId: string;
  /** The recipient of the changes. */
  history: RunHistory;
  /** The change of the mapping for which everything is mapped again, if that is in progress. */
  mappingChange?: MappingChange | undefined;
  /** The summary, whose counts grow. */
  summary: Summary;
  /** The number of rejections that the run has recorded; it grows. */
  rejections: number;
  /** True if some rejections were dismissed. */
  anyDismissed?: boolean | undefined;
  /** True if no record had a link at the start, so that only a record with a row can have one. */
  noLinksBefore?: boolean;
  /** True if any product of a deal, or the line item of a deal, has a row. */
  hasProductRows?: boolean;
  /** Which kinds of revenue models had rows at the start. */
  rowsOfKind?: Readonly<Record<RevenueKind, boolean>>;
  /** True if an undo left any holds. */
  mayBeHeld?: boolean;
  /**
   * The times of changes to companies in Planhat, by organization, if they are known more exactly than from their rows.
   */
  changedInPlanhat?: ReadonlyMap<number, string>;
  /** Stops the run before it does too much harm; absent if there is no limit. */
  brake?: RowBrake;
  /** Counts the harm of the current transaction. */
  harm?: HarmAttempt;
  /** Called in a survey with rows whose records do not sync, as if they were kept, and the reasons by record. */
  onLeftOut?: (rows: readonly KeptRow[], reasons: ReadonlyMap<number, SkipReason>) => void;
  /** Called with the decisions inside the transaction that stores them; called again if that transaction is retried. */
  onDecisions?: OnDecisions;
}

/** Candidates of one stream. */
export interface StreamCandidates {
  stream: CompiledStream;
  candidates: readonly Candidate[];
}
