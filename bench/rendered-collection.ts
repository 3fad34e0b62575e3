import type { JsonObject } from "../connector/mapping/value.ts";
import { Collection } from "../connector/sandbox/store/collection.ts";
import { type Entry, toEntry } from "../connector/sandbox/store/entry.ts";
import { Listing, type Position, type SortField, type Walk } from "../connector/sandbox/store/listing.ts";
import type { ListedStream } from "../connector/stream-name.ts";
import type { RenderedRecords } from "./rendered-records.ts";

/** The part of a list on one page, in ascending (update_time, id). */
export interface RenderedPage {
  /** The texts, separated by commas. */
  text: Buffer;
  last: Position | undefined;
  more: boolean;
}

/** A page to show, and the handling of records that were rendered too early. */
export interface PageWish {
  /** The list's records to show, if some are requested by their ids. */
  only: readonly Entry[] | undefined;
  since: number | undefined;
  after: Position | undefined;
  /** Records to skip first. */
  skip: number;
  limit: number;
  /** Deleted records last updated before this are hidden. */
  deletedSince: number;
  /** Returns the text of an entry as lists show it. */
  show: (entry: Entry) => Buffer;
  /** Returns true if the rendered text at this position is out of date. */
  isStale: (position: number) => boolean;
}

/** A listing over rendered records, and over the changed versions of some of them. */
export class RenderedListing extends Listing {
  readonly #records: RenderedRecords;
  readonly #holds: (entry: Pick<Entry, "archived" | "deleted">) => boolean;
  /** Positions, ascending by (update_time, id). */
  readonly #order: Int32Array;
  readonly #otherOrders: Partial<Record<SortField, Int32Array>> = {};

  constructor(records: RenderedRecords, holds: (entry: Pick<Entry, "archived" | "deleted">) => boolean) {
    super(holds, []);
    this.#records = records;
    this.#holds = holds;
    const held = new Int32Array(records.count);
    let count = 0;
    for (let position = 0; position < records.count; position++) {
      const flags = { archived: records.archived[position] === 1, deleted: records.deleted[position] === 1 };
      if (holds(flags)) held[count++] = position;
    }
    this.#order = this.#sorted(held.subarray(0, count), "update_time");
  }

