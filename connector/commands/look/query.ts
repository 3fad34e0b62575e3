import { loadConfig } from "../../config/load-config.ts";
import type { Reading } from "../../database/look/reading.ts";
import { openToRead } from "../../database/open/open-existing.ts";
import { whenReaderGoes, writeText } from "../../protocol/standard-output.ts";
import { hideSecrets } from "../../secrets.ts";
import type { CommonOptions } from "../common-options.ts";
import { neverSynced } from "../opening/with-database.ts";
import { stopSignal } from "../terminal/stop-signal.ts";
import type { ParseArray } from "./json-object.ts";
import { readStatement } from "./read-statement.ts";
import { type RowFormat, rowWriter } from "./row-writer.ts";

/** The type of text arrays, which `pg`'s own list of names lacks. */
const textArray = 1009 as number as Parameters<typeof import("pg").types.getTypeParser>[0];

/** The options of `query`. */
export interface QueryOptions extends CommonOptions {
  /** The output format; by default a table on a terminal, otherwise CSV. */
  format?: RowFormat;
  /** Seconds of work for the statement; 0 for no limit. */
  timeout: number;
  /** True for CSV in the form of Postgres's COPY. */
  raw?: true;
}

/** Runs one reading statement and streams its rows to stdout. Returns the exit status. */
export async function runQuery(argument: string | undefined, options: QueryOptions): Promise<number> {
  const gone = new AbortController();
  whenReaderGoes(() => gone.abort());
  const signal = AbortSignal.any([stopSignal("Nothing was changed."), gone.signal]);
  try {
    const { config, secrets } = await loadConfig(options.config);
    hideSecrets(secrets);
    const sql = await readStatement(argument, signal);
    const reading = await openedToRead(config.database, signal);
    try {
      await writeRows(reading, sql, options, signal);
    } finally {
      await reading.close();
    }
    return 0;
  } catch (error) {
    // A reader that closes the pipe (`| head`) has seen enough: that is not a failure.
    if (gone.signal.aborted) return 0;
    throw error;
  }
}

/** Opens the database for reading. Throws a Failure if no sync has created one. */
export async function openedToRead(location: string, signal: AbortSignal): Promise<Reading> {
  const reading = await openToRead(location, signal);
  if (reading !== undefined) return reading;
  throw neverSynced(location);
}

/** Returns `pg`'s parser of text arrays. */
export async function arrayParser(): Promise<ParseArray> {
  const { types } = (await import("pg")).default;
  return types.getTypeParser(textArray, "text") as ParseArray;
}

async function writeRows(
  reading: Reading,
  sql: string,
  { format, timeout, raw }: QueryOptions,
  signal: AbortSignal,
): Promise<void> {
  // A reader that accepts nothing must not hold up a signal.
  const stopped = new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  stopped.catch(() => undefined);
  const terminal = process.stdout.isTTY === true;
  const parseArray = await arrayParser();
  await reading.snapshot(async (snapshot) => {
    const { columns, pieces } = await snapshot.rows(sql, timeout === 0 ? Number.POSITIVE_INFINITY : timeout * 1000);
    const chosen = format ?? (terminal ? "table" : "csv");
    const writer = rowWriter(chosen, { columns, raw: raw === true, parseArray, terminal });
    let count = 0;
    const write = async (text: string) => {
      if (text !== "") await Promise.race([writeText(text), stopped]);
    };
    await write(writer.begin());
    for await (const rows of pieces) {
      await write(writer.rows(rows));
      count += rows.length;
    }
    await write(writer.end(count));
  });
}
