import { writeFileSync } from "node:fs";
import { PGlite } from "@electric-sql/pglite";
import { newDataFile } from "./new-data.ts";

// A step of the build, run from dist/: makes the data of a new embedded Postgres as PGlite does, and packs it.
// Its log is in files of 1 MB instead of 16, of which Postgres keeps five where nothing is in them any more.
const postgres = await PGlite.create({ initDbStartParams: ["--wal-segsize=1"] });
await postgres.exec("checkpoint");
const data = await postgres.dumpDataDir("gzip");
await postgres.close();
writeFileSync(newDataFile, new Uint8Array(await data.arrayBuffer()));
