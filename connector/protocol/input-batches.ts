import type { JsonObject } from "../mapping/value.ts";
import { readPlainRecord } from "../pipedrive/lists/listed-records.ts";
import { decode, readId } from "../pipedrive/records/decode.ts";
import type { StreamName } from "../stream-name.ts";
import type { ObjectTarget } from "./destination-catalog.ts";
import type { Incoming, LandedCounts, LineReader } from "./incoming.ts";
import type { InputBatch, InputGroup, ObjectGroup, ObjectRecord } from "./input-batch.ts";
import type { Line } from "./read-lines.ts";

/** Records per batch; a batch may end earlier by the size of their text. */
const mostRecords = 1000;
const mostText = 4_000_000;

/** The marks of deletion that CDC sources and Singer taps add to a record. */
const deletionMarks = ["_ab_cdc_deleted_at", "_sdc_deleted_at"];

/** A generation of a stream that replaces earlier ones once it is complete. */
export interface Generation {
  number: number;
  /** True for the source's own number; false for a substitute. */
  numbered: boolean;
  /** The source's streams that it consists of. */
  sources: readonly string[];
}

/** Facts about an input, and callbacks for its contents besides records. */
export interface InputEvents {
  /** Returns the connector's stream for a source's stream; undefined leaves its records out. */
  streamOf(name: string): StreamName | undefined;
  /** Returns the object that a source's stream of objects becomes; undefined for other streams. */
  objectOf(name: string): ObjectTarget | undefined;
  /** Returns the present generation of a stream; undefined if generations are not counted. */
  generationOf(stream: StreamName): Generation | undefined;
  /** Called for each line that cannot be read. */
  onFault(line: number, reason: string): void;
  /** Called once for each source's stream that the connector lacks. */
  onLeftOut(stream: string): void;
  /** Called with each message of the source for its users. */
  onTold(level: "error" | "warn" | "info" | "debug", message: string): void;
}

/**
 * Gathers the messages of an input into batches, in bounded memory. Records pass the same checks as those of the API.
 * No state after an unreadable line is returned: it would claim the contents of that line.
 */
export class InputBatches {
  readonly #read: LineReader;
  readonly #events: InputEvents;
  readonly #counts = new Map<string | undefined, LandedCounts>();
  readonly #leftOut = new Set<string>();
  readonly #statuses = new Map<string, string>();
  readonly #objects = new Map<string, ObjectGroup>();
  #batch: InputBatch = { groups: [], objects: [], whole: [], states: [] };
  #open = new Map<string, { data: JsonObject[]; texts: string[] }>();
  #records = 0;
  #text = 0;
  #faults = 0;

  constructor(read: LineReader, events: InputEvents) {
    this.#read = read;
    this.#events = events;
  }

  /** The number of unreadable lines. */
  get faults(): number {
    return this.#faults;
  }

