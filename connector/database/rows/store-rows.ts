import type { ModelName } from "../../model-name.ts";
import { copyChunks, copyField } from "../bulk/copy-text.ts";
import { jsonBatches } from "../bulk/json-batches.ts";
import {
  incomingDefinition,
  insertStatement,
  mergeStatement,
  type WrittenColumn,
  writtenColumns,
} from "../bulk/row-merge.ts";
import type { Transaction } from "../database.ts";
import { creations, creationsOfMany, keepChanges, type RunHistory } from "../history/run-history.ts";
import type { RowWrite, StoredRowId } from "../row.ts";
import { rowChange } from "../row-change.ts";
import { copyNewRows } from "./copy-new-rows.ts";
import { type IncomingRow, incomingRow } from "./incoming-row.ts";
import { lockRows } from "./stored-row.ts";

/** Number of rows from which COPY into a temporary table is faster than JSON in a parameter. */
const bulkRows = 2000;
const rowsAtOnce = 1000;

/**
 * Stores rows of a model by their source id, each with its own set of columns: a column set by one row is never erased
 * in another. Two writes of one source id are merged, the later over the earlier. Returns id and created for each
 * source id. Throws a Failure naming row and column for a value that Postgres cannot store. The changes are stored in
 * the run's history, relative to the rows at the moment of writing.
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

/** Number of new rows from which COPY straight into the table is worth its round trips. */
const copiedFrom = 100;

/**
 * Stores rows that did not exist a moment ago, which is cheaper than looking each up. A row that another session has
 * created since is merged like any other. In a COPY it causes an error of a unique constraint instead: the decision
 * about it is out of date. Otherwise like `storeRows`.
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

/** Puts the rows into a relation `incoming`, by COPY or in parameters, and runs the statement on it. */
async function send(
  transaction: Transaction,
  model: ModelName,
  writes: readonly RowWrite[],
  toStatement: (model: ModelName, columns: readonly WrittenColumn[], incoming: string) => string,
): Promise<StoredRowId[]> {
  const columns = writtenColumns(model);
  const rows = writes.map((write) => incomingRow(model, columns, write));
  if (rows.length >= bulkRows) {
    return sendByCopy(transaction, { model, columns }, rows, (incoming) => toStatement(model, columns, incoming));
  }
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
  { model, columns }: { model: ModelName; columns: readonly WrittenColumn[] },
  rows: readonly IncomingRow[],
  toStatement: (incoming: string) => string,
): Promise<StoredRowId[]> {
  const table = `pg_temp.incoming_${model}`;
  await transaction.query(
    // Behind a pooler another client gets the session after the commit.
    `create temporary table if not exists incoming_${model} (${incomingDefinition(columns)}) on commit drop`,
  );
  await transaction.query(`truncate ${table}`);
  await transaction.copyIn(`copy ${table} from stdin`, copyChunks(copyRows(rows)));
  const source = `incoming as not materialized (select * from ${table}), `;
  return toStored(await transaction.query<ReturnedRow>(toStatement(source)));
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
