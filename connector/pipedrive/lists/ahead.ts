import type { Json } from "../../mapping/value.ts";
import { overlap } from "./bookmark.ts";

/** A record whose update_time lies in the future. */
export interface AheadRecord {
  /** The value in place of its id. */
  id: Json | undefined;
  /** RFC 3339. */
  updateTime: string;
}

/** A list whose saved position was a time in the future. */
export interface RestartedList {
  /** The list's key. */
  list: string;
  from: string;
}

/** Records named in one warning, so that it stays readable. */
const mostNamed = 5;

/**
 * Returns true if a time is ahead of a clock by more than the overlap of lists: the clocks of one service may differ by
 * some seconds.
 */
export function isAhead(time: string, clock: string): boolean {
  return Date.parse(time) > Date.parse(clock) + overlap * 1000;
}

/** Returns the records of a page that are ahead of a clock, by their ids and times. */
export function aheadOf(
  ids: readonly (Json | undefined)[],
  times: readonly (string | null)[],
  clock: string,
): AheadRecord[] {
  // Nearly always there is none, and comparing the times as texts shows that faster than parsing dates.
  if (!times.some((time) => time !== null && time > clock)) return [];
  return times.flatMap((time, index) =>
    time !== null && isAhead(time, clock) ? [{ id: ids[index], updateTime: time }] : [],
  );
}

/** The records of a stream that a walk found ahead of Pipedrive's clock. */
export class AheadNames {
  readonly #named: string[] = [];
  #others = 0;

  add(ahead: readonly AheadRecord[]): void {
    for (const { id, updateTime } of ahead) {
      if (this.#named.length === mostNamed) this.#others++;
      else this.#named.push(`${id === undefined ? "one without id" : JSON.stringify(id)} (${updateTime})`);
    }
  }

  /** Returns one sentence that names them; undefined if there are none. */
  warning(stream: string): string | undefined {
    if (this.#named.length === 0) return undefined;
    const others = this.#others === 0 ? "" : ` and ${this.#others} more`;
    return `${stream}: the update_time of ${this.#named.join(", ")}${others} lies in the future. The record is read; the saved position stays at Pipedrive's own time.`;
  }
}

/** Returns the warning that a saved position lay in the future, so that a list is read from its beginning. */
export function restartedWarning(stream: string, { list, from }: RestartedList): string {
  const which = list === stream ? stream : `${stream} (${list})`;
  return `${which}: the saved position, ${from}, lies in the future, where nothing new would be found; the list is read from its beginning.`;
}

/** Returns the warning that a saved position lies in the future, so that nothing is read there. */
export function stalledWarning(stream: string, { list, from }: RestartedList): string {
  const which = list === stream ? stream : `${stream} (${list})`;
  return `${which}: the saved position, ${from}, lies in the future, where nothing new is found. Clear the stream's state to read it from its beginning.`;
}
