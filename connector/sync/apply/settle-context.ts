import type { RunHistory } from "../../database/history/run-history.ts";
import type { CompiledMapping } from "../../mapping/compiled-mapping.ts";
import type { HarmAttempt, MappingChange, RowBrake } from "../brake-terms.ts";
import type { OnDecisions } from "../run-context.ts";
import type { Summary } from "../summary.ts";

/** What settling needs besides the records: the mapping, the run, and where to count. */
export interface SettleContext {
  mapping: CompiledMapping;
  runId: string;
  /** Where the changes go. */
  history: RunHistory;
  /** The change of the mapping for which everything is mapped again, where that is under way. */
  mappingChange?: MappingChange | undefined;
  /** Counted up while settling. */
  summary: Summary;
  /** How many rejections the run has recorded; counted up while settling. */
  rejections: number;
  /** Some rejections were dismissed. */
  anyDismissed?: boolean | undefined;
  /** No record had a link when settling began, so that only one that has a row can have one. */
  noLinksBefore?: boolean;
  /** Something is held since an undo. */
  mayBeHeld?: boolean;
  /** When companies were changed in Planhat, by organization, where that is known better than by their rows. */
  changedInPlanhat?: ReadonlyMap<number, string>;
  /** Stops the run before it harms too much; left out where nothing does. */
  brake?: RowBrake;
  /** Counts what the transaction under way harms. */
  harm?: HarmAttempt;
  /** Told of decisions when they are carried out, in the transaction that does it; again when that is begun anew. */
  onDecisions?: OnDecisions;
}
