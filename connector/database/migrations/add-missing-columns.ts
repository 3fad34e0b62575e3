import { modelNames, tableOf } from "../../model-name.ts";
import { identifier, type ModelColumn, modelColumns } from "../bulk/model-columns.ts";
import type { Queryable, Transaction } from "../database.ts";

/** A column that exists in a model's schema and not in its table. */
interface MissingColumn extends ModelColumn {
  table: string;
}

/** Returns the columns that the tables of the `planhat` schema lack. */
export async function missingColumns(queryable: Queryable): Promise<MissingColumn[]> {
  const existing = await queryable.query<{ table: string; column: string }>(
    `select c.relname as table, a.attname as column
     from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'planhat' and a.attnum > 0 and not a.attisdropped`,
  );
  const there = new Set(existing.map(({ table, column }) => `${table}.${column}`));
  const tables = new Set(existing.map(({ table }) => table));
  // Without the later migrations, as in tests of earlier schemas, the newer models have no table.
  return modelNames
    .filter((model) => tables.has(tableOf[model]))
    .flatMap((model) =>
      modelColumns[model]
        .filter(({ name }) => !there.has(`${tableOf[model]}.${name}`))
        .map((column) => ({ ...column, table: tableOf[model] })),
    );
}

/** Adds the missing columns. Columns are never changed or dropped: a property that left its schema keeps its column. */
export async function addMissingColumns(transaction: Transaction): Promise<void> {
  const missing = await missingColumns(transaction);
  for (const table of new Set(missing.map((column) => column.table))) {
    const additions = missing
      .filter((column) => column.table === table)
      .map(({ name, type }) => `add column if not exists ${identifier(name)} ${type}`);
    await transaction.query(`alter table planhat.${table} ${additions.join(", ")}`);
  }
}
