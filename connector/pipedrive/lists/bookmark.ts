/** The position up to which one list has been read. */
export interface Bookmark {
  /** The time before which every record has been read (RFC 3339, UTC). */
  update_time: string;
  /**
   * True if the list has never been read completely. Records without update_time may still be missing, because their
   * place in a list is not documented.
   */
  unfinished?: true;
}

/** The position of each list of a stream, by the list's key; a list never read has no entry. */
export type StreamState = { readonly [list: string]: Bookmark };

/**
 * Seconds that are read again. Lists are eventually consistent: a record may appear some seconds after a later one
 * (seen on real accounts; Pipedrive states no bound).
 */
export const overlap = 60;

/**
 * Returns the `updated_since` that continues from a bookmark; undefined reads everything. It is inclusive, in whole
 * seconds, because v2 rejects fractions (Pipedrive API v2), and never earlier than `startDate`.
 */
export function updatedSince(bookmark: Bookmark | undefined, startDate: string | undefined): string | undefined {
  const start = startDate === undefined ? undefined : wholeSeconds(Date.parse(startDate));
  if (bookmark === undefined) return start;
  const since = wholeSeconds(Date.parse(bookmark.update_time) - overlap * 1000);
  return start !== undefined && start > since ? start : since;
}

/** Formats an instant (epoch milliseconds) as RFC 3339, without its fraction of a second. */
function wholeSeconds(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}

/**
 * Returns the update_time that a walk has reached after a page; null for none. `times` are those of the page's records
 * in order, null for records without one; `before` is the time reached earlier. A page out of order does not advance
 * it, since earlier records may follow. The last page counts in whatever order.
 */
export function reachOf(times: readonly (string | null)[], before: string | null, isLast: boolean): string | null {
  const known = times.filter((time) => time !== null);
  if (known.length === 0) return before;
  if (isLast) return known.reduce<string | null>(laterOf, before);
  let previous = before ?? "";
  for (const time of known) {
    if (time < previous) return before;
    previous = time;
  }
  return previous;
}

/** Returns the later of a bookmark and the time that a walk reached: a bookmark never moves back. */
export function moved(
  bookmark: Bookmark | undefined,
  reached: string | null,
  isFinished: boolean,
): Bookmark | undefined {
  const time = laterOf(bookmark?.update_time ?? null, reached);
  if (time === null) return undefined;
  const wasUnfinished = bookmark === undefined || bookmark.unfinished === true;
  return !isFinished && wasUnfinished ? { update_time: time, unfinished: true } : { update_time: time };
}

/** Returns the earlier of a time, if there is one, and a clock's. */
export function earlierOf(time: string | null, clock: string): string | null {
  return time === null || time < clock ? time : clock;
}

function laterOf(one: string | null, other: string | null): string | null {
  if (one === null || other === null) return one ?? other;
  return one > other ? one : other;
}
