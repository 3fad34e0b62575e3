import type { Database } from "../../database/database.ts";
import { type LandedDifference, landedDifferences } from "../../database/landing/landed-differences.ts";
import { bookmarkTimes } from "../../database/tables/bookmarks.ts";
import { type Forgotten, readForgotten } from "../../database/tables/forgotten.ts";
import { listRejections } from "../../database/tables/rejections.ts";
import type { CompiledMapping } from "../../mapping/compiled-mapping.ts";
import type { Json } from "../../mapping/value.ts";
import { emailsOf } from "../../person-emails.ts";
import type { Client } from "../../pipedrive/client/client.ts";
import { updatedSince } from "../../pipedrive/lists/bookmark.ts";
import { timeOf } from "../../pipedrive/lists/list-page.ts";
import { type Page, readPages } from "../../pipedrive/lists/read-pages.ts";
import type { RejectedRecord, SourceRecord } from "../../pipedrive/records/decode.ts";
import type { StreamName } from "../../stream-name.ts";
import { toldRejection } from "../listed-rejection.ts";
import { readProgress, type StreamProgress } from "../stream-progress.ts";
import type { Difference, Differences } from "./differences.ts";
import { instantOfUpdate, isForeignRecord, readsAlike } from "./foreign-record.ts";
import { IdSet } from "./id-set.ts";
import { type LastReading, whyDiffers, whyNotLanded } from "./judge-record.ts";

/** The inputs of comparing a stream's lists with the landing. */
export interface ListComparison {
  database: Database;
  client: Client;
  /** The mapping, which decides whether copies from other sources, in other shapes, are equal. */
  mapping: CompiledMapping;
  stream: StreamName;
  startDate: string | undefined;
  /** Keys of custom fields that were added or removed since the last sync. */
  changedFields: ReadonlySet<string>;
  signal: AbortSignal;
  differences: Differences;
  onRead(records: number): void;
}

/**
 * Reads all lists of a stream from their beginning and compares each page with the landing. Returns the ids of the
 * undeleted records in Pipedrive. Of a record that appears twice the last one counts.
 */
export async function compareList(comparison: ListComparison): Promise<IdSet> {
  const { database, client, stream, signal, differences } = comparison;
  const progress = await readProgress(database, stream);
  const at = (await bookmarkTimes(database)).get(stream);
  const listed = new IdSet();
  const found = new Map<number, Difference | undefined>();
  for await (const page of readPages(client, stream, { full: true })) {
    signal.throwIfAborted();
    const reading = lastReading(comparison, progress, at, page.list);
    for (const { id, deleted } of page.records) {
      if (!deleted) listed.add(id);
      found.delete(id);
    }
    for (const difference of await differingRecords(comparison, page, reading)) {
      found.set(difference.id as number, difference);
    }
    for (const difference of await refusedRecords(comparison, page.rejected, reading)) {
      if (typeof difference.id === "number") listed.add(difference.id);
      if (typeof difference.id === "number") found.set(difference.id, difference);
      else differences.add(difference);
    }
    comparison.onRead(page.records.length + page.rejected.length);
  }
  for (const difference of found.values()) if (difference !== undefined) differences.add(difference);
  return listed;
}

function lastReading(
  { stream, startDate, changedFields }: ListComparison,
  { position, fetchingAll, whole }: StreamProgress,
  at: string | undefined,
  list: string,
): LastReading {
  const bookmark = position?.[list];
  return {
    reached: bookmark?.update_time,
    since: updatedSince(bookmark, undefined),
    unfinished: fetchingAll,
    at,
    startDate: stream !== "deals" && whole ? undefined : startDate,
    changedFields,
  };
}

async function differingRecords(
  { database, stream, mapping }: ListComparison,
  page: Page,
  reading: LastReading,
): Promise<Difference[]> {
  const incoming = new Map(page.records.map((record) => [record.id, record]));
  const differing = await landedDifferences(database, stream, [...incoming.values()]);
  if (differing.length === 0) return [];
  const rejected = await recordedReasons(
    database,
    stream,
    differing.map(({ id }) => id),
  );
  const forgotten = stream === "persons" ? await readForgotten(database) : undefined;
  return differing.flatMap(({ id, landed }) => {
    const now = incoming.get(id)!;
    const isForgotten = forgotten !== undefined && isKnownTo(forgotten, now);
    if (isForgotten)
      return [{ stream, id, kind: landed === null ? "not_landed" : "record_differs", reason: "forgotten" }];
    if (landed !== null && isSameElsewhere(mapping, stream, now, landed)) return [];
    const difference = judge(now, landed, rejected.get(id), reading);
    return difference === undefined ? [] : [{ stream, id, ...difference }];
  });
}

function isKnownTo(forgotten: Forgotten, { id, record }: SourceRecord): boolean {
  return forgotten.person(id) !== undefined || forgotten.hasAddress(emailsOf(record));
}

/** Returns whether a record from another source is the same for the mapping, whatever its shape. */
function isSameElsewhere(
  mapping: CompiledMapping,
  stream: StreamName,
  now: SourceRecord,
  landed: NonNullable<LandedDifference["landed"]>,
): boolean {
  return (
    landed.deleted === now.deleted &&
    instantOfUpdate(landed.updateTime) === instantOfUpdate(now.updateTime) &&
    isForeignRecord(landed.record, now.record) &&
    readsAlike(mapping, stream, landed.record, now.record)
  );
}

function judge(
  now: SourceRecord,
  landed: LandedDifference["landed"],
  rejected: string | undefined,
  reading: LastReading,
): Pick<Difference, "kind" | "reason"> | undefined {
  if (landed === null) {
    if (now.deleted) return undefined;
    return { kind: "not_landed", reason: rejected ?? whyNotLanded(now.updateTime, reading) };
  }
  const kind = now.deleted && !landed.deleted ? "deleted_not_marked" : "record_differs";
  return { kind, reason: rejected ?? whyDiffers(now, landed, reading) };
}

/**
 * Returns differences for records that cannot land in their present state. A sync has recorded that, unless they
 * changed after it.
 */
async function refusedRecords(
  { database, stream }: ListComparison,
  refused: readonly RejectedRecord[],
  reading: LastReading,
): Promise<Difference[]> {
  if (refused.length === 0) return [];
  const recorded = await recordedReasons(
    database,
    stream,
    refused.flatMap(({ id }) => id ?? []),
  );
  const nameless = refused.some(({ id }) => id === null) ? await namelessReasons(database, stream) : new Set<string>();
  return refused.map(({ id, text, reason }): Difference => {
    const known =
      id === null ? (nameless.has(reason) ? toldRejection({ reason, dismissed: null }) : undefined) : recorded.get(id);
    return { stream, id, kind: "not_landed", reason: known ?? whyNotLanded(timeOfText(text), reading) };
  });
}

async function recordedReasons(
  database: Database,
  stream: StreamName,
  recordIds: readonly number[],
): Promise<Map<number, string>> {
  const recorded = (await listRejections(database, { stream, recordIds })).filter(({ model }) => model === null);
  return new Map(recorded.map((one) => [one.recordId!, toldRejection(one)]));
}

async function namelessReasons(database: Database, stream: StreamName): Promise<Set<string>> {
  const recorded = await listRejections(database, { stream });
  return new Set(recorded.filter(({ recordId }) => recordId === null).map(({ reason }) => reason));
}

function timeOfText(text: string): string | null {
  try {
    return timeOf(JSON.parse(text) as Json);
  } catch {
    return null;
  }
}
