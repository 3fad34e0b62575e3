import type { Seconds } from "../account/instant.ts";
import type { Entry } from "./entry.ts";

/** The sort keys of lists; equal times are ordered by id. */
export type SortField = "id" | "update_time" | "add_time";

/** A place in a sorted list: just after the record with this value and id (or before it, in descending order). */
export interface Position {
  value: number;
  id: number;
}

/** The part of a listing to walk, and the order. */
export interface Walk {
  sortBy: SortField;
  descending: boolean;
  after?: Position | undefined;
  /** The second from which updated records count; records without update_time are left out then. */
  updatedSince?: Seconds | undefined;
  matches: (entry: Entry) => boolean;
  limit: number;
}

const sortValueOf: Record<SortField, (entry: Entry) => number> = {
  id: (entry) => entry.id,
  update_time: (entry) => entry.updated,
  add_time: (entry) => entry.added,
};

/**
 * The entries of one list endpoint, sorted in each way it offers, so that the cost of a page depends on its size and
 * not on its place.
 */
export class Listing {
  readonly #holds: (entry: Entry) => boolean;
  readonly #sorted: Record<SortField, Entry[]> = { id: [], update_time: [], add_time: [] };

  /** `holds` returns true for the entries of the listing. */
  constructor(holds: (entry: Entry) => boolean, entries: readonly Entry[]) {
    this.#holds = holds;
    for (const field of Object.keys(this.#sorted) as SortField[]) {
      this.#sorted[field] = entries
        .filter(holds)
        .sort((one, other) => compare(field, one, sortValueOf[field](other), other.id));
    }
  }

  add(entry: Entry): void {
    if (!this.#holds(entry)) return;
    for (const [field, entries] of this.#fields()) {
      entries.splice(firstFrom(entries, field, sortValueOf[field](entry), entry.id), 0, entry);
    }
  }

  remove(entry: Entry): void {
    if (!this.#holds(entry)) return;
    for (const [field, entries] of this.#fields()) {
      entries.splice(firstFrom(entries, field, sortValueOf[field](entry), entry.id), 1);
    }
  }

  /** Returns at most `limit` matching entries in order. */
  walk({ sortBy, descending, after, updatedSince, matches, limit }: Walk): Entry[] {
    const entries = this.#sorted[sortBy];
    const least =
      sortBy === "update_time" && updatedSince !== undefined ? firstFrom(entries, sortBy, updatedSince, 0) : 0;
    const found: Entry[] = [];
    let index = descending ? entries.length - 1 : least;
    if (after !== undefined) {
      const from = firstFrom(entries, sortBy, after.value, after.id);
      const isThere = entries[from]?.id === after.id && sortValueOf[sortBy](entries[from]!) === after.value;
      index = descending ? from - 1 : Math.max(isThere ? from + 1 : from, least);
    }
    const step = descending ? -1 : 1;
    for (; index >= least && index < entries.length && found.length < limit; index += step) {
      const entry = entries[index] as Entry;
      if ((updatedSince === undefined || entry.updated >= updatedSince) && matches(entry)) found.push(entry);
    }
    return found;
  }

  #fields(): [SortField, Entry[]][] {
    return Object.entries(this.#sorted) as [SortField, Entry[]][];
  }
}

function compare(field: SortField, entry: Entry, value: number, id: number): number {
  return sortValueOf[field](entry) - value || entry.id - id;
}

/** Returns the index of the first entry that does not lie before (value, id); the length if all do. */
function firstFrom(entries: readonly Entry[], field: SortField, value: number, id: number): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(field, entries[middle] as Entry, value, id) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
