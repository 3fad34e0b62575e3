import type { Transaction } from "../../database/database.ts";
import { organizationsOfDeals, organizationsOfPersons } from "../../database/landing/association.ts";
import { landRecords } from "../../database/landing/landing.ts";
import { addLandedDeals, addPending, type PendingEntry } from "../../database/landing/pending.ts";
import { clearLandingRejections, rejectedAmong, rejectUnlanded, waitingFor } from "../../database/tables/rejections.ts";
import type { SourceRecord } from "../../pipedrive/records/decode.ts";
import type { StreamName } from "../../stream-name.ts";
import { type IncomingRecords, type LandingRun, leaveForgotten } from "./leave-forgotten.ts";

/** The extent to which received changes are followed. */
export interface Following {
  /** True to apply every received deal, including unchanged ones (Fetch All). */
  everyDeal: boolean;
  /** True to apply organizations, persons and notes that changed by themselves (config `follow_changes`). */
  otherStreams: boolean;
  /**
   * True for records that were asked for because they are needed: they complete lean copies. With `landing: full` all
   * received records do.
   */
  completes?: true;
  /** Returns whether a received deal, new or unchanged, need not be applied. */
  leavesOut?: (deal: SourceRecord, isNew: boolean) => boolean;
}

/**
 * Lands records and queues the work that they cause: changed deals, organizations for which rows wait, and previously
 * rejected records that changed since. Forgotten persons do not land. Returns the number of rejections recorded.
 */
export async function land(
  transaction: Transaction,
  run: LandingRun,
  incoming: IncomingRecords,
  following: Following,
): Promise<number> {
  const { stream, records, rejected } = await leaveForgotten(transaction, run, incoming);
  const completes = following.completes === true || run.request?.landing !== "eligible";
  const changes = await landRecords(transaction, stream, records, {
    extractedAt: new Date().toISOString(),
    completes,
  });
  const changeOf = new Map(changes.map(({ id, change }) => [id, change]));
  const changed = new Set(changes.filter(({ change }) => change !== "unchanged").map(({ id }) => id));
  noteArrived(run, stream, following.completes === true ? records.map(({ id }) => id) : changed);
  run.request?.keptCatalog?.look(
    stream,
    records.filter(({ id }) => changed.has(id)),
  );
  if (rejected.length > 0) await rejectUnlanded(transaction, run.id, stream, rejected);
  const follow =
    stream === "deals" ? (following.everyDeal ? "all" : "changed") : following.otherStreams ? "changed" : "rejected";
  const retried = follow === "rejected" ? new Set(await rejectedAmong(transaction, stream, [...changed])) : changed;
  const leftOut = (record: SourceRecord): boolean => {
    const change = changeOf.get(record.id);
    return change !== "changed" && following.leavesOut?.(record, change === "new") === true;
  };
  await clearLandingRejections(
    transaction,
    stream,
    records.map(({ id }) => id),
  );
  const followed = records.filter((record) => (follow === "all" || retried.has(record.id)) && !leftOut(record));
  if (stream === "deal_products") {
    // They are applied with their deal, whatever is followed.
    const deals = records.flatMap(({ id, record }) => (changed.has(id) ? [Number(record["deal_id"])] : []));
    if (deals.length > 0) await addLandedDeals(transaction, [...new Set(deals)]);
    return rejected.length;
  }
  const organizations = await organizationsOf(transaction, stream, followed);
  const entries: PendingEntry[] = followed.map(({ id }, index) => ({
    organizationId: organizations[index]!,
    stream,
    recordId: id,
  }));
  if (stream === "organizations") {
    for (const id of await waitingFor(transaction, [...changed]))
      entries.push({ organizationId: id, stream, recordId: id });
  }
  await addPending(transaction, entries);
  return rejected.length;
}

/** Notes whole copies that a run looks at when it thins the landing; after whole lists it looks at everything. */
export function noteArrived({ arrived, summary }: LandingRun, stream: StreamName, ids: Iterable<number>): void {
  if (arrived === undefined || summary.mode === "full" || summary.mode === "sweep") return;
  const known = arrived.get(stream) ?? new Set();
  for (const id of ids) known.add(id);
  arrived.set(stream, known);
}

/**
 * Returns the organization under which each record is queued; 0 if it has none. A note without one belongs to its
 * deal's, else its person's (contract, section 7).
 */
async function organizationsOf(
  transaction: Transaction,
  stream: StreamName,
  records: readonly SourceRecord[],
): Promise<number[]> {
  const numberOf = (value: unknown) => (typeof value === "number" ? value : undefined);
  const own = ({ id, record }: SourceRecord) => (stream === "organizations" ? id : numberOf(record["org_id"]));
  const without = stream === "notes" ? records.filter((record) => own(record) === undefined) : [];
  const idsOf = (key: string) => without.flatMap(({ record }) => numberOf(record[key]) ?? []);
  const ofDeals = await organizationsOfDeals(transaction, idsOf("deal_id"));
  const ofPersons = await organizationsOfPersons(transaction, idsOf("person_id"));
  return records.map((one) => {
    const { deal_id: deal, person_id: person } = one.record;
    return own(one) ?? ofDeals.get(numberOf(deal) ?? 0) ?? ofPersons.get(numberOf(person) ?? 0) ?? 0;
  });
}