  /** Returns the page that a sync requests, without creating an entry for any unchanged record. */
  page({ only, since, after, skip, limit, deletedSince, show, isStale }: PageWish): RenderedPage {
    const { updated, ids, deleted, superseded } = this.#records;
    const isShown = (position: number) =>
      superseded[position] === 0 && (deleted[position] === 0 || updated[position]! >= deletedSince);
    const matches = (entry: Entry) => !entry.deleted || entry.updated >= deletedSince;
    const wanted = skip + limit + 1;
    const walk: Walk = { sortBy: "update_time", descending: false, after, updatedSince: since, matches, limit: wanted };
    const changed = only === undefined ? super.walk(walk) : new Listing(this.#holds, only).walk(walk);
    const found: (number | Entry)[] = [];
    const firstFrom = (value: number, id: number) => this.#firstFrom(this.#order, (one) => updated[one]!, value, id);
    let index =
      only !== undefined
        ? this.#order.length
        : Math.max(since === undefined ? 0 : firstFrom(since, 0), after ? firstFrom(after.value, after.id + 1) : 0);
    let next = 0;
    while (found.length < wanted) {
      while (index < this.#order.length && !isShown(this.#order[index]!)) index += 1;
      const position = this.#order[index];
      const entry = changed[next];
      if (position === undefined && entry === undefined) break;
      const isEntry =
        position === undefined ||
        (entry !== undefined && (entry.updated - updated[position]! || entry.id - ids[position]!) < 0);
      found.push(isEntry ? entry! : isStale(position) ? this.#records.entry(position) : position);
      if (isEntry) next += 1;
      else index += 1;
    }
    const page = found.slice(skip, skip + limit);
    const last = page.at(-1);
    return {
      text: this.#textOf(page, show),
      last:
        last === undefined
          ? undefined
          : typeof last === "number"
            ? { value: updated[last]!, id: ids[last]! }
            : { value: last.updated, id: last.id },
      more: found.length === wanted,
    };
  }

  /** Walks like the sandbox's own listing, creating an entry for each record it reads: for rare requests. */
  override walk(walk: Walk): Entry[] {
    const { sortBy, descending, matches, updatedSince, limit } = walk;
    const changed = super.walk(walk);
    const order = this.#orderBy(sortBy);
    const { superseded, updated } = this.#records;
    const value = (position: number) => this.#records.sortValue(sortBy, position);
    const isBefore = (entry: Entry, position: number) => {
      const difference = sortValueOf(sortBy, entry) - value(position) || entry.id - this.#records.ids[position]!;
      return descending ? difference > 0 : difference < 0;
    };
    const step = descending ? -1 : 1;
    const least =
      sortBy === "update_time" ? this.#firstFrom(order, value, updatedSince ?? Number.NEGATIVE_INFINITY, 0) : 0;
    let index = descending ? order.length - 1 : least;
    if (walk.after !== undefined) {
      const { value: of, id } = walk.after;
      index = descending
        ? this.#firstFrom(order, value, of, id) - 1
        : Math.max(this.#firstFrom(order, value, of, id + 1), least);
    }
    const found: Entry[] = [];
    let next = 0;
    for (; index >= least && index < order.length && found.length < limit; index += step) {
      const position = order[index]!;
      if (superseded[position] === 1) continue;
      if (updatedSince !== undefined && updated[position]! < updatedSince) continue;
      while (next < changed.length && isBefore(changed[next]!, position)) found.push(changed[next++]!);
      const entry = this.#records.entry(position);
      if (matches(entry)) found.push(entry);
    }
    return [...found, ...changed.slice(next)].slice(0, limit);
  }

  #orderBy(sortBy: SortField): Int32Array {
    if (sortBy === "update_time") return this.#order;
    this.#otherOrders[sortBy] ??= this.#sorted(this.#order, sortBy);
    return this.#otherOrders[sortBy];
  }

  #sorted(positions: Int32Array, sortBy: SortField): Int32Array {
    const { ids } = this.#records;
    const value = (position: number) => this.#records.sortValue(sortBy, position);
    return positions.slice().sort((one, other) => value(one) - value(other) || ids[one]! - ids[other]!);
  }

  #textOf(page: readonly (number | Entry)[], show: (entry: Entry) => Buffer): Buffer {
    const shown = page.map((one) => (typeof one === "number" ? one : show(one)));
    const length = shown.reduce<number>(
      (sum, one) => sum + 1 + (typeof one === "number" ? this.#records.shownLength(one) : one.length),
      0,
    );
    const text = Buffer.allocUnsafe(Math.max(0, length - 1));
    let at = 0;
    for (const one of shown) {
      if (at > 0) text[at++] = 0x2c;
      at += typeof one === "number" ? this.#records.copyShown(one, text, at) : one.copy(text, at);
    }
    return text;
  }

  /** Returns the index of the first position in this order that does not lie before (value, id). */
  #firstFrom(order: Int32Array, sortValue: (position: number) => number, value: number, id: number): number {
    let low = 0;
    let high = order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const position = order[middle]!;
      if ((sortValue(position) - value || this.#records.ids[position]! - id) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function sortValueOf(sortBy: SortField, entry: Entry): number {
  return sortBy === "id" ? entry.id : sortBy === "update_time" ? entry.updated : entry.added;
}

/**
 * A collection of the sandbox over rendered records: changes are kept on top, and unchanged records are never objects.
 */
export class RenderedCollection extends Collection {
  override readonly listed: RenderedListing;
  override readonly archived: RenderedListing;
  readonly records: RenderedRecords;
  readonly #stream: ListedStream;
  readonly #changed = new Map<number, Entry>();
  #highestId: number;

  constructor(stream: ListedStream, records: RenderedRecords) {
    super(stream, []);
    this.#stream = stream;
    this.records = records;
    this.#highestId = records.ids.reduce((highest, id) => Math.max(highest, id), 0);
    this.listed = new RenderedListing(
      records,
      stream === "deals" ? ({ archived, deleted }) => !archived || deleted : ({ deleted }) => !deleted,
    );
    this.archived = new RenderedListing(records, ({ archived, deleted }) => archived && !deleted);
  }

  override get size(): number {
    return [...this.values()].length;
  }

  override get nextId(): number {
    return this.#highestId + 1;
  }

  /** Returns true if the record was changed or removed since it was rendered. */
  isChanged(id: number): boolean {
    const position = this.records.positionOf(id);
    return position !== undefined && this.records.superseded[position] === 1;
  }

  override get(id: number): Entry | undefined {
    const changed = this.#changed.get(id);
    if (changed !== undefined) return changed;
    const position = this.records.positionOf(id);
    return position === undefined || this.records.superseded[position] === 1 ? undefined : this.records.entry(position);
  }

  override *values(): IterableIterator<Entry> {
    for (let position = 0; position < this.records.count; position++) {
      if (this.records.superseded[position] === 0) yield this.records.entry(position);
    }
    yield* this.#changed.values();
  }

  override put(record: JsonObject, text?: string): Entry {
    const entry = toEntry(this.#stream, record, text);
    this.remove(entry.id);
    for (const listing of [this.listed, this.archived]) listing.add(entry);
    this.#changed.set(entry.id, entry);
    this.#highestId = Math.max(this.#highestId, entry.id);
    return entry;
  }

  override remove(id: number): void {
    const before = this.#changed.get(id);
    const position = this.records.positionOf(id);
    if (position !== undefined) this.records.superseded[position] = 1;
    if (before === undefined) return;
    for (const listing of [this.listed, this.archived]) listing.remove(before);
    this.#changed.delete(id);
  }
}
