import type { Json, JsonObject } from "../../mapping/value.ts";
import type { StreamName } from "../../stream-name.ts";
import type { Answer } from "../client/client.ts";
import { type Decoded, decode, elementsOf, type SourceRecord } from "../records/decode.ts";
import { RecordScan } from "../records/record-scan.ts";
import { recordShape, type Shape } from "../records/record-shape.ts";
import { readSchemas, streams } from "../records/streams.ts";
import { keysOfVersion1 } from "../records/version-1.ts";
import { idOf, timeOf } from "./list-page.ts";

/** A list's answer, read without parsing the records that can be passed on unchanged. */
export interface ListedRecords {
  /** The envelope, with an empty `data`. */
  envelope: JsonObject;
  decoded: Decoded;
  /** The id of each record in order, rejected ones included, or the value in its place. */
  ids: (Json | undefined)[];
  /** The update_time of each record in order, rejected ones included; null if it has none. */
  times: (string | null)[];
}

const shapes = new Map<StreamName, Shape>();

function shapeOf(stream: StreamName): Shape {
  const shape = shapes.get(stream) ?? recordShape(readSchemas()[stream], keysOfVersion1(stream));
  shapes.set(stream, shape);
  return shape;
}

/**
 * Reads the records from the bytes of an answer whose `data` is a list. Only records that are not plain go through
 * `decode`. Undefined for any other answer, and for invalid JSON.
 */
export function readListed(stream: StreamName, bytes: Buffer): ListedRecords | undefined {
  const scan = new RecordScan(bytes, shapeOf(stream));
  const decoded: Decoded = { records: [], rejected: [] };
  const ids: (Json | undefined)[] = [];
  const times: (string | null)[] = [];
  const take = (start: number) => {
    const own = bytes.subarray(start, scan.at);
    if (scan.isPlain) {
      const record = plainRecord(stream, scan, bytes, own);
      ids.push(record.id);
      times.push(record.updateTime);
      decoded.records.push(record);
      return;
    }
    const element = JSON.parse(own.toString()) as Json;
    ids.push(idOf(element));
    times.push(timeOf(element));
    const text = `{"data":[${own.toString()}]}`;
    const { records, rejected } = decode(stream, { body: { data: [element] }, text, bytes: Buffer.from(text) });
    decoded.records.push(...records);
    decoded.rejected.push(...rejected);
  };
  const data = goOver(scan, bytes, take);
  if (data === undefined) return undefined;
  const around = Buffer.concat([bytes.subarray(0, data.start), bytes.subarray(data.end)]);
  return { envelope: JSON.parse(around.toString()) as JsonObject, decoded, ids, times };
}

/** Reads one answer of a list: `readBody` is for the request, `records` for its answer. */
export function listReader(stream: StreamName): {
  readBody: (bytes: Buffer) => JsonObject | undefined;
  records: (answer: Answer) => Omit<ListedRecords, "envelope">;
} {
  let listed: ListedRecords | undefined;
  return {
    readBody(bytes) {
      listed = readListed(stream, bytes);
      return listed?.envelope;
    },
    records: (answer) => listed ?? readParsed(stream, answer),
  };
}

/** Reads the records of an answer that was parsed completely. It consumes the answer's body. */
function readParsed(stream: StreamName, answer: Answer): Omit<ListedRecords, "envelope"> {
  const elements = elementsOf(stream, answer.body);
  const [ids, times] = [elements.map(idOf), elements.map(timeOf)];
  return { ids, times, decoded: decode(stream, answer) };
}

/** Scans the envelope and, if `data` is a list, its records; returns the range of their bytes. */
function goOver(
  scan: RecordScan,
  bytes: Buffer,
  take: (start: number) => void,
): { start: number; end: number } | undefined {
  let data: { start: number; end: number } | undefined;
  if (!scan.passes(braces[0])) return undefined;
  do {
    const start = scan.at;
    if (!scan.string()) return undefined;
    const key = bytes.toString("latin1", start, scan.at);
    // A key with escapes may be `data` too.
    if (key.includes("\\") || !scan.passes(colon)) return undefined;
    if (key !== '"data"') {
      if (!scan.value()) return undefined;
      continue;
    }
    // Of two lists the last would count, and the records of the first would not belong to the answer.
    if (data !== undefined || !scan.passes(brackets[0])) return undefined;
    const first = scan.at;
    if (bytes[first] !== brackets[1]) {
      do {
        const at = scan.at;
        if (!scan.record()) return undefined;
        take(at);
      } while (scan.passes(comma));
    }
    data = { start: first, end: scan.at };
    if (!scan.passes(brackets[1])) return undefined;
  } while (scan.passes(comma));
  return scan.passes(braces[1]) && scan.at === bytes.length ? data : undefined;
}

const [comma, colon, brackets, braces] = [44, 58, [91, 93], [123, 125]] as const;

/** Returns the record in these bytes if it is plain and its schema names all its keys; undefined otherwise. */
export function readPlainRecord(stream: StreamName, bytes: Buffer): SourceRecord | undefined {
  const scan = new RecordScan(bytes, shapeOf(stream));
  const isPlain = scan.record() && scan.at === bytes.length && scan.isPlain && scan.isKnown;
  return isPlain ? plainRecord(stream, scan, bytes, bytes) : undefined;
}

function plainRecord(stream: StreamName, scan: RecordScan, bytes: Buffer, own: Buffer): SourceRecord {
  const { updateTime, glance, instantsOfVersion1 } = scan;
  const time = updateTime === 0 ? null : bytes.toString("latin1", updateTime, updateTime + 20);
  const whole = instantsOfVersion1.length === 0 ? own : withInstants(bytes, own, instantsOfVersion1);
  const rfc3339 = time?.[10] === " " ? `${time.slice(0, 10)}T${time.slice(11, 19)}Z` : time;
  return new PlainRecord(scan, rfc3339 ?? null, streams[stream].isDeleted(glance), whole);
}

const [letterT, letterZ] = Buffer.from("TZ");

/**
 * Rewrites v1 instants to the form of v2 in a copy of a record. `own` is a part of `bytes`; the instants begin at
 * `starts`.
 */
function withInstants(bytes: Buffer, own: Buffer, starts: readonly number[]): Buffer {
  const offset = own.byteOffset - bytes.byteOffset;
  const whole = Buffer.allocUnsafe(own.length + starts.length);
  let [from, to] = [0, 0];
  for (const start of starts) {
    const end = start - offset + "2026-01-31 10:00:00".length;
    to += own.copy(whole, to, from, end);
    whole[to - "10:00:00".length - 1] = letterT!;
    whole[to++] = letterZ!;
    from = end;
  }
  own.copy(whole, to, from);
  return whole;
}

/** A record that is parsed on first access. */
class PlainRecord implements SourceRecord {
  readonly id: number;
  readonly updateTime: string | null;
  readonly deleted: boolean;
  readonly bytes: Buffer;
  readonly glance: JsonObject;
  readonly isKnown: boolean;
  #record: JsonObject | undefined;

  constructor({ id, glance, isKnown }: RecordScan, updateTime: string | null, deleted: boolean, bytes: Buffer) {
    this.id = id;
    this.updateTime = updateTime;
    this.deleted = deleted;
    this.bytes = bytes;
    this.glance = glance;
    this.isKnown = isKnown;
  }

  get record(): JsonObject {
    this.#record ??= JSON.parse(this.bytes.toString()) as JsonObject;
    return this.#record;
  }
}
