import type { JsonObject } from "../../mapping/value.ts";
import type { SourceRecord } from "../../pipedrive/decode.ts";
import { unexplained } from "./differences.ts";
import { instantOfUpdate, isForeign } from "./foreign-record.ts";

/** What is known of the last time a list was read. */
export interface LastReading {
  /** Up to which update_time the list is known (RFC 3339); undefined when it was never read. */
  reached: string | undefined;
  /** From where the next sync reads it again: `reached` less the overlap. */
  since: string | undefined;
  /** The list has not been read to its end yet. */
  unfinished: boolean;
  /** When its state was last saved, as `…Z`; undefined for never. */
  at: string | undefined;
  /** Config `start_date`. */
  startDate: string | undefined;
  /** Keys of custom fields that the account has now and had not then, or had then and has not now. */
  changedFields: ReadonlySet<string>;
}

/** A record as it landed. */
export interface LandedState {
  record: JsonObject;
  updateTime: string | null;
  deleted: boolean;
}

/** Why a record that Pipedrive has, by its update_time, has not landed. */
export function whyNotLanded(updateTime: string | null, reading: LastReading): string {
  if (isBefore(updateTime, reading.startDate)) return "before start_date";
  if (updateTime !== null && reading.reached !== undefined && updateTime > reading.reached)
    return changedSince(reading);
  if (reading.unfinished) return "not read yet: the last Fetch All did not come to its end";
  return unexplained;
}

/**
 * Why a landed record is another than Pipedrive's. A change that the next sync reads is accounted for; one that its
 * lists will not show again was missed.
 */
export function whyDiffers(now: SourceRecord, landed: LandedState, reading: LastReading): string {
  if (isBefore(now.updateTime, reading.startDate)) return "before start_date";
  const [changedAt, knownAt] = [instantOfUpdate(now.updateTime), instantOfUpdate(landed.updateTime)];
  if (changedAt !== null && (knownAt === null || changedAt > knownAt)) {
    if (reading.since === undefined || changedAt >= reading.since) return changedSince(reading);
    if (reading.unfinished) return "not read yet: the last Fetch All did not come to its end";
  }
  if (onlyKeys(now, landed, reading.changedFields)) {
    return "the account's custom fields changed since the record was read";
  }
  if (onlyKeys(now, landed, namesElsewhere)) {
    return "a lead, project or task was renamed, which no list of notes shows: sync --full takes it";
  }
  if (changedAt === knownAt && isForeign(landed.record, now.record)) {
    return "it landed in another source's shape, which lacks something that the mapping reads: sync --full reads it anew";
  }
  return unexplained;
}

/** The words for what the next sync takes up by itself. */
export function changedSince({ at }: LastReading): string {
  return at === undefined ? "not read yet: no sync has come to it" : `changed since the last sync at ${at}`;
}

function isBefore(updateTime: string | null, startDate: string | undefined): boolean {
  return startDate !== undefined && updateTime !== null && Date.parse(updateTime) < Date.parse(startDate);
}

/** A note of API v1 embeds the names of these too, which nothing here knows otherwise. */
const namesElsewhere: ReadonlySet<string> = new Set(["lead", "project", "task"]);

/**
 * Whether a record differs in these keys alone. A field that is added to the account, or taken from it, changes every
 * record and no update_time; so does a rename of what a note stands on.
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
