import type { Held } from "../database/tables/consents.ts";
import { type ModelName, modelNames } from "../model-name.ts";
import { type ListedStream, listedStreams, type StreamName, streamNames } from "../stream-name.ts";
import type { PlanhatSummary } from "./planhat-summary.ts";

/**
 * The counts of a stream in a run. For deals read = eligible + skipped + unchanged. `deleted` are records that a walk
 * through the whole lists found missing.
 */
export interface StreamCounts {
  /** Records that were received and landed; `from_landing` of them had landed before. */
  read: number;
  /** Records that were received and rejected before landing; `read` does not include them. */
  rejected: number;
  eligible?: number;
  skipped?: Partial<Record<SkipReason, number>>;
  /** Deals that were received unchanged, so that nothing had to be done. */
  unchanged?: number;
  /**
   * Deals that were read from the landing alone, if any: the mapping or a name changed, or an earlier run was
   * interrupted.
   */
  from_landing?: number;
  deleted?: number;
}

/** The results for a model's rows in a run. */
export interface ModelCounts {
  created: number;
  updated: number;
  unchanged: number;
  rejected: number;
  /** Rejected fields of rows that are stored nevertheless. */
  fields_rejected: number;
  /** Dismissed rows and fields that were rejected again unchanged, if any. */
  dismissed?: number;
}

/**
 * The mode of a run: everything again, changes, the requested companies, serve's weekly walk, an undo, or the
 * forgetting of a person.
 */
export type RunMode = "full" | "incremental" | "company" | "sweep" | "undo" | "forget";

/** The object that `sync --json` prints last (contract, section 2). */
export interface Summary {
  run: string;
  mode: RunMode;
  status: "succeeded" | "failed" | "partial" | "held";
  seconds: number;
  /** Products of deals are there where any were read or applied. */
  streams: Record<ListedStream, StreamCounts> & { deal_products?: StreamCounts };
  models: Record<ModelName, ModelCounts>;
  /** Rows that stay although their deal no longer syncs, by reason, at the end of the run. */
  kept: Partial<Record<SkipReason, number>>;
  sent: { organizations: { created: number; updated: number; conflicts: number } };
  requests: { count: number; retried: number; tokens: number };
  /** The work that waits for consent. */
  held: Held[];
  /**
   * The number of fields and rows left as an undo had left them, counted each time they were applied; absent if there
   * were none.
   */
  holds?: number;
  /** The records of which only ids, references and times are kept (`landing: eligible`); absent if there are none. */
  lean?: Partial<Record<StreamName, number>>;
  /** The actions in Planhat; absent if its API is not configured. */
  planhat?: PlanhatSummary;
}

/** Returns a summary with all counts 0. */
export function emptySummary(run: string, mode: RunMode): Summary {
  const streams = Object.fromEntries(listedStreams.map((stream) => [stream, { read: 0, rejected: 0 } as StreamCounts]));
  streams["deals"] = { read: 0, rejected: 0, eligible: 0, skipped: {}, unchanged: 0 };
  const models = modelNames.map((model) => [model, emptyCounts()]);
  return {
    run,
    mode,
    status: "succeeded",
    seconds: 0,
    streams: streams as Summary["streams"],
    models: Object.fromEntries(models) as Summary["models"],
    kept: {},
    sent: { organizations: { created: 0, updated: 0, conflicts: 0 } },
    requests: { count: 0, retried: 0, tokens: 0 },
    held: [],
  };
}

/** The counts of a stream, which begin with the first record that is counted. */
export function countsOf({ streams }: Summary, stream: StreamName): StreamCounts {
  streams[stream] ??= { read: 0, rejected: 0 };
  return streams[stream];
}

function emptyCounts(): ModelCounts {
  return { created: 0, updated: 0, unchanged: 0, rejected: 0, fields_rejected: 0 };
}

/** Counts received records: landed ones, ones rejected before it, and `others` that are only marked. */
export function countRead(
  counts: StreamCounts,
  { records, rejected }: { records: readonly unknown[]; rejected: readonly unknown[] },
  others = 0,
): void {
  counts.read += records.length + others;
  counts.rejected += rejected.length;
}

/** Counts records of a stream that were left out, by reason. */
export function countSkipped(counts: StreamCounts, skipped: Partial<Record<SkipReason, number>>): void {
  counts.skipped ??= {};
  for (const [reason, number] of Object.entries(skipped) as [SkipReason, number][]) {
    counts.skipped[reason] = (counts.skipped[reason] ?? 0) + number;
  }
}

/** Adds the counts of deals, rows and conflicts in `batch` to a summary. */
export function addCounts(summary: Summary, batch: Summary): void {
  for (const stream of streamNames) {
    if (batch.streams[stream] === undefined) continue;
    const { eligible, skipped } = batch.streams[stream];
    const counts = countsOf(summary, stream);
    if (eligible !== undefined) counts.eligible = (counts.eligible ?? 0) + eligible;
    if (skipped !== undefined) countSkipped(counts, skipped);
  }
  for (const model of modelNames) {
    const counts = summary.models[model];
    for (const [outcome, number] of Object.entries(batch.models[model]) as [keyof ModelCounts, number][]) {
      counts[outcome] = (counts[outcome] ?? 0) + number;
    }
  }
  summary.sent.organizations.conflicts += batch.sent.organizations.conflicts;
  if (batch.holds !== undefined) summary.holds = (summary.holds ?? 0) + batch.holds;
}

/**
 * Balances the counts of deals after everything is applied. Deals that were read and not applied were unchanged. Deals
 * that were applied and not received were read from the landing.
 */
export function balanceDeals({ streams: { deals } }: Summary): void {
  const skipped = Object.values(deals.skipped ?? {}).reduce((sum, count) => sum + count, 0);
  const applied = (deals.eligible ?? 0) + skipped;
  const landed = deals.read;
  // Some unchanged deals may still have been applied, together with earlier ones.
  deals.unchanged = Math.max(0, landed - applied);
  if (applied <= landed) return;
  deals.from_landing = applied - landed;
  deals.read = applied;
}

/** The reason why a record does not sync, in exactly the words of the contract, section 2. */
export type SkipReason =
  | "direction_none"
  | "not_won"
  | "pipeline_not_selected"
  | "no_organization"
  | "no_start_date"
  | "deleted"
  | "archived"
  | "not_associated"
  /** A person that was forgotten (`forget`). */
  | "forgotten"
  /** A product that is switched off on its deal. */
  | "not_enabled"
  /** A deal that the mapping makes no row (`model: none`). */
  | "no_row";
