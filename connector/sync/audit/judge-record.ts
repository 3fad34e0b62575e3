import type { JsonObject } from "../../mapping/value.ts";
import type { SourceRecord } from "../../pipedrive/records/decode.ts";
import { unexplained } from "./differences.ts";
import { instantOfUpdate, isForeignRecord } from "./foreign-record.ts";

/** The state of a list's last reading. */
export interface LastReading {
  /** The update_time up to which the list was read (RFC 3339); undefined if it was never read. */
  reached: string | undefined;
  /** The time from which the next sync reads it again: `reached` minus the overlap. */
  since: string | undefined;
  /** True if the list was not read completely yet. */
  unfinished: boolean;
  /** The time when its state was last saved, as `…Z`; undefined for never. */
  at: string | undefined;
  /** Config `start_date`. */
  startDate: string | undefined;
  /** Keys of custom fields that only one of the two catalogs has: the account's now, or the saved one. */
  changedFields: ReadonlySet<string>;
}

/** A record as it landed. */
export interface LandedState {
  record: JsonObject;
  updateTime: string | null;
  deleted: boolean;
}

/** Returns why a record in Pipedrive, by its update_time, has not landed. */
export function whyNotLanded(updateTime: string | null, reading: LastReading): string {
  if (isBefore(updateTime, reading.startDate)) return "before start_date";
  if (updateTime !== null && reading.reached !== undefined && updateTime > reading.reached)
    return toldChangedSince(reading);
  if (reading.unfinished) return "not read yet: the last Fetch All did not come to its end";
  return unexplained;
}

/**
 * Returns why a landed record differs from Pipedrive's. A change that the next sync reads is explained; one that its
 * lists will not show again was missed.
 */
export function whyDiffers(now: SourceRecord, landed: LandedState, reading: LastReading): string {
  if (isBefore(now.updateTime, reading.startDate)) return "before start_date";
  const [changedAt, knownAt] = [instantOfUpdate(now.updateTime), instantOfUpdate(landed.updateTime)];
  if (changedAt !== null && (knownAt === null || changedAt > knownAt)) {
    if (reading.since === undefined || changedAt >= reading.since) return toldChangedSince(reading);
    if (reading.unfinished) return "not read yet: the last Fetch All did not come to its end";
  }
  if (onlyKeys(now, landed, reading.changedFields)) {
    return "the account's custom fields changed since the record was read";
  }
  if (onlyKeys(now, landed, namesElsewhere)) {
    return "a lead, project or task was renamed, which no list of notes shows: sync --full takes it";
  }
  if (changedAt === knownAt && isForeignRecord(landed.record, now.record)) {
    return "it landed in another source's shape, which lacks something that the mapping reads: sync --full reads it anew";
  }
  return unexplained;
}

/** Returns the words for a change that the next sync reads. */
export function toldChangedSince({ at }: LastReading): string {
  return at === undefined ? "not read yet: no sync has come to it" : `changed since the last sync at ${at}`;
}

function isBefore(updateTime: string | null, startDate: string | undefined): boolean {
  return startDate !== undefined && updateTime !== null && Date.parse(updateTime) < Date.parse(startDate);
}

/** Keys under which a note of API v1 embeds names of other records, which no stream reads. */
const namesElsewhere: ReadonlySet<string> = new Set(["lead", "project", "task"]);

/**
 * Returns whether a record differs in these keys alone. Adding or removing a field of the account changes every record
 * and no update_time; so does renaming what a note is on.
 */
function onlyKeys(now: SourceRecord, landed: LandedState, changed: ReadonlySet<string>): boolean {
  if (changed.size === 0 || now.deleted !== landed.deleted) return false;
  return canonical(now.record, changed) === canonical(landed.record, changed);
}

function canonical(record: JsonObject, without: ReadonlySet<string>): string {
  return JSON.stringify(record, (_key, value: unknown) => {
    if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
    const entries = Object.entries(value).filter(([key]) => !without.has(key));
    return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
  });
}
