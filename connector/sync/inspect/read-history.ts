import type { Queryable } from "../../database/database.ts";
import { type Change, readRowChanges } from "../../database/history/changes.ts";
import { type Hold, readHolds } from "../../database/history/holds.ts";
import { readRunsById, type ToldRun } from "../../database/history/told-runs.ts";
import { sourceIdsOf } from "../../database/landing/audit-scans.ts";
import type { StoredRow } from "../../database/row.ts";
import { type KeptRow, readKeptRows } from "../../database/rows/kept.ts";
import type { RowName } from "../../database/rows/replaced.ts";
import { readTitles } from "../../database/rows/row-names.ts";
import { readRows } from "../../database/rows/stored-row.ts";
import { listConflicts, type RecordedConflict } from "../../database/tables/conflicts.ts";
import { listRejections, type StoredRejection } from "../../database/tables/rejections.ts";
import { modelsOf } from "../../mapping/language/document-schema.ts";
import type { ModelName } from "../../model-name.ts";
import { ownItemSourceId, sourceOf } from "../../source-id.ts";
import type { StreamName } from "../../stream-name.ts";

/** An existing row. */
export interface RowNow {
  model: ModelName;
  rowId: string;
  name: string | null;
}

/** The stored history of one record and its row. */
export interface RecordHistory {
  stream: StreamName;
  id: string;
  models: readonly ModelName[];
  rows: RowNow[];
  changes: Change[];
  runs: ReadonlyMap<string, ToldRun>;
  /** The titles of the deals that caused runs to decide about it, by id. */
  titles: ReadonlyMap<number, string>;
  conflicts: RecordedConflict[];
  rejections: StoredRejection[];
  holds: Hold[];
  kept: KeptRow | undefined;
}

/** The maximum number of conflicts listed for one record. */
const mostConflicts = 200;

/** Returns the stream and models that a word names: a stream with all its models, or a single model. */
export function streamAndModels(word: StreamName | ModelName): Pick<RecordHistory, "stream" | "models"> {
  for (const [stream, models] of Object.entries(modelsOf) as [StreamName, readonly ModelName[]][]) {
    if (stream === word) return { stream, models };
    if (models.some((model) => model === word)) return { stream, models: [word as ModelName] };
  }
  throw new Error(`There is neither a stream nor a model ${word}.`);
}

function nameOf({ columns }: StoredRow): string | null {
  return columns["name"] ?? columns["product"] ?? columns["email"] ?? null;
}

/** Reads the changes of a row. A removed row had another id than the present one, and its creation is found by it. */
async function changesOf(
  queryable: Queryable,
  model: ModelName,
  id: string,
  rowId: string | undefined,
): Promise<Change[]> {
  const now = rowId === undefined ? [] : [rowId];
  const own = await readRowChanges(queryable, model, id, now);
  const all = new Set([...now, ...own.flatMap((change) => (change.lastRowId === null ? (change.rowId ?? []) : []))]);
  return all.size === now.length ? own : readRowChanges(queryable, model, id, [...all]);
}

/** The record that a word and an id name, and its rows. */
interface NamedRecord {
  stream: StreamName;
  recordId: number | undefined;
  rows: RowName[];
}

/**
 * Returns the record and the rows that a word and an id name: a product by its own id, or its row's source id. The line
 * item that is made of a deal belongs to the deal's history.
 */
async function recordOf(queryable: Queryable, word: StreamName | ModelName, id: string): Promise<NamedRecord> {
  const { stream: first, models } = streamAndModels(word);
  const { stream, recordId } = recordNamed(first, models, id);
  if (recordId === undefined) return { stream, recordId, rows: models.map((model) => ({ model, sourceId: id })) };
  const rows: RowName[] = [];
  for (const model of models) {
    const [sourceId = id] = await sourceIdsOf(queryable, stream, model, [recordId]);
    rows.push({ model, sourceId });
  }
  if (word === "deals") rows.push({ model: "lineitem", sourceId: ownItemSourceId(recordId) });
  return { stream, recordId, rows };
}

function recordNamed(
  stream: StreamName,
  models: readonly ModelName[],
  id: string,
): { stream: StreamName; recordId: number | undefined } {
  if (/^\d{1,15}$/.test(id)) return { stream, recordId: Number(id) };
  for (const model of models) {
    const named = sourceOf(model, id);
    if (Number.isSafeInteger(named.recordId)) return named;
  }
  return { stream, recordId: undefined };
}

/** Reads the history of one record, by its id in Pipedrive. */
export async function readHistory(
  queryable: Queryable,
  word: StreamName | ModelName,
  id: string,
): Promise<RecordHistory> {
  const { stream, recordId, rows: names } = await recordOf(queryable, word, id);
  const models = names.map(({ model }) => model);
  const rows: RowNow[] = [];
  const changes: Change[] = [];
  const holds: Hold[] = [];
  for (const { model, sourceId } of names) {
    holds.push(...(await readHolds(queryable, [model], [sourceId])));
    const [row] = await readRows(queryable, model, [sourceId]);
    if (row !== undefined) rows.push({ model, rowId: row.id, name: nameOf(row) });
    changes.push(...(await changesOf(queryable, model, sourceId, row?.id)));
  }
  changes.sort((one, other) => (BigInt(one.id) < BigInt(other.id) ? -1 : 1));
  const of = recordId === undefined ? undefined : { stream, recordId };
  const conflicts = of === undefined ? [] : await listConflicts(queryable, mostConflicts, of);
  const rejections = recordId === undefined ? [] : await listRejections(queryable, { stream, recordIds: [recordId] });
  const mayBeKept = recordId !== undefined && (stream === "deals" || stream === "deal_products");
  const [kept] = mayBeKept ? await readKeptRows(queryable, stream, [recordId]) : [];
  const runIds = new Set([
    ...changes.map(({ runId }) => runId),
    ...[...conflicts, ...rejections, ...holds].flatMap(({ runId }) => runId ?? []),
  ]);
  const deals = new Set(changes.flatMap(({ because }) => (because?.["deals"] ?? []) as number[]));
  return {
    ...{ stream, id, models, rows, changes, conflicts, rejections, holds, kept },
    runs: await readRunsById(queryable, [...runIds]),
    titles: await readTitles(queryable, [...deals]),
  };
}
