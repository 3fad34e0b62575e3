import { personsOfOrganizations } from "../../database/landing/association.ts";
import { awaitedOrganizations, type GatheredBy, markGathered, notGathered } from "../../database/landing/gathered.ts";
import { addLandedDeals } from "../../database/landing/pending.ts";
import { readCatalogEntry, saveCatalogEntry } from "../../database/tables/catalog.ts";
import { commitRun } from "../../database/tables/fence.ts";
import { isNotPermitted } from "../../pipedrive/client/refusal.ts";
import { idsAtOnce, readByIds } from "../../pipedrive/lists/read-by-ids.ts";
import { type RecordGroup, readFiltered } from "../../pipedrive/lists/read-of-organization.ts";
import { readNewestId, wholeCost } from "../../pipedrive/lists/reading-cost.ts";
import { streams } from "../../pipedrive/records/streams.ts";
import type { ListedStream } from "../../stream-name.ts";
import { extractStream, readingOrder } from "../land/extract-stream.ts";
import { land } from "../land/land.ts";
import { recordUsage } from "../record-usage.ts";
import type { Run } from "../run-context.ts";
import { readProgress, readStreamWhole } from "../stream-progress.ts";
import { countRead } from "../summary.ts";
import { type BringingDeals, bringingDeals } from "./bringing-deals.ts";

/** A stream whose records deals bring. */
type BroughtStream = Exclude<ListedStream, "deals">;

/** The ids by which to request a stream, for each way of requesting. */
type Questions = Map<GatheredBy, Set<number>>;

/** Tokens for a stream from which its newest id is requested, to compare with the cost of reading it whole. */
const tokensUnasked = 100;

/**
 * Fetches the records that eligible deals bring and that the lists left out because of `start_date`. Organizations and
 * persons are requested by id; persons of organizations and notes by the record to which they belong, each once. If
 * reading a stream's whole list costs less, that is done, now and in later runs. Considers the pending deals; all
 * landed ones if the mapping has changed since, unless `allPending` says that these are the same. Without a start date
 * it does nothing, not even a query.
 */
export async function gatherOlder(run: Run, { allPending = false } = {}): Promise<void> {
  const { database, mapping, startDate } = run.request;
  if (startDate === undefined) return;
  const isNewMapping = (await readCatalogEntry(database, "gathered")) !== mapping.fingerprint;
  const everyDeal = isNewMapping && !allPending;
  for (const stream of readingOrder(mapping)) {
    if (stream === "deals" || (await readProgress(database, stream)).whole) continue;
    const questions = await questionsOf(run, stream, everyDeal);
    if (questions === "whole") {
      await commitRun(database, run.id, async (transaction) => {
        await readStreamWhole(transaction, stream);
        if (everyDeal) await addLandedDeals(transaction);
      });
      await extractStream(run, stream);
    } else await ask(run, stream, questions);
  }
  if (!isNewMapping) return;
  await commitRun(database, run.id, async (transaction) => {
    await saveCatalogEntry(transaction, "gathered", mapping.fingerprint);
  });
}

/** Returns the ids to request from a stream, or "whole" if reading its list whole costs less. */
async function questionsOf(run: Run, stream: BroughtStream, everyDeal: boolean): Promise<Questions | "whole"> {
  const { database, client, startDate } = run.request;
  const since = `${new Date(startDate!).toISOString().slice(0, 19)}Z`;
  const questions: Questions = new Map();
  const add = async (by: GatheredBy, ids: readonly number[]): Promise<number> => {
    const missing = await notGathered(database, { stream, by, ids }, since);
    const known = questions.get(by) ?? new Set();
    for (const id of missing) known.add(id);
    questions.set(by, known);
    return missing.length;
  };
  if (stream === "organizations") await add("id", await awaitedOrganizations(database));
  let most = tokensUnasked;
  let isKnown = false;
  for await (const deals of bringingDeals(run.request, everyDeal)) {
    let added = 0;
    for (const [by, ids] of await waysTo(run, stream, deals)) added += await add(by, ids);
    if (added > 0 && everyDeal) {
      await commitRun(database, run.id, async (transaction) => {
        await addLandedDeals(transaction, deals.ids);
      });
    }
    if (costOf(stream, questions) <= most) continue;
    if (isKnown) return "whole";
    most = Math.max(most, wholeCost(stream, await readNewestId(client, stream)));
    isKnown = true;
    if (costOf(stream, questions) > most) return "whole";
  }
  return questions;
}

async function waysTo(
  { request: { database } }: Run,
  stream: BroughtStream,
  { ids, organizations, persons }: BringingDeals,
): Promise<[GatheredBy, readonly number[]][]> {
  switch (stream) {
    case "organizations":
      return [["id", organizations]];
    case "persons":
      return [
        ["org_id", organizations],
        ["id", persons],
      ];
    case "notes": {
      const all = [...new Set([...persons, ...(await personsOfOrganizations(database, organizations))])];
      return [
        ["org_id", organizations],
        ["deal_id", ids],
        ["person_id", all],
      ];
    }
  }
}

function costOf(stream: BroughtStream, questions: Questions): number {
  const requests = [...questions].map(([by, { size }]) => (by === "id" ? Math.ceil(size / idsAtOnce) : size));
  return requests.reduce((sum, count) => sum + count, 0) * streams[stream].lists[0]!.tokens;
}

/** Requests the records, and lands each answer in the transaction that records the request. */
async function ask(run: Run, stream: BroughtStream, questions: Questions): Promise<void> {
  for (const [by, ids] of questions) {
    const all = [...ids].sort((one, other) => one - other);
    const atOnce = by === "id" ? idsAtOnce : 1;
    for (let start = 0; start < all.length; start += atOnce) {
      const asked = all.slice(start, start + atOnce);
      const group = await answerTo(run, stream, by, asked);
      run.request.signal.throwIfAborted();
      await commitRun(run.request.database, run.id, async (transaction) => {
        run.rejections += await land(transaction, run, group, {
          everyDeal: false,
          otherStreams: false,
          completes: true,
        });
        await markGathered(transaction, { stream, by, ids: asked });
        await recordUsage(transaction, run);
      });
      const counts = run.summary.streams[stream];
      countRead(counts, group);
      run.request.onProgress?.({ stage: "read", stream, records: counts.read });
    }
  }
}

/** Requests records; those that the token's user may not see are skipped, as in the lists. */
async function answerTo(
  { request: { client } }: Run,
  stream: BroughtStream,
  by: GatheredBy,
  asked: readonly number[],
): Promise<RecordGroup> {
  if (by === "id") return (await readByIds(client, stream, asked)).group;
  try {
    return await readFiltered(client, stream, { [by]: asked[0]! });
  } catch (error) {
    if (!isNotPermitted(error)) throw error;
    return { stream, records: [], rejected: [] };
  }
}
