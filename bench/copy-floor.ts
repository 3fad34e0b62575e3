import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Database } from "../connector/database/database.ts";
import { openDatabase } from "../connector/database/open-database.ts";

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

/** How long `psql \copy` takes for rows, and how many they are. */
export interface CopyFloor {
  seconds: number;
  rows: number;
  megabytes: number;
  /** The same for the five Planhat tables alone. */
  planhat: { seconds: number; rows: number };
}

/**
 * Copies what a sync has filled in `from` out to files, and measures `psql \copy` of the same rows into the same
 * tables, with the same indexes and constraints, of the empty database `to`. This is the floor: nothing that checks,
 * selects or maps can be faster.
 */
export async function copyFloor(from: string, to: string): Promise<CopyFloor> {
  const folder = mkdtempSync(join(tmpdir(), "pipedrive-planhat-floor-"));
  const database = await openDatabase(to);
  try {
    const floor: CopyFloor = { seconds: 0, rows: 0, megabytes: 0, planhat: { seconds: 0, rows: 0 } };
    for (const table of tables) {
      const file = join(folder, table);
      const columns = await columnsOf(database, table);
      psql(from, `\\copy (select ${columns} from ${table}) to '${file}'`);
      const started = performance.now();
      const rows = Number(/COPY (\d+)/.exec(psql(to, `\\copy ${table} (${columns}) from '${file}'`))?.[1] ?? 0);
      const seconds = (performance.now() - started) / 1000;
      floor.seconds += seconds;
      floor.rows += rows;
      floor.megabytes += statSync(file).size / 1e6;
      if (table.startsWith("planhat.")) {
        floor.planhat.seconds += seconds;
        floor.planhat.rows += rows;
      }
    }
    return floor;
  } finally {
    await database.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function columnsOf(database: Database, table: string): Promise<string> {
  const rows = await database.query<{ name: string }>(
    `select quote_ident(column_name) as name from information_schema.columns
     where table_schema || '.' || table_name = $1 order by ordinal_position`,
    [table],
  );
  return rows.map(({ name }) => name).join(", ");
}

function psql(url: string, command: string): string {
  const { status, stdout, stderr, error } = spawnSync("psql", [url, "-X", "-v", "ON_ERROR_STOP=1", "-c", command], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`psql failed, and the floor needs it: ${error?.message ?? stderr}`);
  return stdout;
}
