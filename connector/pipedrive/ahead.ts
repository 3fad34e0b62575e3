import type { Json } from "../mapping/value.ts";
import { overlap } from "./bookmark.ts";

/** A record whose update_time lies in the future. */
export interface AheadRecord {
  /** What stands in the place of its id. */
  id: Json | undefined;
  /** RFC 3339. */
  updateTime: string;
}

/** A list whose saved place was a time of the future. */
export interface RestartedList {
  /** By its key. */
  list: string;
  from: string;
}

/** So many records are named in one warning. */
const mostNamed = 5;

/**
 * True for a time that a clock has not come to, by more than lists are read again anyway: the clocks of one service may
 * differ by some seconds.
 */
export function isAhead(time: string, clock: string): boolean {
  return Date.parse(time) > Date.parse(clock) + overlap * 1000;
}

/** Those of a page's records, by their ids and times, that are ahead of a clock. */
export function aheadOf(
  ids: readonly (Json | undefined)[],
  times: readonly (string | null)[],
  clock: string,
): AheadRecord[] {
  // Nearly always none is, which the text of the times says faster than dates.
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

  /** One sentence that names them; undefined where there is none. */
  warning(stream: string): string | undefined {
    if (this.#named.length === 0) return undefined;
    const others = this.#others === 0 ? "" : ` and ${this.#others} more`;
    return `${stream}: the update_time of ${this.#named.join(", ")}${others} lies in the future. The record is taken; the saved place stays at Pipedrive's own time.`;
  }
}

/** Says that a saved place lay in the future, so that a list is read from its beginning. */
export function restartedWarning(stream: string, { list, from }: RestartedList): string {
  const which = list === stream ? stream : `${stream} (${list})`;
  return `${which}: the saved place, ${from}, lies in the future, where nothing new would be found; the list is read from its beginning.`;
}

/** Says that a saved place lies in the future, and that nothing is read there. */
export function stalledWarning(stream: string, { list, from }: RestartedList): string {
  const which = list === stream ? stream : `${stream} (${list})`;
  return `${which}: the saved place, ${from}, lies in the future, where nothing new is found. Clear the stream's state to read it from its beginning.`;
}
