import type { Held } from "../database/consents.ts";
import { type ModelName, modelNames } from "../model-name.ts";
import { type StreamName, streamNames } from "../stream-name.ts";
import type { PlanhatSummary } from "./planhat-summary.ts";

/**
 * What a run took up of a stream. Of deals what became of each is counted too, so that read = eligible + skipped +
 * unchanged. `deleted` are those that a walk through the whole lists found to be gone.
 */
export interface StreamCounts {
  /** Records that came and landed, and `from_landing` of them that had landed before. */
  read: number;
  /** Records that came too and were refused before landing; they are not among those read. */
  rejected: number;
  eligible?: number;
  skipped?: Partial<Record<SkipReason, number>>;
  /** Deals that came as they were the last time, so that nothing was to be done. */
  unchanged?: number;
  /**
   * Those of them that were read from the landing alone, where there are any: the mapping or a name changed, or an
   * earlier run was cut short.
   */
  from_landing?: number;
  deleted?: number;
}

/** What became of a model's rows in a run. */
export interface ModelCounts {
  created: number;
  updated: number;
  unchanged: number;
  rejected: number;
  /** Fields that were refused of rows that are stored all the same. */
  fields_rejected: number;
  /** Rows and fields that were rejected as they were when somebody dismissed that, where there are any. */
  dismissed?: number;
}

/** How a run came about: everything again, what changed, the companies asked for, serve's weekly walk, or an undo. */
export type RunMode = "full" | "incremental" | "company" | "sweep" | "undo";

/** The object that `sync --json` prints last (contract, section 2). */
export interface Summary {
  run: string;
  mode: RunMode;
  status: "succeeded" | "failed" | "partial" | "held";
  seconds: number;
  streams: Record<StreamName, StreamCounts>;
  models: Record<ModelName, ModelCounts>;
  /** Rows that stay although their deal does not sync any more, by reason: how it stands at the run's end. */
  kept: Partial<Record<SkipReason, number>>;
  sent: { organizations: { created: number; updated: number; conflicts: number } };
  requests: { count: number; retried: number; tokens: number };
  /** What is not done until somebody agrees to it. */
  held: Held[];
  /**
   * Fields and rows that were left as an undo has left them, each time that they were settled; there where any were.
   */
  holds?: number;
  /** What was done in Planhat; there where its API is configured. */
  planhat?: PlanhatSummary;
}

/** A summary in which nothing has happened yet. */
export function emptySummary(run: string, mode: RunMode): Summary {
  const streams = Object.fromEntries(streamNames.map((stream) => [stream, { read: 0, rejected: 0 } as StreamCounts]));
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

function emptyCounts(): ModelCounts {
  return { created: 0, updated: 0, unchanged: 0, rejected: 0, fields_rejected: 0 };
}

/**
 * Counts records that came in: those that landed, those that were refused before it, and `others` that are only marked.
 */
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

/** Adds what `batch` counted of deals, rows and conflicts to a summary. */
export function addCounts(summary: Summary, batch: Summary): void {
  for (const stream of streamNames) {
    const { eligible, skipped } = batch.streams[stream];
    const counts = summary.streams[stream];
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
 * Makes the numbers of deals add up, once all is settled: what was read and not settled came as it was the last time,
 * what was settled and did not come had landed before, and was read from there.
 */
export function balanceDeals({ streams: { deals } }: Summary): void {
  const skipped = Object.values(deals.skipped ?? {}).reduce((sum, count) => sum + count, 0);
  const settled = (deals.eligible ?? 0) + skipped;
  const landed = deals.read;
  // Of what came unchanged some may have been settled all the same, with what had landed before.
  deals.unchanged = Math.max(0, landed - settled);
  if (settled <= landed) return;
  deals.from_landing = settled - landed;
  deals.read = settled;
}

/** Why a record does not sync: exactly the words of the contract, section 2. */
export type SkipReason =
  | "direction_none"
  | "not_won"
  | "pipeline_not_selected"
  | "no_organization"
  | "no_start_date"
  | "deleted"
  | "archived"
  | "not_associated";
