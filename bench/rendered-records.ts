import type { Json, JsonObject } from "../connector/mapping/value.ts";
import { type Entry, toEntry } from "../connector/sandbox/store/entry.ts";
import type { SortField } from "../connector/sandbox/store/listing.ts";
import type { ListedStream } from "../connector/stream-name.ts";

/** Bytes per chunk: texts never cross from one chunk into the next. */
const chunkBytes = 64 * 2 ** 20;

const numbers = ["owner", "organization", "person", "deal", "pipeline", "stage"] as const;

/** The JSON texts of many records, one after the other, outside the heap. */
class Texts {
  readonly #chunks: Buffer[] = [];
  readonly #start: Float64Array;
  readonly #length: Uint32Array;
  #end = 0;

  constructor(count: number) {
    this.#start = new Float64Array(count);
    this.#length = new Uint32Array(count);
  }

  length(position: number): number {
    return this.#length[position]!;
  }

  keep(position: number, text: Buffer): void {
    const left = this.#chunks.length * chunkBytes - this.#end;
    if (text.length > left) {
      this.#end = this.#chunks.length * chunkBytes;
      this.#chunks.push(Buffer.allocUnsafeSlow(chunkBytes));
    }
    text.copy(this.#chunks.at(-1)!, this.#end % chunkBytes);
    this.#start[position] = this.#end;
    this.#length[position] = text.length;
    this.#end += text.length;
  }

  read(position: number): Buffer {
    const start = this.#start[position]! % chunkBytes;
    return this.#chunkOf(position).subarray(start, start + this.#length[position]!);
  }

  copy(position: number, target: Buffer, at: number): number {
    const start = this.#start[position]! % chunkBytes;
    return this.#chunkOf(position).copy(target, at, start, start + this.#length[position]!);
  }

  #chunkOf(position: number): Buffer {
    return this.#chunks[Math.floor(this.#start[position]! / chunkBytes)]!;
  }
}

/**
 * The records of one stream as columns of facts and texts rendered once, by position. They take a tenth of the memory
 * of as many entries of the sandbox's own collection, and pages are copied together without reading any.
 */
export class RenderedRecords {
  readonly count: number;
  readonly ids: Int32Array;
  /** Epoch seconds; -1 for a record whose update_time is null. */
  readonly updated: Float64Array;
  readonly deleted: Uint8Array;
  readonly archived: Uint8Array;
  /** 1 for a record that another version has replaced, or that was removed. */
  readonly superseded: Uint8Array;
  /** The name or title of each. */
  readonly names: Json[] = [];
  readonly #added: Float64Array;
  readonly #facts = {} as Record<(typeof numbers)[number], Int32Array>;
  readonly #status: Json[] = [];
  readonly #positions = new Map<number, number>();
  readonly #own: Texts;
  /** The texts in lists: notes include the summaries of the records they are attached to. */
  readonly #shown: Texts;

  /** Renders at most `most` records. `show` returns the text in lists if it differs. */
  constructor(stream: ListedStream, records: Iterable<JsonObject>, most: number, show?: (entry: Entry) => Buffer) {
    this.ids = new Int32Array(most);
    this.updated = new Float64Array(most);
    this.deleted = new Uint8Array(most);
    this.archived = new Uint8Array(most);
    this.superseded = new Uint8Array(most);
    this.#added = new Float64Array(most);
    for (const name of numbers) this.#facts[name] = new Int32Array(most);
    this.#own = new Texts(most);
    this.#shown = show === undefined ? this.#own : new Texts(most);
    let position = 0;
    for (const record of records) {
      const entry = toEntry(stream, record);
      this.#keep(position, entry);
      if (show !== undefined) this.#shown.keep(position, show(entry));
      position += 1;
    }
    this.count = position;
  }

  positionOf(id: number): number | undefined {
    return this.#positions.get(id);
  }

  /** Returns the value by which lists are sorted. */
  sortValue(sortBy: SortField, position: number): number {
    return (sortBy === "id" ? this.ids : sortBy === "update_time" ? this.updated : this.#added)[position]!;
  }

  /** Returns the ids of the organization, person and deal that a record names; -1 for none. */
  parties(position: number): { organization: number; person: number; deal: number } {
    const { organization, person, deal } = this.#facts;
    return { organization: organization[position]!, person: person[position]!, deal: deal[position]! };
  }

  /** Returns the record at this position as an entry of the sandbox. */
  entry(position: number): Entry {
    const fact = (name: (typeof numbers)[number]) => {
      const value = this.#facts[name][position]!;
      return value < 0 ? null : value;
    };
    return {
      id: this.ids[position]!,
      text: this.#own.read(position),
      updated: this.updated[position]!,
      added: this.#added[position]!,
      deleted: this.deleted[position] === 1,
      archived: this.archived[position] === 1,
      status: this.#status[position]!,
      owner: fact("owner"),
      organization: fact("organization"),
      person: fact("person"),
      deal: fact("deal"),
      pipeline: fact("pipeline"),
      stage: fact("stage"),
      name: this.names[position]!,
    };
  }

  shownLength(position: number): number {
    return this.#shown.length(position);
  }

  /** Copies the text in lists into `target`; returns its length. */
  copyShown(position: number, target: Buffer, at: number): number {
    return this.#shown.copy(position, target, at);
  }

  #keep(position: number, entry: Entry): void {
    this.ids[position] = entry.id;
    this.#positions.set(entry.id, position);
    this.updated[position] = entry.updated;
    this.#added[position] = entry.added;
    this.deleted[position] = Number(entry.deleted);
    this.archived[position] = Number(entry.archived);
    for (const name of numbers) this.#facts[name][position] = typeof entry[name] === "number" ? entry[name] : -1;
    this.#status.push(entry.status);
    this.names.push(entry.name);
    this.#own.keep(position, entry.text);
  }
}
