import { existsSync, mkdirSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { newDataFile } from "../connector/database/embedded/new-data.ts";
import { packageRoot } from "../connector/package-root.ts";

/** What the data are made of, and by. */
const madeOf = ["build/new-data.ts", "node_modules/@electric-sql/pglite/package.json"];

/**
 * Makes the data of a new embedded Postgres as PGlite does, and packs it for dist/, where that is missing or old. Its log
 * is in files of 1 MB instead of 16, of which Postgres keeps five where nothing is in them any more.
 */
export async function makeNewData(): Promise<void> {
  const changed = madeOf.map((file) => statSync(packageRoot + file).mtimeMs);
  if (existsSync(newDataFile) && statSync(newDataFile).mtimeMs > Math.max(...changed)) return;
  const postgres = await PGlite.create({ initDbStartParams: ["--wal-segsize=1"] });
  await postgres.exec("checkpoint");
  const data = await postgres.dumpDataDir("gzip");
  await postgres.close();
  mkdirSync(dirname(newDataFile), { recursive: true });
  writeFileSync(`${newDataFile}.part`, new Uint8Array(await data.arrayBuffer()));
  renameSync(`${newDataFile}.part`, newDataFile);
}
