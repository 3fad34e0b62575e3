import type { JsonObject } from "../../mapping/value.ts";
import type { ListedStream } from "../../stream-name.ts";
import { type Entry, toEntry } from "./entry.ts";
import { Listing } from "./listing.ts";

/**
 * All records of one stream. `listed` holds the records of its list endpoint: organizations, persons and notes that are
 * not deleted; deals that are not archived, deleted ones included (`status=deleted` requests them). `archived` holds
 * those of `/deals/archived`.
 */
export class Collection {
  readonly listed: Listing;
  readonly archived: Listing;
  readonly #stream: ListedStream;
  readonly #entries = new Map<number, Entry>();
  readonly #hidden = new Map<number, 403 | 404>();
  #highestId = 0;

  constructor(stream: ListedStream, records: Iterable<JsonObject>) {
    this.#stream = stream;
    for (const record of records) this.#keep(toEntry(stream, record));
    const entries = [...this.#entries.values()];
    this.listed = new Listing(stream === "deals" ? isListedDeal : (entry) => !entry.deleted, entries);
    this.archived = new Listing((entry) => entry.archived && !entry.deleted, entries);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The id for the next new record. */
  get nextId(): number {
    return this.#highestId + 1;
  }

  get(id: number): Entry | undefined {
    return this.#entries.get(id);
  }

  /** Returns all entries, deleted ones too, in order of insertion. */
  values(): IterableIterator<Entry> {
    return this.#entries.values();
  }

  /**
   * Puts the record in place of the one with the same id; `text` is its JSON text if it differs from JSON.stringify's.
   */
  put(record: JsonObject, text?: string): Entry {
    const entry = toEntry(this.#stream, record, text);
    const before = this.#entries.get(entry.id);
    for (const listing of [this.listed, this.archived]) {
      if (before !== undefined) listing.remove(before);
      if (!this.#hidden.has(entry.id)) listing.add(entry);
    }
    this.#keep(entry);
    return entry;
  }

  /** Removes the record, as if it had never existed. */
  remove(id: number): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    for (const listing of [this.listed, this.archived]) listing.remove(entry);
    this.#entries.delete(id);
  }

  /** Hides the record from the token's user; a request by its id answers with `status` from then on. */
  hide(id: number, status: 403 | 404): void {
    this.#hidden.set(id, status);
    const entry = this.#entries.get(id);
    if (entry !== undefined) for (const listing of [this.listed, this.archived]) listing.remove(entry);
  }

  /** Lets the token's user see the record again. */
  reveal(id: number): void {
    const entry = this.#entries.get(id);
    if (!this.#hidden.delete(id) || entry === undefined) return;
    for (const listing of [this.listed, this.archived]) listing.add(entry);
  }

  /** Returns the status with which a hidden record answers; undefined for a visible one. */
  hiddenBehind(id: number): 403 | 404 | undefined {
    return this.#hidden.get(id);
  }

  #keep(entry: Entry): void {
    this.#entries.set(entry.id, entry);
    if (entry.id > this.#highestId) this.#highestId = entry.id;
  }
}

function isListedDeal(entry: Entry): boolean {
  return !entry.archived || entry.deleted;
}
