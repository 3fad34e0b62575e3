import { Failure } from "../../failure.ts";
import { askedOf } from "../../mapping/check/asked-fields.ts";
import { readAccount, readCatalog } from "../../pipedrive/account/account.ts";
import { askingFor } from "../../pipedrive/account/asking-for.ts";
import { readStreamPages } from "../../pipedrive/account/read-stream-pages.ts";
import { AheadNames, stalledWarning } from "../../pipedrive/lists/ahead.ts";
import { readSchemas } from "../../pipedrive/records/streams.ts";
import { discoveredCatalog } from "../../protocol/discovered-catalog.ts";
import { readJsonFile, readStateFile } from "../../protocol/read-json-file.ts";
import { RecordLines } from "../../protocol/record-lines.ts";
import { aroundSingerRecord, singerSchema, singerState } from "../../protocol/singer.ts";
import { SingerBookmarks } from "../../protocol/singer-bookmarks.ts";
import { everyStream, type SelectedStream, selectedStreams, singerCatalog } from "../../protocol/singer-catalog.ts";
import { emit, writeLines } from "../../protocol/standard-output.ts";
import type { CommonOptions } from "../common-options.ts";
import { type OpenAccount, openAccount } from "../opening/with-account.ts";
import { reportFailure } from "../terminal/report-failure.ts";
import { Stopped, stopSignal } from "../terminal/stop-signal.ts";

/** The files of a Singer read. */
export interface ReadSingerFiles {
  /** The Singer catalog, a JSON file; without it, everything is read. */
  catalog?: string;
  /** The value of the last STATE, a JSON file. */
  state?: string;
}

/**
 * Prints the selected streams as Singer messages: SCHEMA, then RECORD and STATE. Errors go only to stderr, because
 * Singer has no message for them. A stream that fails does not end the others. Returns the exit status.
 */
export async function readSinger(options: CommonOptions & ReadSingerFiles): Promise<number> {
  try {
    const bookmarks = new SingerBookmarks(options.state === undefined ? {} : readStateFile(options.state).at(-1)!);
    const selected =
      options.catalog === undefined ? undefined : selectedStreams(readJsonFile(options.catalog, "catalog"));
    const account = await openAccount(options, stopSignal());
    await readAccount(account.client);
    const streams =
      selected ?? everyStream(singerCatalog(discoveredCatalog(readSchemas(), await readCatalog(account.client))));
    if (streams.length === 0) {
      account.logger.warn("The catalog selects no stream: set selected: true in the metadata of those to read.");
    }
    const failed: string[] = [];
    for (const stream of streams) {
      try {
        await readStream(account, stream, bookmarks);
      } catch (error) {
        if (error instanceof Stopped) throw error;
        reportFailure(error);
        failed.push(stream.name);
      }
    }
    await emit(singerState(bookmarks.value(null)));
    if (failed.length === 0) return 0;
    throw new Failure("run", `These streams could not be read completely: ${failed.join(", ")}.`);
  } catch (error) {
    return reportFailure(error);
  }
}

/** Reads one stream. A full table leaves the bookmark unchanged, because its end is not a position to resume from. */
async function readStream(
  { client, config, logger }: OpenAccount,
  { name, schema, fields, incremental }: SelectedStream,
  bookmarks: SingerBookmarks,
): Promise<void> {
  await emit(singerSchema(name, schema));
  const options = incremental ? { state: bookmarks.listsOf(name) } : { full: true };
  const lines = new RecordLines(name, fields);
  const ahead = new AheadNames();
  const asking = askingFor(client, { [name]: askedOf(name, fields) }, (message) => logger.warn(message));
  const from = { ...options, startDate: config.start_date, keepFuture: true };
  for await (const page of readStreamPages(asking, name, from)) {
    for (const one of page.stalled ?? []) logger.warn(stalledWarning(name, one));
    ahead.add(page.ahead);
    for (const { id, reason } of page.rejected) {
      logger.warn(`${name}: the record ${id ?? "without a usable id"} was left out: ${reason}.`);
    }
    const extracted = new Date().toISOString();
    if (page.records.length > 0) await writeLines(lines.of(page.records, ...aroundSingerRecord(name, extracted)));
    if (incremental) bookmarks.move(name, page.state);
    await emit(singerState(bookmarks.value(name)));
  }
  const warning = ahead.warning(name);
  if (warning !== undefined) logger.warn(warning);
}
