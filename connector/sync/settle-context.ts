import type { CompiledMapping } from "../mapping/compiled-mapping.ts";
import type { Decision } from "./decide-candidate.ts";
import type { Summary } from "./summary.ts";

/** What settling needs besides the records: the mapping, the run, and where to count. */
export interface SettleContext {
  mapping: CompiledMapping;
  runId: string;
  /** Counted up while settling. */
  summary: Summary;
  /** How many rejections the run has recorded; counted up while settling. */
  rejections: number;
  /** Told of every decision, as `plan` and progress need it. */
  onDecision?: (decision: Decision) => void;
}
