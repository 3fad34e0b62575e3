import type { Database } from "../../database/database.ts";
import { rehearse } from "../../database/rehearsal/rehearse.ts";
import { vacuumDeadRows } from "../../database/tables/statistics.ts";
import type { CompiledMapping } from "../../mapping/compiled-mapping.ts";
import { sha256 } from "../../mapping/fingerprint.ts";
import { type ModelName, modelNames } from "../../model-name.ts";
import type { Budget } from "../../pipedrive/client/budget.ts";
import { sourceOf } from "../../source-id.ts";
import { type StreamName, streamNames } from "../../stream-name.ts";
import { decideRow } from "../decide/row-action.ts";
import type { Decision } from "../decision.ts";
import type { Progress } from "../run-context.ts";
import { runRemap } from "../runs/run-remap.ts";
import type { Summary } from "../summary.ts";
import { IdSet } from "./id-set.ts";

/** The effect that applying everything again would have on one row. */
export interface DecidedRow {
  model: ModelName;
  stream: StreamName;
  recordId: number;
  sourceId: string;
  /** True if the row must be created; its fields are then all of its fields. */
  create: boolean;
  /** Each field that would change, with its values before and after, long ones as their hash. */
  fields: Map<string, { from: string; to: string }>;
  /** The time when the row last changed; undefined if there is none. */
  updatedAt: string | undefined;
  /** Another model in which the deal also has a row. */
  otherModel: ModelName | undefined;
  /** Rows of other source ids that the row would replace. */
  replaces: { model: ModelName; sourceId: string }[];
  /** The refusals; the field is null for the row as a whole. */
  refused: { field: string | null; reason: string }[];
  /** Fields in which Planhat's own change is kept. */
  kept: string[];
  /** Fields that keep the value of an undo. */
  held: string[];
}

/** The result of applying everything again in a dry run. */
export interface Rehearsed {
  /** The records that sync, by stream. */
  visited: Record<StreamName, IdSet>;
  /** The records whose row is not refused, by model. */
  expected: Record<ModelName, Partial<Record<StreamName, IdSet>>>;
  decided: DecidedRow[];
  summary: Summary;
}

/** The inputs of the dry run. */
export interface RehearsalRequest {
  database: Database;
  mapping: CompiledMapping;
  budget: Budget;
  signal: AbortSignal;
  onProgress?: (progress: Progress) => void;
}

/**
 * Applies everything that has landed again, on a database that keeps nothing, and records the effects: none if landing
 * and tables agree. It is the path of every sync, so no rule is written twice. Throws the error that ends it.
 */
export async function rehearseTables(request: RehearsalRequest): Promise<Rehearsed> {
  const visited = Object.fromEntries(streamNames.map((stream) => [stream, new IdSet()])) as Rehearsed["visited"];
  const expected = Object.fromEntries(modelNames.map((model) => [model, {}])) as Rehearsed["expected"];
  const decided = new Map<string, DecidedRow>();
  const note = (decision: Decision) => {
    const { model, action, sourceId } = decision.action;
    const { stream, recordId } = sourceOf(model, sourceId);
    visited[stream].add(recordId);
    if (action !== "refuse") {
      expected[model][stream] ??= new IdSet();
      expected[model][stream].add(recordId);
    }
    const key = `${model} ${sourceId}`;
    const merged = merge(decided.get(key), decidedRow(request.mapping, decision));
    if (merged === undefined) decided.delete(key);
    else decided.set(key, merged);
  };
  const { summary, failure } = await rehearse(request.database, (database) =>
    runRemap({
      ...request,
      database,
      onDecisions: (_transaction, decisions) => decisions.forEach(note),
    }),
  );
  await vacuumDeadRows(request.database);
  if (failure !== undefined) throw failure;
  return { visited, expected, decided: [...decided.values()], summary };
}

function decidedRow(mapping: CompiledMapping, decision: Decision): DecidedRow {
  const { action, existing, movedFrom, replaces, rejections } = decision;
  const fields = Object.entries(action.fields).map(
    ([field, { from, to }]) => [field, { from: brief(from), to: brief(to) }] as const,
  );
  return {
    model: action.model,
    ...sourceOf(action.model, action.sourceId),
    sourceId: action.sourceId,
    create: action.action === "create",
    fields: new Map(fields),
    updatedAt: existing?.updatedAt,
    otherModel: movedFrom,
    replaces: replaces.map(({ model, row: { sourceId } }) => ({ model, sourceId })),
    refused: rejections.map(({ field, reason }) => ({ field, reason })),
    kept: keptFields(mapping, decision),
    held: [...decision.held],
  };
}

/** Returns the fields that would change if Planhat's own changes were not kept. */
function keptFields({ organizations }: CompiledMapping, { action, candidate, existing, held }: Decision): string[] {
  if (action.model !== "company" || organizations.direction !== "both" || existing === undefined) return [];
  const { sourceId } = action;
  const alone = decideRow({ sourceId, mapped: candidate.mapped, existing });
  return Object.keys(alone.fields).filter((field) => action.fields[field] === undefined && !held.has(field));
}

/**
 * Merges two effects on one row: a person may be applied with one company's deals and again with another's, and only
 * the final result counts.
 */
function merge(earlier: DecidedRow | undefined, later: DecidedRow): DecidedRow | undefined {
  const row = earlier === undefined ? later : { ...later, create: earlier.create || later.create };
  if (earlier !== undefined) {
    row.updatedAt = earlier.updatedAt;
    row.otherModel = earlier.otherModel ?? later.otherModel;
    row.replaces = [...earlier.replaces, ...later.replaces];
    const fields = new Map(earlier.fields);
    for (const [field, { from, to }] of later.fields) fields.set(field, { from: fields.get(field)?.from ?? from, to });
    for (const [field, { from, to }] of fields) if (from === to) fields.delete(field);
    row.fields = fields;
  }
  const nothing =
    !row.create &&
    row.fields.size === 0 &&
    row.otherModel === undefined &&
    row.replaces.length === 0 &&
    row.refused.length === 0 &&
    row.kept.length === 0 &&
    row.held.length === 0;
  return nothing ? undefined : row;
}

const longestValue = 100;

function brief(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > longestValue ? sha256(text) : text;
}
