/** How far one list has been read. */
export interface Bookmark {
  /** Every record with an earlier update_time has been read (RFC 3339, UTC). */
  update_time: string;
  /**
   * The list has never been read to its end. Records without update_time may still be missing, since it is not
   * documented where a list shows them.
   */
  unfinished?: true;
}

/** How far each list of a stream has been read, by the list's key; a list never read has no entry. */
export type StreamState = { readonly [list: string]: Bookmark };

/**
 * Seconds that are read again: lists are eventually consistent, so that a record may turn up some seconds after a later
 * one (seen on real accounts; Pipedrive states no bound).
 */
export const overlap = 60;

/**
 * The `updated_since` that goes on from a bookmark: inclusive, in whole seconds, because v2 refuses fractions (Pipedrive
 * API v2). Never earlier than `startDate`. Undefined: everything.
 */
export function updatedSince(bookmark: Bookmark | undefined, startDate: string | undefined): string | undefined {
  const start = startDate === undefined ? undefined : wholeSeconds(Date.parse(startDate));
  if (bookmark === undefined) return start;
  const since = wholeSeconds(Date.parse(bookmark.update_time) - overlap * 1000);
  return start !== undefined && start > since ? start : since;
}

/** An instant (milliseconds since 1970) as RFC 3339, its fraction of a second cut off. */
function wholeSeconds(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}

/**
 * The update_time that a walk has reached after a page, or null for none: `times` are those of the page's records in
 * order, null for records without one; `before` is what the walk had reached. A page out of order does not move it,
 * since earlier records may follow. With the last page everything has been seen, in whatever order.
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

/** The later of a bookmark and what a walk reached: a bookmark never moves back. */
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

/** The earlier of a time, where there is one, and what a clock shows. */
export function earlierOf(time: string | null, clock: string): string | null {
  return time === null || time < clock ? time : clock;
}

function laterOf(one: string | null, other: string | null): string | null {
  if (one === null || other === null) return one ?? other;
  return one > other ? one : other;
}
