import type { JsonObject } from "../mapping/value.ts";
import { cutFields } from "../pipedrive/records/cut-fields.ts";
import type { SourceRecord } from "../pipedrive/records/decode.ts";
import { readSchemas } from "../pipedrive/records/streams.ts";
import type { StreamName } from "../stream-name.ts";

const newline = 10;

/**
 * A writer of a stream's records as lines, each with its selected top-level fields. If the API's own text is equal in
 * meaning, its bytes are copied: writing a record again costs more than everything else in a read.
 */
export class RecordLines {
  readonly #fields: ReadonlySet<string> | undefined;
  /** True if no field that the stream's schema names is left out. */
  readonly #takesKnown: boolean;
  /** A buffer shared by all pages: new memory for each would keep the collector busy. */
  #lines: Buffer = Buffer.alloc(0);

  /** `fields` are the selected ones; undefined selects all. */
  constructor(stream: StreamName, fields: ReadonlySet<string> | undefined) {
    this.#fields = fields;
    const known = Object.keys(readSchemas()[stream]["properties"] as JsonObject);
    this.#takesKnown = fields === undefined || known.every((field) => fields.has(field));
  }

  /** Writes the lines of these records, each between `head` and `tail`, as UTF-8. The next call overwrites them. */
  of(records: readonly Pick<SourceRecord, "record" | "bytes" | "isKnown">[], head: string, tail: string): Buffer {
    const [before, after] = [Buffer.from(head), Buffer.from(`${tail}\n`)];
    const texts = records.map((record) => this.#text(record));
    const size = texts.reduce((sum, text) => sum + text.length, texts.length * (before.length + after.length));
    if (this.#lines.length < size) this.#lines = Buffer.allocUnsafeSlow(size);
    const lines = this.#lines;
    let at = 0;
    for (const text of texts) {
      at += before.copy(lines, at);
      at += text.copy(lines, at);
      at += after.copy(lines, at);
    }
    return lines.subarray(0, at);
  }

  #text(source: Pick<SourceRecord, "record" | "bytes" | "isKnown">): Buffer {
    const { bytes, isKnown } = source;
    const fields = this.#fields;
    if (bytes !== undefined && !bytes.includes(newline)) {
      return fields === undefined || (this.#takesKnown && isKnown === true) ? bytes : cutFields(bytes, fields);
    }
    const { record } = source;
    if (fields === undefined) return Buffer.from(JSON.stringify(record));
    const chosen = Object.entries(record).filter(([name]) => fields.has(name));
    return Buffer.from(JSON.stringify(Object.fromEntries(chosen)));
  }
}
