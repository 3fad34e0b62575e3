import { Failure } from "../../failure.ts";
import { identifier } from "../bulk/model-columns.ts";
import type { Database, Queryable, Transaction } from "../database.ts";
import { allMigrations } from "../migrations/all-migrations.ts";
import { migrate } from "../migrations/migrate.ts";
import type { BackupColumn, BackupHead, BackupRows, BackupTable, HubCopy } from "./hub-tables.ts";
import { columnNames, tableHash, tableName } from "./table-hash.ts";

/** Bytes that one COPY is given. */
const batchLength = 4_000_000;

/** Callbacks and signal of storing a hub. */
export interface StoreOptions {
  onRows?: (table: string, bytes: number) => void;
  signal?: AbortSignal;
}

/**
 * Stores a hub in an empty database, in one transaction that ends with a comparison of each table's rows with the
 * head's counts and hashes. Then the schema is brought up to date. The caller holds the run lock. Throws a Failure, and
 * stores nothing, if the database has rows or another schema, or if the rows do not compare.
 */
export async function storeHub(
  database: Database,
  { head, rows }: HubCopy,
  { onRows, signal }: StoreOptions = {},
): Promise<void> {
  await refuseFilled(database, head);
  await migrate(
    database,
    allMigrations.filter(({ number }) => number <= head.schema),
  );
  await database.transaction(async (transaction) => {
    await transaction.query("select set_config('pipedrive_planhat.settling', 'on', true)");
    await transaction.query("set local bytea_output to hex");
    for (const table of head.tables) await addColumns(transaction, table);
    await transaction.query(`truncate ${head.tables.map(({ table }) => tableName(table)).join(", ")}`);
    for await (const one of rows) {
      signal?.throwIfAborted();
      await copyRows(transaction, one, (bytes) => {
        signal?.throwIfAborted();
        onRows?.(one.table.table, bytes);
      });
    }
    for (const table of head.tables) {
      signal?.throwIfAborted();
      await continueSequences(transaction, table);
      await compare(transaction, table);
    }
  });
  await migrate(database);
}

/** Throws a Failure if the database holds anything, or has a schema that does not lead to the backup's. */
export async function refuseFilled(database: Database, head: BackupHead): Promise<void> {
  if (!allMigrations.some(({ number }) => number === head.schema)) {
    throw new Failure(
      "usage",
      `The backup has schema ${head.schema} (version ${head.version}), and this version of pipedrive-planhat has ${allMigrations.at(-1)!.number}.`,
      { hint: `Restore it with version ${head.version}, then upgrade.` },
    );
  }
  const [there] = await database.query<{ there: boolean }>(
    "select to_regclass('connector.migrations') is not null as there",
  );
  if (there?.there !== true) return;
  const [last] = await database.query<{ number: number | null }>(
    "select max(number) as number from connector.migrations",
  );
  if ((last?.number ?? 0) > head.schema) {
    throw new Failure(
      "surroundings",
      `The database ${database.location} has schema ${last?.number}, and the backup has the older ${head.schema}.`,
      { hint: "Restore into a database that no version has used yet.", remedy: "change" },
    );
  }
  const filled = await filledTable(database);
  if (filled === undefined) return;
  throw new Failure("surroundings", `The database ${database.location} is not empty: ${filled} has rows.`, {
    hint: "Nothing was changed. Name a new folder or an empty database; what is here stays as it is.",
    remedy: "change",
  });
}

async function filledTable(queryable: Queryable): Promise<string | undefined> {
  const found = await queryable.query<{ name: string }>(
    `select schemaname || '.' || tablename as name from pg_tables
     where schemaname in ('planhat', 'pipedrive') or schemaname = 'connector' and tablename in ('account', 'runs')
     order by schemaname desc, tablename`,
  );
  for (const { name } of found) {
    const [row] = await queryable.query<{ filled: boolean }>(
      `select exists (select from ${tableName(name)}) as filled`,
    );
    if (row?.filled === true) return name;
  }
  return undefined;
}

/** Adds the columns that people had added to the tables. */
async function addColumns(transaction: Transaction, { table, columns }: BackupTable): Promise<void> {
  const [schema, name] = table.split(".");
  const there = await transaction.query<{ name: string }>(
    "select column_name as name from information_schema.columns where table_schema = $1 and table_name = $2",
    [schema, name],
  );
  const known = new Set(there.map((column) => column.name));
  for (const column of columns) {
    if (known.has(column.name)) continue;
    try {
      await transaction.query(
        `alter table ${tableName(table)} add column ${identifier(column.name)} ${typeOf(column)}`,
      );
    } catch (error) {
      throw new Failure(
        "run",
        `The column ${column.name} (${column.type}) of ${table} could not be added: ${error instanceof Error ? error.message : String(error)}`,
        { hint: "Create its type in the new database first, and restore again.", cause: error, remedy: "change" },
      );
    }
  }
}

/** Returns a column's type for SQL: words, and a length in parentheses. Throws an Error for any other text. */
function typeOf({ type }: BackupColumn): string {
  if (/^[a-z][a-z0-9_ .]*(?:\(\d+(?:,\d+)?\))?[a-z ]*(?:\[\])*$/i.test(type)) return type;
  throw new Error("that is no name of a type");
}

async function copyRows(
  transaction: Transaction,
  { table: { table, columns }, chunks }: BackupRows,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const statement = `copy ${tableName(table)} (${columnNames(columns)}) from stdin`;
  let batch: Buffer[] = [];
  let length = 0;
  const flush = async () => {
    if (length === 0) return;
    await transaction.copyIn(statement, batch);
    onBytes(length);
    batch = [];
    length = 0;
  };
  for await (const chunk of chunks) {
    batch.push(chunk);
    length += chunk.length;
    if (length >= batchLength) await flush();
  }
  await flush();
}

async function continueSequences(transaction: Transaction, { table, columns }: BackupTable): Promise<void> {
  for (const { name, last } of columns) {
    if (typeof last !== "string") continue;
    await transaction.query("select setval(pg_get_serial_sequence($1, $2), $3::bigint)", [
      tableName(table),
      name,
      last,
    ]);
  }
}

async function compare(transaction: Transaction, { table, columns, rows, hash }: BackupTable): Promise<void> {
  const [now] = await transaction.query<{ rows: string; hash: string }>(tableHash(table, columns));
  if (now?.rows === String(rows) && now.hash === hash) return;
  throw new Failure(
    "run",
    `${table} did not arrive as it was: ${now?.rows} rows of ${rows}${now?.rows === String(rows) ? ", some with other values" : ""}. Nothing was stored.`,
    { hint: "The backup is damaged, or a trigger of your own changes rows while they are stored." },
  );
}
