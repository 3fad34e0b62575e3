import { type ModelName, tableOf } from "../../model-name.ts";
import { copyChunks, copyField } from "../bulk/copy-text.ts";
import { identifier } from "../bulk/model-columns.ts";
import type { WrittenColumn } from "../bulk/row-merge.ts";
import type { Transaction } from "../database.ts";
import type { StoredRowId } from "../row.ts";
import type { IncomingRow } from "./incoming-row.ts";

/**
 * Copies rows into a model's table and returns the id of each. The ids are drawn first, because COPY returns none. COPY
 * accepts given ids even where they are generated always (Postgres manual, "COPY", Notes). Throws Postgres's error of a
 * unique constraint if a row exists.
 */
export async function copyNewRows(
  transaction: Transaction,
  model: ModelName,
  columns: readonly WrittenColumn[],
  rows: readonly IncomingRow[],
): Promise<StoredRowId[]> {
  const table = `planhat.${tableOf[model]}`;
  const ids = await drawIds(transaction, table, rows.length);
  function* lines() {
    for (const [index, { sourceId, values, custom }] of rows.entries()) {
      const fields = [ids[index]!, copyField(sourceId)];
      for (const value of values) fields.push(copyField(value ?? null));
      fields.push(copyField(custom ?? "{}"));
      yield fields;
    }
  }
  const names = columns.map(({ name }) => identifier(name)).join(", ");
  await transaction.copyIn(`copy ${table} (id, source_id, ${names}, custom) from stdin`, copyChunks(lines()));
  return rows.map(({ sourceId }, index) => ({ id: ids[index]!, sourceId, created: true }));
}

/** Draws ids, as bigints in text. They come in one row: a row for each would take longer than drawing it. */
async function drawIds(transaction: Transaction, table: string, count: number): Promise<string[]> {
  const [drawn] = await transaction.query<{ ids: string }>(
    `with one as materialized (select pg_get_serial_sequence($1, 'id')::regclass as sequence)
     select string_agg(nextval(sequence)::text, ',') as ids from one, generate_series(1, $2)`,
    [table, count],
  );
  return drawn!.ids.split(",");
}
