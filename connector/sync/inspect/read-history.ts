import type { Queryable } from "../../database/database.ts";
import { type Change, readRowChanges } from "../../database/history/changes.ts";
import { type Hold, readHolds } from "../../database/history/holds.ts";
import { readRunsById, type ToldRun } from "../../database/history/told-runs.ts";
import { sourceIdsOf } from "../../database/landing/audit-scans.ts";
import type { StoredRow } from "../../database/row.ts";
import { type KeptRow, readKept } from "../../database/rows/kept.ts";
import { readTitles } from "../../database/rows/row-names.ts";
import { readRows } from "../../database/rows/stored-row.ts";
import { listConflicts, type RecordedConflict } from "../../database/tables/conflicts.ts";
import { listRejections, type StoredRejection } from "../../database/tables/rejections.ts";
import type { ModelName } from "../../model-name.ts";
import { sourceOf } from "../../source-id.ts";
import type { StreamName } from "../../stream-name.ts";

/** The models of each stream's rows. */
const modelsOf: Readonly<Record<StreamName, readonly ModelName[]>> = {
  organizations: ["company"],
  persons: ["enduser"],
  notes: ["note"],
  deals: ["license", "sale"],
  deal_products: ["license", "sale"],
};

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

/** Returns the record and the source id that a word and an id name: a product by its own id, or its row's source id. */
async function recordOf(
  queryable: Queryable,
  word: StreamName | ModelName,
  id: string,
): Promise<Pick<RecordHistory, "stream" | "models"> & { recordId: number | undefined; sourceId: string }> {
  const named = streamAndModels(word);
  const { stream: own, recordId } = sourceOf(named.models[0]!, id);
  if (own === "deal_products") return { ...named, stream: own, recordId, sourceId: id };
  const isNumber = /^\d{1,15}$/.test(id);
  const [found] =
    named.stream === "deal_products" && isNumber ? await sourceIdsOf(queryable, named.stream, [Number(id)]) : [];
  return { ...named, recordId: isNumber ? Number(id) : undefined, sourceId: found ?? id };
}

/** Reads the history of one record, by its id in Pipedrive. */
export async function readHistory(
  queryable: Queryable,
  word: StreamName | ModelName,
  id: string,
): Promise<RecordHistory> {
  const { stream, models, recordId, sourceId } = await recordOf(queryable, word, id);
  const rows: RowNow[] = [];
  const changes: Change[] = [];
  for (const model of models) {
    const [row] = await readRows(queryable, model, [sourceId]);
    if (row !== undefined) rows.push({ model, rowId: row.id, name: nameOf(row) });
    changes.push(...(await changesOf(queryable, model, sourceId, row?.id)));
  }
  changes.sort((one, other) => (BigInt(one.id) < BigInt(other.id) ? -1 : 1));
  const of = recordId === undefined ? undefined : { stream, recordId };
  const conflicts = of === undefined ? [] : await listConflicts(queryable, mostConflicts, of);
  const rejections = recordId === undefined ? [] : await listRejections(queryable, { stream, recordIds: [recordId] });
  const holds = await readHolds(queryable, models, [sourceId]);
  const mayBeKept = recordId !== undefined && (stream === "deals" || stream === "deal_products");
  const [kept] = mayBeKept ? await readKept(queryable, stream, [recordId]) : [];
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
