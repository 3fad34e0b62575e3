import { Failure } from "../../failure.ts";
import { packageVersion } from "../../package-root.ts";
import { copyChunks, copyField } from "../bulk/copy-text.ts";
import type { Snapshot, TextRow } from "../look/reading.ts";
import { allMigrations } from "../migrations/all-migrations.ts";
import {
  type BackupColumn,
  type BackupRows,
  type BackupTable,
  backupFormat,
  type HubCopy,
  hubTables,
} from "./hub-tables.ts";
import { columnNames, tableHash, tableName } from "./table-hash.ts";

/**
 * Reads the whole hub as it stands in a snapshot. Its rows must be read before the snapshot ends. `onTable` is called
 * before each table is counted. Throws a Failure for a schema that this version does not know.
 */
export async function readHub(snapshot: Snapshot, onTable: (table: string) => void = () => {}): Promise<HubCopy> {
  const [[at, schema] = []] = await all(
    snapshot,
    `select to_char(now(), 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), max(number) from connector.migrations`,
  );
  if (!allMigrations.some(({ number }) => number === Number(schema))) throw unknownSchema(Number(schema));
  const columns = await readColumns(snapshot);
  const tables: BackupTable[] = [];
  for (const table of hubTables) {
    const own = columns.get(table);
    if (own === undefined) continue;
    onTable(table);
    const [[rows, hash] = []] = await all(snapshot, tableHash(table, own));
    tables.push({ table, columns: own, rows: Number(rows), hash: hash! });
  }
  const head = { format: backupFormat, version: packageVersion(), schema: Number(schema), at: at!, tables } as const;
  const leftOut = [...columns.keys()].filter((table) => !hubTables.includes(table) && !table.startsWith("connector."));
  return { head, leftOut, rows: rowsOf(snapshot, tables) };
}

async function* rowsOf(snapshot: Snapshot, tables: readonly BackupTable[]): AsyncGenerator<BackupRows, void> {
  for (const table of tables) yield { table, chunks: chunksOf(snapshot, table) };
}

async function* chunksOf(snapshot: Snapshot, { table, columns }: BackupTable): AsyncGenerator<Buffer, void> {
  const { pieces } = await snapshot.rows(`select ${columnNames(columns)} from ${tableName(table)}`);
  for await (const piece of pieces) yield* copyChunks(piece.map((row) => row.map(copyField)));
}

/** Reads the columns of all tables that can be written, with the last numbers of their sequences. */
async function readColumns(snapshot: Snapshot): Promise<Map<string, BackupColumn[]>> {
  const rows = await all(
    snapshot,
    `select n.nspname || '.' || c.relname, a.attname, format_type(a.atttypid, a.atttypmod), s.oid is not null,
       q.last_value::text
     from pg_attribute as a join pg_class as c on c.oid = a.attrelid join pg_namespace as n on n.oid = c.relnamespace
     left join pg_class as s on s.oid = to_regclass(pg_get_serial_sequence(
       quote_ident(n.nspname) || '.' || quote_ident(c.relname), a.attname))
     left join pg_namespace as m on m.oid = s.relnamespace
     left join pg_sequences as q on q.schemaname = m.nspname and q.sequencename = s.relname
     where n.nspname in ('connector', 'pipedrive', 'planhat') and c.relkind in ('r', 'p')
       and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
     order by c.oid, a.attnum`,
  );
  const columns = new Map<string, BackupColumn[]>();
  for (const [table, name, type, hasSequence, last] of rows) {
    const column = { name: name!, type: type!, ...(hasSequence === "t" ? { last: last ?? null } : {}) };
    columns.set(table!, [...(columns.get(table!) ?? []), column]);
  }
  return columns;
}

async function all(snapshot: Snapshot, sql: string): Promise<TextRow[]> {
  const rows: TextRow[] = [];
  for await (const piece of (await snapshot.rows(sql)).pieces) rows.push(...piece);
  return rows;
}

function unknownSchema(schema: number): Failure {
  const newest = allMigrations.at(-1)!.number;
  return new Failure(
    "surroundings",
    `The database has schema ${schema}, and this version of pipedrive-planhat knows up to ${newest}.`,
    {
      hint:
        schema > newest
          ? "A newer version has used it. Back it up with that version."
          : "Bring it up to date first: pipedrive-planhat status.",
      remedy: "change",
    },
  );
}
