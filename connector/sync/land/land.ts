import { organizationsOfDeals, organizationsOfPersons } from "../../database/association.ts";
import type { Transaction } from "../../database/database.ts";
import { landRecords } from "../../database/landing.ts";
import { addPending, type PendingEntry } from "../../database/pending.ts";
import { clearLandingRejections, rejectedAmong, rejectUnlanded, waitingFor } from "../../database/rejections.ts";
import type { RejectedRecord, SourceRecord } from "../../pipedrive/decode.ts";
import type { StreamName } from "../../stream-name.ts";

/** Records of one stream as they came in, from a list page, by id, or from stdin. Only their `glanceKeys` are looked at. */
export interface IncomingRecords {
  stream: StreamName;
  records: readonly SourceRecord[];
  /** Records that break their schema or cannot be stored: kept whole, with the reason. */
  rejected: readonly RejectedRecord[];
}

/** How far the changes that came in are followed. */
export interface Following {
  /** Settle every deal that came in, also those that did not change (Fetch All). */
  everyDeal: boolean;
  /** Settle organizations, persons and notes that changed by themselves (config `follow_changes`). */
  otherStreams: boolean;
  /** Says of a deal that came in, and that had not landed otherwise before, that it need not be settled. */
  leavesOut?: (deal: SourceRecord, isNew: boolean) => boolean;
}

/**
 * Lands records, and writes down what there is to settle because of them: deals that changed, organizations that rows
 * wait for, and records that were rejected before and have changed since. Returns how many rejections it recorded.
 */
export async function land(
  transaction: Transaction,
  runId: string,
  { stream, records, rejected }: IncomingRecords,
  following: Following,
): Promise<number> {
  const changes = await landRecords(transaction, stream, records, new Date().toISOString());
  const changeOf = new Map(changes.map(({ id, change }) => [id, change]));
  const changed = new Set(changes.filter(({ change }) => change !== "unchanged").map(({ id }) => id));
  if (rejected.length > 0) await rejectUnlanded(transaction, runId, stream, rejected);
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

/**
 * The organization that each record's work is kept under; 0 where it has none. A note that names none is its deal's, else
 * its person's (contract, section 7).
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
