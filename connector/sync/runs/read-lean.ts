import type { Queryable } from "../../database/database.ts";
import { dealsBringing, dealsOfPersons, notesOn, personsOfOrganizations } from "../../database/landing/association.ts";
import { readLanded } from "../../database/landing/landing.ts";
import { hasLean, leanAmong, leanNamed, type Naming } from "../../database/landing/lean-copies.ts";
import { addLandedDeals } from "../../database/landing/pending.ts";
import { productsOfDeals } from "../../database/landing/product-deals.ts";
import { commitRun } from "../../database/tables/fence.ts";
import type { CompiledMapping } from "../../mapping/compiled-mapping.ts";
import { idsAtOnce, readByIds } from "../../pipedrive/lists/read-by-ids.ts";
import { type ListedStream, listedStreams, type StreamName, streamNames } from "../../stream-name.ts";
import { earlySkipReason } from "../decide/eligibility.ts";
import { land } from "../land/land.ts";
import { markMissing } from "../land/mark-missing.ts";
import { recordUsage } from "../record-usage.ts";
import type { Run, RunRequest, SyncRequest } from "../run-context.ts";
import { countRead, countsOf } from "../summary.ts";
import { type BringingDeals, candidatesAmong, pendingCandidates } from "./bringing-deals.ts";

/** Lean copies that pending deals need, by stream, and the records that name those which are needed only for a name. */
interface NeededCopies {
  ids: Record<StreamName, Set<number>>;
  named: Naming[];
}

/** Deals looked at together. */
const dealsAtOnce = 1000;

/** The rounds of reading: what is read may name more. */
const mostRounds = 4;

/**
 * Reads, by their ids, the records that pending deals need and whose landed copies are lean, 100 a request; notes one
 * by one, because their list accepts no ids. Records that Pipedrive no longer has are marked as deleted. Costs nothing
 * where no copy is lean. `organizations` limits it to the pending entries of these.
 */
export async function readLean(
  run: Run<RunRequest & Pick<SyncRequest, "client">>,
  organizations?: readonly number[],
): Promise<void> {
  if (run.anyLean !== true) return;
  const { database, mapping } = run.request;
  const asked = Object.fromEntries(streamNames.map((stream) => [stream, new Set()])) as NeededCopies["ids"];
  for (let round = 0; round < mostRounds; round++) {
    const wanted = Object.fromEntries(listedStreams.map((stream) => [stream, new Set()])) as NeededCopies["ids"];
    for await (const deals of pendingCandidates(run.request, organizations)) {
      const { ids } = await neededBy(database, mapping, deals);
      for (const stream of listedStreams) {
        for (const id of ids[stream]) if (!asked[stream].has(id)) wanted[stream].add(id);
      }
    }
    if (listedStreams.every((stream) => wanted[stream].size === 0)) return;
    for (const stream of listedStreams) {
      await readThem(run, stream, [...wanted[stream]]);
      for (const id of wanted[stream]) asked[stream].add(id);
    }
  }
}

async function readThem(
  run: Run<RunRequest & Pick<SyncRequest, "client">>,
  stream: ListedStream,
  ids: readonly number[],
): Promise<void> {
  const { database, client, signal, onProgress } = run.request;
  const sorted = [...ids].sort((one, other) => one - other);
  for (let start = 0; start < sorted.length; start += idsAtOnce) {
    const { group, missing } = await readByIds(client, stream, sorted.slice(start, start + idsAtOnce));
    signal.throwIfAborted();
    await commitRun(database, run.id, async (transaction) => {
      run.rejections += await land(transaction, run, group, { everyDeal: false, otherStreams: false, completes: true });
      await markMissing(transaction, run.id, stream, missing);
      await recordUsage(transaction, run);
    });
    const counts = countsOf(run.summary, stream);
    countRead(counts, group);
    onProgress?.({ stage: "read", stream, records: counts.read });
  }
}

/**
 * Leaves deals pending that need a record whose landed copy is lean, in a run that cannot read it: nothing can be
 * mapped from such a copy. The next sync reads it, and applies them. Warns of how many they are.
 */
