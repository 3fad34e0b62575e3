import type { ModelName } from "../model-name.ts";
import { copyNewRows } from "./copy-new-rows.ts";
import { copyChunks, copyField } from "./copy-text.ts";
import type { Transaction } from "./database.ts";
import { rowChange } from "./history/row-change.ts";
import { creations, creationsOfMany, keepChanges, type RunHistory } from "./history/run-history.ts";
import { type IncomingRow, incomingRow, type RowWrite } from "./incoming-row.ts";
import { jsonBatches } from "./json-batches.ts";
import {
  incomingDefinition,
  insertStatement,
  mergeStatement,
  type WrittenColumn,
  writtenColumns,
} from "./row-merge.ts";
import { lockRows } from "./stored-row.ts";

/** A stored row's own id, and whether it was created now. */
export interface StoredRowId {
  id: string;
  sourceId: string;
  created: boolean;
}

/** From this many rows on, COPY into a temporary table is faster than JSON in a parameter. */
const bulkRows = 2000;
const rowsAtOnce = 1000;

/**
 * Stores rows of a model by their source id, each with its own set of columns: one statement never erases a column of
 * one row because another brings it. Two writes of one source id are merged, the later over the earlier. Returns id
 * and created for each source id. Throws a Failure that names row and column for what Postgres cannot store. What
 * changes is kept in the run's history, against the rows as they stand when they are written.
 */
export async function storeRows(
  transaction: Transaction,
  history: RunHistory,
  model: ModelName,
  writes: readonly RowWrite[],
): Promise<StoredRowId[]> {
  const rows = onePerSource(writes);
  const ids = rows.map(({ sourceId }) => sourceId);
  const before = history.isKept ? await lockRows(transaction, model, ids) : [];
  const stored = await send(transaction, model, rows, mergeStatement);
  if (!history.isKept) return stored;
  const writeOf = new Map(rows.map((write) => [write.sourceId, write]));
  const made = stored.filter(({ created }) => created);
  await keepChanges(transaction, history, [
    ...creations(model, made.map(withReason(writeOf))),
    ...before.flatMap((row) => {
      const { sourceId, id: rowId } = row;
      const write = writeOf.get(sourceId)!;
      const change = rowChange(model, row, write);
      if (change === undefined) return [];
      return { action: "update" as const, model, sourceId, rowId, ...change, ...reasonOf(write) };
    }),
  ]);
  return stored;
}

function withReason(writes: ReadonlyMap<string, RowWrite>) {
  return ({ id, sourceId }: StoredRowId) => ({ id, sourceId, because: writes.get(sourceId)?.because?.() });
}

function reasonOf(write: RowWrite) {
  const because = write.because?.();
  return because === undefined ? {} : { because };
}

/** From this many new rows on, COPY straight into the table is worth its round trips. */
const copiedFrom = 100;

/**
 * Stores rows that were not there a moment ago, which is cheaper than to look for each. A row that somebody else has
 * made since is merged like any other, or, among many, is an error of a unique constraint: then what was decided about
 * it is out of date. Otherwise as `storeRows`.
 */
export async function createRows(
  transaction: Transaction,
  history: RunHistory,
  model: ModelName,
  writes: readonly RowWrite[],
): Promise<StoredRowId[]> {
  const rows = onePerSource(writes);
  const isBulk = rows.length >= copiedFrom;
  const columns = writtenColumns(model);
  const created = isBulk
    ? await copyNewRows(
        transaction,
        model,
        columns,
        rows.map((write) => incomingRow(model, columns, write)),
      )
    : await send(transaction, model, rows, insertStatement);
  if (history.isKept && isBulk) {
    const isRemap = rows.every(({ because }) => because?.()?.mapping === true);
    await keepChanges(transaction, history, creationsOfMany(model, created, isRemap ? { mapping: true } : undefined));
  } else if (history.isKept) {
    const writeOf = new Map(rows.map((write) => [write.sourceId, write]));
    await keepChanges(transaction, history, creations(model, created.map(withReason(writeOf))));
  }
  if (created.length === rows.length) return created;
  const known = new Set(created.map(({ sourceId }) => sourceId));
  const others = rows.filter(({ sourceId }) => !known.has(sourceId));
  return [...created, ...(await storeRows(transaction, history, model, others))];
}

