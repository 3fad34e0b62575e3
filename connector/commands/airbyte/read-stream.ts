import { askedOf } from "../../mapping/check/asked-fields.ts";
import { askingFor } from "../../pipedrive/account/asking-for.ts";
import { readStreamPages } from "../../pipedrive/account/read-stream-pages.ts";
import type { Client } from "../../pipedrive/client/client.ts";
import { AheadNames, stalledWarning } from "../../pipedrive/lists/ahead.ts";
import type { Page } from "../../pipedrive/lists/read-pages.ts";
import { countDeals } from "../../pipedrive/lists/reading-cost.ts";
import { aroundRecord, estimate, logMessage, streamStatus } from "../../protocol/airbyte.ts";
import { Checkpoints } from "../../protocol/checkpoints.ts";
import type { ConfiguredStream } from "../../protocol/configured-catalog.ts";
import { RecordLines } from "../../protocol/record-lines.ts";
import { emit, writeLine, writeLines } from "../../protocol/standard-output.ts";
import { type StreamPosition, streamStateOf } from "../../protocol/stream-position.ts";
import type { StreamName } from "../../stream-name.ts";

/** The inputs that all streams of a read share. */
export interface StreamReader {
  client: Client;
  /** Records last updated before this time (RFC 3339) are left out. */
  startDate: string | undefined;
  /** Called with the stream that is being read, and with undefined at its end. */
  onRunning(stream: StreamName | undefined): void;
}

/**
 * Prints one stream's RUNNING, records and states. Its last STATE follows its last record, also when the stream fails,
 * because printed records count. Records that break their schema are reported as LOG WARN. An ESTIMATE comes first if
 * Pipedrive gives a total, as for deals read from the beginning.
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
      (message) => void emit(logMessage("WARN", message)),
    );
    for await (const page of readStreamPages(asking, name, { state: start.lists, startDate, keepFuture: true })) {
      if (!hasRecords && page.records.length > 0) {
        hasRecords = true;
        await emit(streamStatus(name, "RUNNING"));
      }
      // Airbyte's acceptance tests expect no records for a state in the far future ("abnormally large values").
      for (const one of page.stalled ?? []) await emit(logMessage("WARN", stalledWarning(name, one)));
      ahead.add(page.ahead);
      last = { ...start, lists: page.state };
      await checkpoints.page(streamStateOf(name, last), page.records.length, () => printPage(page, lines));
    }
  } catch (error) {
    await checkpoints.flush();
    throw error;
  }
  const warning = ahead.warning(name);
  if (warning !== undefined) await emit(logMessage("WARN", warning));
  if (last.fullRefresh !== undefined) last = { ...last, fullRefresh: { ...last.fullRefresh, complete: true } };
  await checkpoints.finish(streamStateOf(name, last));
}

/**
 * Returns where a read starts. An incremental read continues from the saved lists. A full refresh reads everything.
 * Another attempt at the same sync resumes where the last one stopped, and sends nothing of a complete stream (Airbyte
 * protocol, "resumable full refresh"; a sync's number is `sync_id`). Without numbers, a complete one counts as an
 * earlier sync.
 */
function startOf({ syncMode, syncId }: ConfiguredStream, saved: StreamPosition | undefined): StreamPosition {
  if (syncMode === "incremental") return { lists: saved?.lists ?? {} };
  const refresh = saved?.fullRefresh;
  const goesOn = refresh !== undefined && refresh.sync_id === syncId && (!refresh.complete || syncId !== null);
  return goesOn ? saved! : { lists: {}, fullRefresh: { sync_id: syncId, complete: false } };
}

async function printPage({ stream, records, rejected }: Page, lines: RecordLines): Promise<void> {
  for (const { id, reason } of rejected) {
    await emit(logMessage("WARN", `${stream}: the record ${id ?? "without a usable id"} was left out: ${reason}.`));
  }
  if (records.length > 0) await writeLines(lines.of(records, ...aroundRecord(stream, Date.now())));
}
