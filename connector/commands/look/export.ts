import { resolve } from "node:path";
import { loadConfig } from "../../config/load-config.ts";
import { identifier } from "../../database/bulk/model-columns.ts";
import type { Snapshot } from "../../database/look/reading.ts";
import { createLogger } from "../../logger.ts";
import { writeLine, writeMessage } from "../../protocol/standard-output.ts";
import { hideSecrets } from "../../secrets.ts";
import { counted } from "../../text/counted.ts";
import type { CommonOptions } from "../common-options.ts";
import { stopSignal } from "../terminal/stop-signal.ts";
import { table } from "../terminal/table.ts";
import { createUpdatingLine } from "../terminal/updating-line.ts";
import { byteOrderMark } from "./csv.ts";
import { exportedTables } from "./exported-tables.ts";
import { NewFiles } from "./new-files.ts";
import { arrayParser, openedToRead } from "./query.ts";
import { rowWriter } from "./row-writer.ts";

/** The options of `export`. */
export interface ExportOptions extends CommonOptions {
  /** The folder as the user named it. */
  to: string;
  format: "csv" | "jsonl";
  raw?: true;
  json?: true;
}

/** A written file, under the names that scripts read. */
interface ExportedFile {
  table: string;
  file: string;
  rows: number;
  bytes: number;
}

/** Writes Planhat tables into files, all from one snapshot. Returns the exit status. */
export async function exportTables(words: readonly string[], options: ExportOptions): Promise<number> {
  const signal = stopSignal("No file was changed.");
  const tables = exportedTables(words);
  const { config, secrets } = await loadConfig(options.config);
  hideSecrets(secrets);
  const reading = await openedToRead(config.database, signal);
  try {
    const files = await NewFiles.into(options.to);
    try {
      const { at, written } = await reading.snapshot((snapshot) =>
        writeTables(snapshot, { tables, files }, options, signal),
      );
      await files.settle();
      const folder = resolve(options.to);
      if (options.json) await writeMessage({ folder, format: options.format, at, files: written });
      else for (const line of describe(written, folder, at)) await writeLine(line);
    } finally {
      await files.drop();
    }
  } finally {
    await reading.close();
  }
  return 0;
}

async function writeTables(
  snapshot: Snapshot,
  { tables, files }: { tables: readonly string[]; files: NewFiles },
  { format, raw: plain, logLevel, logFormat }: ExportOptions,
  signal: AbortSignal,
): Promise<{ at: string; written: ExportedFile[] }> {
  const raw = plain === true;
  const parseArray = await arrayParser();
  const logger = await createLogger(logLevel, logFormat);
  const at = await momentOf(snapshot);
  const progress = createUpdatingLine((message) => logger.info(message));
  const written: ExportedFile[] = [];
  try {
    for (const name of tables) {
      const file = await files.begin(`${name}.${format}`);
      const { columns, pieces } = await snapshot.rows(`select * from planhat.${identifier(name)} order by id`);
      const writer = rowWriter(format, { columns, raw, parseArray, terminal: false });
      if (format === "csv" && !raw) await file.write(byteOrderMark);
      await file.write(writer.begin());
      let rows = 0;
      for await (const piece of pieces) {
        signal.throwIfAborted();
        await file.write(writer.rows(piece));
        rows += piece.length;
        progress.update(() => `planhat.${name}: ${counted(rows, "row")}`);
      }
      await file.finish();
      written.push({ table: `planhat.${name}`, file: `${name}.${format}`, rows, bytes: file.bytes });
    }
  } finally {
    progress.end();
  }
  signal.throwIfAborted();
  return { at, written };
}

/** Returns the instant of the snapshot, as `…Z`. */
async function momentOf(snapshot: Snapshot): Promise<string> {
  const { pieces } = await snapshot.rows(`select to_char(now(), 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`);
  for await (const [row] of pieces) return row![0]!;
  throw new Error("The database did not say the time.");
}

function describe(written: readonly ExportedFile[], folder: string, at: string): string[] {
  const total = written.reduce((sum, { rows }) => sum + rows, 0);
  return [
    ...table([["table", "file", "rows", "bytes"], ...written.map((one) => [one.table, one.file, one.rows, one.bytes])]),
    "",
    `${counted(total, "row")} as of ${at} in ${folder}`,
  ];
}
