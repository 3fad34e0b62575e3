import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { PGlite } from "@electric-sql/pglite";
import { dataFolder } from "../connector/database/embedded/open-embedded.ts";
import { migratedLocation, removeLocation } from "../test/databases.ts";
import { ownProcessorTime, serverProcessorTime } from "./processor-time.ts";

/** The tables that a sync fills, in an order that their foreign keys allow. */
const tables = [
  "pipedrive.organizations",
  "pipedrive.persons",
  "pipedrive.notes",
  "pipedrive.deals",
  "planhat.companies",
  "planhat.endusers",
  "planhat.notes",
  "planhat.licenses",
  "planhat.sales",
  "connector.links",
];

/** The time of COPY for some rows, and their number. */
export interface CopyFloor {
  seconds: number;
  /** Of psql and the server, or of the embedded database; undefined if not visible. */
  cpuSeconds: number | undefined;
  rows: number;
  megabytes: number;
  /** The five Planhat tables alone. */
  planhat: { seconds: number; rows: number };
}

/** The operations on a database that the floor needs. */
interface Copying {
  query(sql: string): Promise<Record<string, string>[]>;
  /** Writes the result of a query to a file, in COPY's text format; returns the files' names. */
  copyOut(table: string, columns: string, file: string): Promise<string[]>;
  /** Copies a file into a table; returns the number of rows. */
  copyIn(table: string, columns: string, file: string): Promise<number>;
  /** Returns the processor seconds that copying has used so far. */
  processorTime(): Promise<number | undefined>;
  close(): Promise<void>;
}

/**
 * Measures COPY of a sync's rows, the floor for anything that checks, selects or maps. It copies the rows of the
 * database at `from` to files and removes that database. Then it measures COPY of the same rows into the same tables of
 * a new one, with the same indexes and constraints: `psql \copy` on a server, COPY from `/dev/blob` in a fresh embedded
 * folder.
 */
export async function copyFloor(kind: "server" | "embedded", from: string): Promise<CopyFloor> {
  const folder = mkdtempSync(join(tmpdir(), "pipedrive-planhat-floor-"));
  const open = kind === "server" ? openServer : openFolder;
  const files = new Map<string, { columns: string; files: string[] }>();
  const to = await migratedLocation(kind);
  try {
    const source = await open(from);
    for (const table of tables) {
      const columns = await columnsOf(source, table);
      files.set(table, { columns, files: await source.copyOut(table, columns, join(folder, table)) });
    }
    await source.close();
    // Work that the server still does for those tables (vacuum, statistics) is not part of the floor.
    await removeLocation(from);
    const target = await open(to);
    await target.query("checkpoint");
    const before = await target.processorTime();
    const floor: CopyFloor = {
      seconds: 0,
      cpuSeconds: undefined,
      rows: 0,
      megabytes: 0,
      planhat: { seconds: 0, rows: 0 },
    };
    for (const [table, parts] of files) {
      for (const file of parts.files) {
        floor.megabytes += readFileSync(file).length / 1e6;
        const started = performance.now();
        const rows = await target.copyIn(table, parts.columns, file);
        const seconds = (performance.now() - started) / 1000;
        floor.seconds += seconds;
        floor.rows += rows;
        if (!table.startsWith("planhat.")) continue;
        floor.planhat.seconds += seconds;
        floor.planhat.rows += rows;
      }
    }
    const after = await target.processorTime();
    if (before !== undefined && after !== undefined) floor.cpuSeconds = after - before;
    await target.close();
    return floor;
  } finally {
    await removeLocation(to);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function columnsOf(database: Copying, table: string): Promise<string> {
  const rows = await database.query(
    `select quote_ident(column_name) as name from information_schema.columns
     where table_schema || '.' || table_name = '${table}' order by ordinal_position`,
  );
  return rows.map(({ name }) => name).join(", ");
}

async function openServer(url: string): Promise<Copying> {
  return {
    query: async (sql) =>
      psql(url, sql, "-At")
        .trim()
        .split("\n")
        .map((name) => ({ name })),
    async copyOut(table, columns, file) {
      psql(url, `\\copy (select ${columns} from ${table}) to '${file}'`);
      return [file];
    },
    copyIn: async (table, columns, file) =>
      Number(/COPY (\d+)/.exec(psql(url, `\\copy ${table} (${columns}) from '${file}'`))?.[1] ?? 0),
    async processorTime() {
      const ofServer = await serverProcessorTime(url);
      return ofServer === undefined ? undefined : ofServer + ownProcessorTime();
    },
    close: async () => {},
  };
}

function psql(url: string, command: string, ...options: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(
    "psql",
    [url, "-X", "-v", "ON_ERROR_STOP=1", ...options, "-c", command],
    { encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`psql failed, and the floor needs it: ${error?.message ?? stderr}`);
  return stdout;
}

/** Blocks of a table (8 KB each) per file: a large table does not fit into one blob. */
const blocksAtOnce = 8_000;

async function openFolder(location: string): Promise<Copying> {
  // PGlite's default, compiled as well as V8 can: the connector's own thread turns that off for the whole process.
  for (const flag of ["--no-liftoff-only", "--wasm-tier-up", "--wasm-dynamic-tiering"]) setFlagsFromString(flag);
  const postgres = await PGlite.create(dataFolder(location));
  return {
    query: async (sql) => (await postgres.query<Record<string, string>>(sql)).rows,
    async copyOut(table, columns, file) {
      const { rows } = await postgres.query<{ blocks: number }>(
        `select (pg_relation_size('${table}') / 8192)::integer as blocks`,
      );
      const files: string[] = [];
      for (let block = 0; block < (rows[0]?.blocks ?? 0); block += blocksAtOnce) {
        const range = `ctid >= '(${block},0)' and ctid < '(${block + blocksAtOnce},0)'`;
        const { blob } = await postgres.query(`copy (select ${columns} from ${table} where ${range}) to '/dev/blob'`);
        files.push(`${file}-${block}`);
        writeFileSync(files.at(-1)!, Buffer.from(await blob!.arrayBuffer()));
      }
      return files;
    },
    async copyIn(table, columns, file) {
      const blob = new Blob([readFileSync(file)]);
      const { affectedRows } = await postgres.query(`copy ${table} (${columns}) from '/dev/blob'`, [], { blob });
      return affectedRows ?? 0;
    },
    processorTime: async () => ownProcessorTime(),
    close: () => postgres.close(),
  };
}
