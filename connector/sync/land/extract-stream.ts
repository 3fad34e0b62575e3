import { inTurn } from "../../concurrency.ts";
import { countLanded } from "../../database/landing/landing.ts";
import { addMovedNotes } from "../../database/landing/pending.ts";
import { markSeen } from "../../database/landing/unseen.ts";
import { commitRun, holdFence } from "../../database/tables/fence.ts";
import type { CompiledMapping } from "../../mapping/compiled-mapping.ts";
import { readPages } from "../../pipedrive/lists/read-pages.ts";
import type { SourceRecord } from "../../pipedrive/records/decode.ts";
import type { ListedStream } from "../../stream-name.ts";
import { earlySkipReason } from "../decide/eligibility.ts";
import { recordUsage } from "../record-usage.ts";
import type { Run } from "../run-context.ts";
import { isFirstRun, readOn, readProgress, saveProgress } from "../stream-progress.ts";
import { countRead, countSkipped } from "../summary.ts";
import { notAskedWarning, notAskedYet, restartToAsk } from "./asked-progress.ts";
import { land } from "./land.ts";
import { landUnseen } from "./land-unseen.ts";
import { idsOf, readToLand, shareRecords } from "./read-to-land.ts";
import { AheadRecords } from "./tell-ahead.ts";

/**
 * Groups of pages that land concurrently: with two, Postgres sometimes idles while Node parses the third; more than
 * three are no faster.
 */
const landedTogether = 3;

/**
 * Returns the streams that a mapping needs, in reading order. Deals come first, so that an organization, person or note
 * created just before its deal is in the lists that follow.
 */
export function readingOrder(mapping: CompiledMapping): ListedStream[] {
  if (mapping.deals.direction === "none") return [];
  const order: ListedStream[] = ["deals", "organizations", "persons", "notes"];
  return order.filter((stream) => mapping[stream].direction !== "none");
}

/**
 * First run only: returns a function that skips ineligible deals instead of queueing them. They have no row or
 * rejection to update, and queueing would double their cost.
 */
function leavesOut({ request, summary }: Run): (deal: SourceRecord, isNew: boolean) => boolean {
  return ({ record, deleted }, isNew) => {
    const reason = earlySkipReason(request.mapping.deals, record, deleted);
    if (reason !== undefined && isNew) countSkipped(summary.streams.deals, { [reason]: 1 });
    return reason !== undefined;
  };
}

/** Reads the changes of a stream in groups of pages; records, pending entries and position are saved together. */
export async function extractStream(run: Run, stream: ListedStream): Promise<void> {
  const { database, client, mapping, startDate, followChanges, signal, onProgress, onWarning } = run.request;
  const asked = mapping.asked[stream];
  const lacking = notAskedYet(await readProgress(database, stream), asked);
  if (lacking.length > 0) {
    onWarning?.(notAskedWarning(stream, lacking));
    await restartToAsk(database, run.id, stream, startDate);
  }
  const progress = await readProgress(database, stream);
  const { fetchingAll, sweeping } = progress;
  // For deals start_date decides which of them start a sync; the other streams may have to be read whole for records
  // that deals bring.
  const { position, from, whole } = readOn(stream === "deals" ? { ...progress, whole: false } : progress, startDate);
  // A sweep finds changes that no incremental list shows, so follow them in every stream.
  const otherStreams = followChanges || sweeping;
  const counts = run.summary.streams[stream];
  const following = {
    everyDeal: fetchingAll,
    otherStreams,
    ...(stream === "deals" && !otherStreams && (await isFirstRun(database)) ? { leavesOut: leavesOut(run) } : {}),
  };
  // Fetch All reads about as many records as there were the last time.
  const isAgain = run.request.full && onProgress !== undefined && position === undefined;
  const { landed = 0 } = isAgain ? await countLanded(database, stream) : {};
  const total = landed > 0 ? { total: landed } : {};
  let last = position;
  const ahead = new AheadRecords(onWarning);
  const pages = readToLand(readPages(client, stream, { state: position, startDate: whole ? undefined : startDate }));
  await inTurn(pages, landedTogether, async (page, underWay) => {
    signal.throwIfAborted();
    let known = 0;
    await database.transaction(async (transaction) => {
      known = await ahead.look(transaction, page);
      const earlier = underWay.at(-1)?.done;
      if (underWay.some(({ element }) => shareRecords(element, page))) await earlier;
      const rejections = await land(transaction, run, page, following);
      await earlier;
      await saveProgress(transaction, stream, { position: page.state, fetchingAll, asked, sweeping, from, whole });
      if (sweeping) await markSeen(transaction, stream, idsOf(page));
      await recordUsage(transaction, run);
      await holdFence(transaction, run.id);
      run.rejections += rejections;
    });
    last = page.state;
    countRead(counts, page, fetchingAll ? 0 : -known);
    onProgress?.({ stage: "read", stream, records: counts.read, ...total });
  });
  ahead.tell(stream);
  if (sweeping) await landUnseen(run, stream, following);
  await commitRun(database, run.id, async (transaction) => {
    // A note that was moved to another organization keeps its update_time (Pipedrive changelog, 2023-05-29).
    if (sweeping && stream === "notes") await addMovedNotes(transaction);
    await saveProgress(transaction, stream, {
      position: last,
      fetchingAll: false,
      asked,
      sweeping: false,
      from,
      whole,
    });
  });
}