/** Brings the rows into a relation `incoming`, by COPY or in parameters, and runs the statement on it. */
async function send(
  transaction: Transaction,
  model: ModelName,
  writes: readonly RowWrite[],
  toStatement: (model: ModelName, columns: readonly WrittenColumn[], incoming: string) => string,
): Promise<StoredRowId[]> {
  const columns = writtenColumns(model);
  const rows = writes.map((write) => incomingRow(model, columns, write));
  if (rows.length >= bulkRows) return sendByCopy(transaction, model, columns, rows, toStatement);
  const stored: StoredRowId[] = [];
  const source = `incoming as materialized (select * from json_to_recordset($1) as t (${incomingDefinition(columns)})), `;
  const statement = toStatement(model, columns, source);
  for (const batch of jsonBatches(rows, rowsAtOnce, (row) => rowJson(columns, row))) {
    stored.push(...toStored(await transaction.query<ReturnedRow>(statement, [batch])));
  }
  return stored;
}

interface ReturnedRow {
  id: string;
  source_id: string;
  created: boolean;
}

function toStored(rows: readonly ReturnedRow[]): StoredRowId[] {
  return rows.map(({ id, source_id, created }) => ({ id, sourceId: source_id, created }));
}

async function sendByCopy(
  transaction: Transaction,
  model: ModelName,
  columns: readonly WrittenColumn[],
  rows: readonly IncomingRow[],
  toStatement: (model: ModelName, columns: readonly WrittenColumn[], incoming: string) => string,
): Promise<StoredRowId[]> {
  const table = `pg_temp.incoming_${model}`;
  await transaction.query(
    // Behind a pooler the session is somebody else's after the commit.
    `create temporary table if not exists incoming_${model} (${incomingDefinition(columns)}) on commit drop`,
  );
  await transaction.query(`truncate ${table}`);
  await transaction.copyIn(`copy ${table} from stdin`, copyChunks(copyRows(rows)));
  const source = `incoming as not materialized (select * from ${table}), `;
  return toStored(await transaction.query<ReturnedRow>(toStatement(model, columns, source)));
}

function* copyRows(rows: readonly IncomingRow[]): Generator<string[]> {
  for (const { sourceId, present, values, custom } of rows) {
    const fields = [copyField(sourceId), String(present)];
    for (const value of values) fields.push(copyField(value ?? null));
    fields.push(copyField(custom));
    yield fields;
  }
}

function onePerSource(writes: readonly RowWrite[]): RowWrite[] {
  const bySource = new Map<string, RowWrite>();
  for (const write of writes) {
    const earlier = bySource.get(write.sourceId);
    bySource.set(
      write.sourceId,
      earlier === undefined
        ? write
        : {
            ...earlier,
            ...write,
            columns: { ...earlier.columns, ...write.columns },
            ...(earlier.custom === undefined && write.custom === undefined
              ? {}
              : { custom: { ...earlier.custom, ...write.custom } }),
          },
    );
  }
  return [...bySource.values()];
}

function rowJson(columns: readonly WrittenColumn[], { sourceId, present, values, custom }: IncomingRow): string {
  let json = `{"source_id":${JSON.stringify(sourceId)},"present":${present}`;
  values.forEach((value, index) => {
    if (value === undefined || value === null) return;
    const { incoming, type } = columns[index]!;
    json += `,"${incoming}":${type === "jsonb" ? value : JSON.stringify(value)}`;
  });
  return `${json}${custom === null ? "" : `,"custom":${custom}`}}`;
}