  /** The streams that began and that the source has not reported as complete. */
  get incomplete(): string[] {
    return [...this.#statuses].filter(([, status]) => status !== "COMPLETE").map(([stream]) => stream);
  }

  /** Returns whether anything waits to be committed, and whether states wait for it. */
  get waiting(): { batch: boolean; states: boolean } {
    const { states, whole } = this.#batch;
    return { batch: this.#records > 0 || states.length > 0 || whole.length > 0, states: states.length > 0 };
  }

  /** Adds lines, and yields the batches that they fill. */
  *take(lines: readonly Line[]): Generator<InputBatch, void> {
    for (const line of lines) {
      if ("fault" in line) this.#fault(line.number, line.fault);
      else if (line.bytes.some((byte) => byte > 32)) this.#message(line.number, this.#read(line.bytes));
      // Records after a complete generation do not belong to it, so they are committed after it.
      if (this.#records >= mostRecords || this.#text >= mostText || this.#batch.whole.length > 0) yield this.rest();
    }
  }

  /** Returns the rest of the input that no batch holds yet. */
  rest(): InputBatch {
    this.#decode();
    const batch = this.#batch;
    this.#batch = { groups: [], objects: [], whole: [], states: [] };
    this.#objects.clear();
    this.#records = 0;
    this.#text = 0;
    return batch;
  }

  #message(line: number, message: Incoming): void {
    switch (message.kind) {
      case "record":
        this.#record(message);
        break;
      case "likely record":
        if (!this.#plain(message)) this.#message(line, message.parsed());
        break;
      case "state": {
        this.#decode();
        const counts = this.#countsOf(message.stream);
        if (this.#faults === 0) this.#batch.states.push(() => message.echo(counts));
        this.#counts.delete(message.stream);
        break;
      }
      case "status":
        this.#statuses.set(message.stream, message.status);
        if (message.status === "COMPLETE") this.#complete(message.stream);
        break;
      case "version":
        this.#whole(this.#events.streamOf(message.stream), message.version, false);
        break;
      case "told":
        this.#events.onTold(message.level, message.message);
        break;
      case "fault":
        this.#fault(line, message.reason);
    }
  }

  #fault(line: number, reason: string): void {
    this.#faults++;
    this.#events.onFault(line, reason);
  }

  /** Completes a stream of the connector when all of the source's streams in it are complete. */
  #complete(name: string): void {
    const stream = this.#events.streamOf(name);
    const generation = stream === undefined ? undefined : this.#events.generationOf(stream);
    if (generation === undefined || generation.sources.some((one) => this.#statuses.get(one) !== "COMPLETE")) return;
    this.#whole(stream, generation.number, generation.numbered);
  }

  /** Replaces nothing if a line was unreadable: it may have held a record that still exists. */
  #whole(stream: StreamName | undefined, generation: number, evenIfEmpty: boolean): void {
    if (stream === undefined || this.#faults > 0) return;
    this.#batch.whole.push({ stream, generation, evenIfEmpty });
  }

  #record({ stream, data, text, version }: Incoming & { kind: "record" }): void {
    const object = this.#events.objectOf(stream);
    if (object !== undefined) {
      this.#object(stream, object, { data, text });
      return;
    }
    const own = this.#events.streamOf(stream);
    if (own === undefined) {
      if (!this.#leftOut.has(stream)) this.#events.onLeftOut(stream);
      this.#leftOut.add(stream);
      this.#count(stream, { landed: 0, rejected: 1 });
      return;
    }
    this.#records++;
    this.#text += text.length;
    const id = readId(data);
    if (id !== null) {
      if (deletionMarks.some((mark) => data[mark] !== undefined && data[mark] !== null)) {
        this.#group(own).deleted.add(id);
        this.#count(stream, { landed: 1, rejected: 0 });
        return;
      }
      this.#present(own, id, version);
    }
    const open = this.#open.get(stream) ?? { data: [], texts: [] };
    this.#open.set(stream, open);
    open.data.push(data);
    open.texts.push(text);
  }

  #object(stream: string, target: ObjectTarget, record: Pick<ObjectRecord, "data" | "text">): void {
    this.#records++;
    this.#text += record.text.length;
    let group = this.#objects.get(stream);
    if (group === undefined) {
      group = { ...target, records: [] };
      this.#objects.set(stream, group);
      this.#batch.objects.push(group);
    }
    this.#count(stream, { landed: 1, rejected: 0 });
    group.records.push({ ...record, counts: [this.#countsOf(stream), this.#countsOf(undefined)] });
  }

  /**
   * Adds a record that needs no parsing; returns false for any other. A mark of deletion is a key that no schema names.
   */
  #plain({ stream, bytes }: Incoming & { kind: "likely record" }): boolean {
    const own = this.#events.streamOf(stream);
    const record = own === undefined ? undefined : readPlainRecord(own, bytes);
    if (own === undefined || record === undefined) return false;
    // A record that comes twice counts as it came last.
    if (this.#open.size > 0) this.#decode();
    this.#records++;
    this.#text += bytes.length;
    this.#present(own, record.id, undefined);
    this.#group(own).records.push(record);
    this.#count(stream, { landed: 1, rejected: 0 });
    return true;
  }

  /** Records that a record exists, in its generation. */
  #present(own: StreamName, id: number, version: number | undefined): void {
    this.#batch.groups.find((group) => group.stream === own)?.deleted.delete(id);
    const generation = version ?? this.#events.generationOf(own)?.number;
    if (generation === undefined) return;
    const { generations } = this.#group(own);
    const ids = generations.get(generation) ?? [];
    generations.set(generation, ids);
    ids.push(id);
  }

  /** Checks the parsed records since the last state, as if they were a page of the API. */
  #decode(): void {
    for (const [stream, { data, texts }] of this.#open) {
      const own = this.#events.streamOf(stream)!;
      const text = `{"data":[${texts.join(",")}]}`;
      const decoded = decode(own, { body: { data }, text, bytes: Buffer.from(text) });
      const group = this.#group(own);
      for (const record of decoded.records) group.records.push(record);
      for (const record of decoded.rejected) group.rejected.push(record);
      this.#count(stream, { landed: decoded.records.length, rejected: decoded.rejected.length });
    }
    this.#open.clear();
  }

  #group(stream: StreamName): InputGroup {
    const found = this.#batch.groups.find((group) => group.stream === stream);
    if (found !== undefined) return found;
    const group = { stream, records: [], rejected: [], deleted: new Set<number>(), generations: new Map() };
    this.#batch.groups.push(group);
    return group;
  }

  /** Counts records for the stream's next STATE and for the next STATE of all streams. */
  #count(stream: string, { landed, rejected }: LandedCounts): void {
    for (const scope of [stream, undefined]) {
      const counts = this.#countsOf(scope);
      counts.landed += landed;
      counts.rejected += rejected;
    }
  }

  #countsOf(scope: string | undefined): LandedCounts {
    const counts = this.#counts.get(scope) ?? { landed: 0, rejected: 0 };
    this.#counts.set(scope, counts);
    return counts;
  }
}
