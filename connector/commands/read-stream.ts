import { askedOf } from "../mapping/asked-fields.ts";
import { AheadNames, stalledWarning } from "../pipedrive/ahead.ts";
import { askingFor } from "../pipedrive/asking-for.ts";
import type { Client } from "../pipedrive/client.ts";
import { countDeals } from "../pipedrive/count-deals.ts";
import { type Page, readPages } from "../pipedrive/read-pages.ts";
import { aroundRecord, estimate, log, streamStatus } from "../protocol/airbyte.ts";
import { Checkpoints } from "../protocol/checkpoints.ts";
import type { ConfiguredStream } from "../protocol/configured-catalog.ts";
import { RecordLines } from "../protocol/record-lines.ts";
import { emit, writeLine, writeLines } from "../protocol/standard-output.ts";
import { type StreamPosition, streamStateOf } from "../protocol/stream-position.ts";
import type { StreamName } from "../stream-name.ts";

/** What every stream of a read shares. */
export interface StreamReader {
  client: Client;
  /** Records last updated before it are left out (RFC 3339). */
  startDate: string | undefined;
  /** Told which stream is being read, until it ends. */
  onRunning(stream: StreamName | undefined): void;
}

/**
 * Prints one stream's RUNNING, records and states. Its last STATE comes after its last record, also when it fails: what
 * was printed counts. Records that break their schema are told as LOG WARN. An ESTIMATE comes first where Pipedrive tells a
 * total, which it does of deals that are read from their beginning.
 */
export async function readStream(
  { client, startDate, onRunning }: StreamReader,
  configured: ConfiguredStream & { name: StreamName },
  saved: StreamPosition | undefined,
): Promise<void> {
  const { name } = configured;
  const start = startOf(configured, saved);
  const checkpoints = new Checkpoints(name, writeLine);
  const lines = new RecordLines(name, configured.fields);
  if (start.fullRefresh?.complete === true) return checkpoints.finish(streamStateOf(name, start));
  let last = start;
  let hasRecords = false;
  const ahead = new AheadNames();
  onRunning(name);
  try {
    if (name === "deals" && startDate === undefined && Object.keys(start.lists).length === 0) {
      const count = await countDeals(client);
      if (count !== undefined) await emit(estimate(name, count));
    }
    const asking = askingFor(
      client,
      { [name]: askedOf(name, configured.fields) },
      (message) => void emit(log("WARN", message)),
    );
    for await (const page of readPages(asking, name, { state: start.lists, startDate, keepFuture: true })) {
      if (!hasRecords && page.records.length > 0) {
        hasRecords = true;
        await emit(streamStatus(name, "RUNNING"));
      }
      // Airbyte's acceptance tests want no records for a state of the far future ("abnormally large values").
      for (const one of page.stalled ?? []) await emit(log("WARN", stalledWarning(name, one)));
      ahead.add(page.ahead);
      last = { ...start, lists: page.state };
      await checkpoints.page(streamStateOf(name, last), page.records.length, () => printPage(page, lines));
    }
  } catch (error) {
    await checkpoints.flush();
    throw error;
  }
  const warning = ahead.warning(name);
  if (warning !== undefined) await emit(log("WARN", warning));
  if (last.fullRefresh !== undefined) last = { ...last, fullRefresh: { ...last.fullRefresh, complete: true } };
  await checkpoints.finish(streamStateOf(name, last));
}

/**
 * An incremental read goes on from the saved lists. A full refresh reads everything, except that another attempt at the
 * same sync goes on where the last one broke off, and sends nothing of a stream that was complete (Airbyte protocol,
 * "resumable full refresh"; a sync's number is `sync_id`). Without numbers, a complete one is taken for an earlier sync.
 */
function startOf({ syncMode, syncId }: ConfiguredStream, saved: StreamPosition | undefined): StreamPosition {
  if (syncMode === "incremental") return { lists: saved?.lists ?? {} };
  const refresh = saved?.fullRefresh;
  const goesOn = refresh !== undefined && refresh.sync_id === syncId && (!refresh.complete || syncId !== null);
  return goesOn ? saved! : { lists: {}, fullRefresh: { sync_id: syncId, complete: false } };
}

async function printPage({ stream, records, rejected }: Page, lines: RecordLines): Promise<void> {
  for (const { id, reason } of rejected) {
    await emit(log("WARN", `${stream}: the record ${id ?? "without a usable id"} was left out: ${reason}.`));
  }
  if (records.length > 0) await writeLines(lines.of(records, ...aroundRecord(stream, Date.now())));
}
