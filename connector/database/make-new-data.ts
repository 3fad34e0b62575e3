import { writeFileSync } from "node:fs";
import { PGlite } from "@electric-sql/pglite";
import { newDataFile } from "./new-data.ts";

// Build step, run from dist/: creates the data of a new embedded Postgres as PGlite does, and packs it. Its log files
// are 1 MB instead of 16 MB, because Postgres keeps five of them even when they are empty.
const postgres = await PGlite.create({ initDbStartParams: ["--wal-segsize=1"] });
await postgres.exec("checkpoint");
const data = await postgres.dumpDataDir("gzip");
await postgres.close();
writeFileSync(newDataFile, new Uint8Array(await data.arrayBuffer()));
