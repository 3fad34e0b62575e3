import { loadConfig } from "../../config/load-config.ts";
import type { Reading } from "../../database/look/reading.ts";
import { openToRead } from "../../database/open-existing.ts";
import { Failure } from "../../failure.ts";
import { whenReaderGoes, writeText } from "../../protocol/standard-output.ts";
import { hideSecrets } from "../../secrets.ts";
import type { CommonOptions } from "../common-options.ts";
import { stopSignal } from "../stop-signal.ts";
import type { ParseArray } from "./json-object.ts";
import { readStatement } from "./read-statement.ts";
import { type RowFormat, rowWriter } from "./row-writer.ts";

/** The type of arrays of text, which `pg` leaves out of the names that it knows. */
const textArray = 1009 as number as Parameters<typeof import("pg").types.getTypeParser>[0];

/** The options of `query`. */
export interface QueryOptions extends CommonOptions {
  /** By itself a table on a terminal, and CSV where stdout is none. */
  format?: RowFormat;
  /** Seconds that the statement may work; 0 for no limit. */
  timeout: number;
  /** CSV as Postgres's COPY writes it. */
  raw?: true;
}

/** Runs one statement that reads, and writes its rows to stdout as they come. Returns the exit status. */
export async function query(argument: string | undefined, options: QueryOptions): Promise<number> {
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
    // Whoever has seen enough (`| head`) closes the pipe: that is no failure.
    if (gone.signal.aborted) return 0;
    throw error;
  }
}

/** Opens the database for reading alone. Throws a Failure where no sync has made one. */
export async function openedToRead(location: string, signal: AbortSignal): Promise<Reading> {
  const reading = await openToRead(location, signal);
  if (reading !== undefined) return reading;
  throw new Failure("surroundings", `Nothing has been synced into ${location} yet.`, {
    hint: "Run a first sync: pipedrive-planhat sync.",
  });
}

/** What reads an array's text, as `pg` reads arrays of text. */
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
  // A reader that takes nothing must not keep a signal waiting.
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