export async function leaveWaiting(run: Run<RunRequest>): Promise<void> {
  if (run.anyLean !== true) return;
  const { database, mapping, onWarning } = run.request;
  const waiting = new Set<number>();
  for await (const deals of pendingCandidates(run.request)) {
    for (const id of await dealsNeedingLean(database, mapping, deals)) waiting.add(id);
  }
  if (waiting.size === 0) return;
  await commitRun(database, run.id, async (transaction) => {
    await addLandedDeals(transaction, [...waiting]);
  });
  run.waiting = waiting;
  onWarning?.(describeWaiting(waiting.size));
}

/** Returns the sentence about deals that wait for a sync which reads what they bring. */
export function describeWaiting(deals: number): string {
  const [who, verb, pronoun] =
    deals === 1 ? ["1 deal", "waits", "it brings"] : [`${deals} deals`, "wait", "they bring"];
  const what = `of some records that ${pronoun} only ids, references and times are kept (landing: eligible)`;
  return `${who} ${verb}: ${what}. The next sync reads them.`;
}

/** Returns those of the given landed deals that would wait if they were applied now. Costs little if none is lean. */
export async function dealsToWait(
  queryable: Queryable,
  mapping: CompiledMapping,
  dealIds: readonly number[],
): Promise<Set<number>> {
  const waiting = new Set<number>();
  if (dealIds.length === 0 || !(await hasLean(queryable))) return waiting;
  for (let start = 0; start < dealIds.length; start += dealsAtOnce) {
    const some = await candidatesAmong(queryable, mapping.deals, dealIds.slice(start, start + dealsAtOnce));
    for (const id of await dealsNeedingLean(queryable, mapping, some)) waiting.add(id);
  }
  return waiting;
}

/** Returns those of some deals that need a record whose landed copy is lean. */
async function dealsNeedingLean(
  queryable: Queryable,
  mapping: CompiledMapping,
  deals: BringingDeals,
): Promise<number[]> {
  const { ids, named } = await neededBy(queryable, mapping, deals);
  // What a person or note names is read for its sake.
  for (const { from, id } of named) ids[from].add(id);
  const own = new Set(deals.ids);
  const needing = new Set<number>();
  for (const stream of streamNames) {
    for (const { dealId } of await dealsBringing(queryable, stream, [...ids[stream]]))
      if (own.has(dealId)) needing.add(dealId);
  }
  return [...needing];
}

/** Returns the lean copies that some deals need: what they bring, what that names, and other deals of their persons. */
async function neededBy(queryable: Queryable, mapping: CompiledMapping, deals: BringingDeals): Promise<NeededCopies> {
  const persons = [...new Set([...deals.persons, ...(await personsOfOrganizations(queryable, deals.organizations))])];
  const notes = (await notesOn(queryable, { deals: deals.ids, organizations: deals.organizations, persons })).map(
    ({ id }) => id,
  );
  const products = (await productsOfDeals(queryable, deals.ids)).map(({ id }) => id);
  const named = (await leanNamed(queryable, { persons, notes })).filter(
    ({ from, to }) => mapping[from].direction !== "none" && mapping[to].direction !== "none",
  );
  const others = await readLanded(queryable, "deals", await dealsOfPersons(queryable, persons), ["custom_fields"]);
  const mayCount = others.filter(({ record, deleted, lean }) => {
    return lean === true && earlySkipReason(mapping.deals, record, deleted) === undefined;
  });
  const isRead = (stream: StreamName) => mapping[stream].direction !== "none";
  const lean = async (stream: StreamName, ids: readonly number[]) =>
    new Set(isRead(stream) ? await leanAmong(queryable, stream, ids) : []);
  const ids: NeededCopies["ids"] = {
    deals: await lean("deals", deals.ids),
    organizations: await lean("organizations", deals.organizations),
    persons: await lean("persons", persons),
    notes: await lean("notes", notes),
    deal_products: await lean("deal_products", products),
  };
  for (const { id } of mayCount) ids.deals.add(id);
  for (const { to, named: id } of named) ids[to].add(id);
  return { ids, named };
}
