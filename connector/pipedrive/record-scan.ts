import type { Json, JsonObject } from "../mapping/value.ts";
import { anyShape, hashStep, type Member, type Shape, typeBits } from "./record-shape.ts";
import { customKeyLength } from "./version-1.ts";

const deepest = 100;
const [quote, comma, colon, backslash] = [34, 44, 58, 92];

/**
 * Follows JSON text byte by byte. `record` tells of each record whether it is *plain*: of its schema's shape, its numbers
 * and texts such as every reader and Postgres take them, its instants in the form of API v2 or v1. What is plain can be handed
 * on as it came, but for instants of v1, for half of what parsing costs; about the rest nothing is said. Whoever finds the text no JSON gives up.
 */
export class RecordScan {
  /** Where the scan stands. */
  at = 0;
  /** Nothing that is not plain was seen in the last record. */
  isPlain = true;
  /** Every key of the last record is one that its schema names. */
  isKnown = true;
  /** The last record's id, 0 where it has none that is plain. */
  id = 0;
  /** Where the text of the last record's update_time begins; 0 where it is no text. */
  updateTime = 0;
  /** Where the texts of those instants of the last record begin that are in the form of v1, `2026-01-31 10:00:00`. */
  instantsOfVersion1: number[] = [];
  /** What the last record says under those of `glanceKeys` that its schema names. */
  glance: JsonObject = {};
  readonly #bytes: Buffer;
  readonly #shape: Shape;

  /** `bytes` is UTF-8; `shape` that of a record. */
  constructor(bytes: Buffer, shape: Shape) {
    this.#bytes = bytes;
    this.#shape = shape;
  }

  /** Goes over one record. False where the text is no JSON. */
  record(): boolean {
    this.isPlain = true;
    this.isKnown = true;
    this.id = 0;
    this.updateTime = 0;
    this.glance = {};
    if (this.instantsOfVersion1.length > 0) this.instantsOfVersion1 = [];
    if (!this.#value(this.#shape, 0)) return false;
    if (this.id === 0) this.isPlain = false;
    return true;
  }

  /** Goes over any value. False where the text is no JSON. */
  value(): boolean {
    return this.#value(anyShape, 1);
  }

  /** Goes over a string. False where there is none. */
  string(): boolean {
    const bytes = this.#bytes;
    if (bytes[this.at] !== quote) return false;
    for (let at = this.at + 1; ; at++) {
      const byte = bytes[at];
      if (byte === quote) {
        this.at = at + 1;
        return true;
      }
      // Past the end it is undefined, which is at least nothing.
      if (!(byte! >= 32)) return false;
      if (byte !== backslash) continue;
      at++;
      if (!isEscape(bytes, at)) return false;
      // Postgres refuses some of these, and there are two ways to write the others.
      if (bytes[at] === 117) this.isPlain = false;
    }
  }

  /** Goes over white space, and over `byte` where it comes next: then true. */
  passes(byte: number): boolean {
    // Most JSON has no space: a look at the two bytes tells.
    if (this.#bytes[this.at]! <= 32) this.#space();
    if (this.#bytes[this.at] !== byte) return false;
    if (this.#bytes[++this.at]! <= 32) this.#space();
    return true;
  }

  #value(shape: Shape, depth: number): boolean {
    const start = this.at;
    switch (this.#bytes[start]) {
      case quote:
        this.#expect(shape, typeBits["string"]!);
        if (!this.string()) return false;
        if (shape.isInstant) this.#instant(start + 1, this.at - 1, depth);
        return true;
      case 110:
        this.#expect(shape, typeBits["null"]!);
        return this.#word(117, 108, 108);
      case 116:
        this.#expect(shape, typeBits["boolean"]!);
        return this.#word(114, 117, 101);
      case 102:
        this.#expect(shape, typeBits["boolean"]!);
        return this.#word(97, 108, 115, 101);
      case 123:
        this.#expect(shape, typeBits["object"]!);
        return depth < deepest && this.#object(shape, depth);
      case 91:
        this.#expect(shape, typeBits["array"]!);
        return depth < deepest && this.#array(shape.items ?? anyShape, depth);
      default:
        return this.#number(shape);
    }
  }

  /** Only a record's own instants are rewritten; in what it holds they are texts like any other. */
  #instant(start: number, end: number, depth: number): void {
    const isOfVersion1 = end - start === lengthInVersion1;
    if (!isInstant(this.#bytes, start, end, isOfVersion1) || (isOfVersion1 && depth !== 1)) this.isPlain = false;
    else if (isOfVersion1) this.instantsOfVersion1.push(start);
  }

  #expect({ types }: Shape, type: number): void {
    if ((types & type) === 0) this.isPlain = false;
  }

  #word(second: number, third: number, fourth: number, fifth?: number): boolean {
    const { at } = this;
    const bytes = this.#bytes;
    if (bytes[at + 1] !== second || bytes[at + 2] !== third || bytes[at + 3] !== fourth) return false;
    if (fifth !== undefined && bytes[at + 4] !== fifth) return false;
    this.at = at + (fifth === undefined ? 4 : 5);
    return true;
  }

  #number(shape: Shape): boolean {
    const bytes = this.#bytes;
    const isNegative = bytes[this.at] === 45;
    const start = isNegative ? this.at + 1 : this.at;
    let at = start;
    if (bytes[at] === 48) at++;
    else while (isDigit(bytes[at])) at++;
    if (at === start) return false;
    let isWhole = true;
    if (bytes[at] === 46) {
      isWhole = false;
      const point = at++;
      while (isDigit(bytes[at])) at++;
      if (at === point + 1) return false;
      // A fraction that ends in 0 may be none (7.0).
      if (bytes[at - 1] === 48) this.isPlain = false;
    }
    if (bytes[at] === 101 || bytes[at] === 69) {
      this.isPlain = false;
      at++;
      if (bytes[at] === 43 || bytes[at] === 45) at++;
      const digits = at;
      while (isDigit(bytes[at])) at++;
      if (at === digits) return false;
    }
    if (at - start > 15 || (shape.isPositive && (isNegative || bytes[start] === 48))) this.isPlain = false;
    this.#expect(shape, isWhole ? typeBits["integer"]! : typeBits["fraction"]!);
    this.at = at;
    return true;
  }

  #array(items: Shape, depth: number): boolean {
    this.at++;
    this.#space();
    if (this.#bytes[this.at] === 93) {
      this.at++;
      return true;
    }
    do if (!this.#value(items, depth + 1)) return false;
    while (this.passes(comma));
    return this.#bytes[this.at++] === 93;
  }

  #object(shape: Shape, depth: number): boolean {
    this.at++;
    this.#space();
    if (this.#bytes[this.at] === 125) {
      this.at++;
      return true;
    }
    do {
      const begin = this.at;
      const member = this.#key(shape);
      if (member === null || !this.passes(colon)) return false;
      const start = this.at;
      if (!this.#value(member?.shape ?? anyShape, depth + 1)) return false;
      if (depth === 0) this.#keep(member, start, begin);
    } while (this.passes(comma));
    return this.#bytes[this.at++] === 125;
  }

  /** Goes over a key: the member that the schema names so, undefined where it names none, null where there is no key. */
  #key({ members }: Shape): Member | undefined | null {
    if (members === undefined) return this.string() ? undefined : null;
    const bytes = this.#bytes;
    if (bytes[this.at] !== quote) return null;
    const start = this.at + 1;
    let hash = 0;
    let end = start;
    for (let byte = bytes[end]; byte !== quote; byte = bytes[++end]) {
      // No key of ours is written with an escape.
      if (byte === backslash || !(byte! >= 32)) return this.string() ? undefined : null;
      hash = hashStep(hash, byte!);
    }
    this.at = end + 1;
    const member = members.get(hash);
    return member !== undefined && isSame(member.key, bytes, start, end) ? member : undefined;
  }

  /** Of equal keys the last counts, as in JSON.parse. */
  #keep(member: Member | undefined, start: number, begin: number): void {
    if (member === undefined) {
      this.isKnown = false;
      // A custom field that stands beside the built-in ones, as in v1: its record is put into the form of v2.
      if (start - begin > customKeyLength) this.isPlain = false;
      return;
    }
    const { name } = member;
    if (name === "id") this.id = this.isPlain ? wholeNumber(this.#bytes, start, this.at) : 0;
    else if (name === "update_time") this.updateTime = this.#bytes[start] === quote ? start + 1 : 0;
    else if (member.isGlanced && this.isPlain) this.glance[name] = this.#scalar(start);
  }

  #scalar(start: number): Json {
    const text = this.#bytes.toString("utf8", start, this.at);
    return text === "false" ? false : text === "null" ? null : (JSON.parse(text) as Json);
  }

  #space(): void {
    for (;;) {
      const byte = this.#bytes[this.at];
      if (byte !== 32 && byte !== 10 && byte !== 13 && byte !== 9) return;
      this.at++;
    }
  }
}

function isDigit(byte: number | undefined): boolean {
  return byte! >= 48 && byte! <= 57;
}

/** The characters that may follow a backslash. */
const escapes = new Set(Buffer.from('"\\/bfnrtu'));

function isEscape(bytes: Uint8Array, at: number): boolean {
  if (!escapes.has(bytes[at]!)) return false;
  if (bytes[at] !== 117) return true;
  for (let digit = at + 1; digit <= at + 4; digit++) {
    const byte = bytes[digit];
    if (!isDigit(byte) && !(byte! >= 65 && byte! <= 70) && !(byte! >= 97 && byte! <= 102)) return false;
  }
  return true;
}

function isSame(key: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (key.length !== end - start) return false;
  for (let index = 0; index < key.length; index++) if (key[index] !== bytes[start + index]) return false;
  return true;
}

function wholeNumber(bytes: Uint8Array, start: number, end: number): number {
  let number = 0;
  for (let at = start; at < end; at++) number = number * 10 + bytes[at]! - 48;
  return number;
}

/** The length of `2026-01-31 10:00:00`. */
const lengthInVersion1 = 19;

/** True for a real instant written as `2026-01-31T10:00:00Z`, or `2026-01-31 10:00:00`. */
function isInstant(bytes: Uint8Array, start: number, end: number, isOfVersion1: boolean): boolean {
  if (end - start !== (isOfVersion1 ? lengthInVersion1 : lengthInVersion1 + 1)) return false;
  const year = twoDigits(bytes, start) * 100 + twoDigits(bytes, start + 2);
  const month = twoDigits(bytes, start + 5);
  const day = twoDigits(bytes, start + 8);
  return (
    year > 0 &&
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= daysOf(year, month) &&
    twoDigits(bytes, start + 11) < 24 &&
    twoDigits(bytes, start + 14) < 60 &&
    twoDigits(bytes, start + 17) < 60 &&
    // The marks between them: "-", "-", "T", ":", ":", "Z".
    bytes[start + 4] === 45 &&
    bytes[start + 7] === 45 &&
    bytes[start + 10] === (isOfVersion1 ? 32 : 84) &&
    bytes[start + 13] === 58 &&
    bytes[start + 16] === 58 &&
    (isOfVersion1 || bytes[start + 19] === 90)
  );
}

/** NaN where there are none, so that no comparison with it holds. */
function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = bytes[at]! - 48;
  const units = bytes[at + 1]! - 48;
  return tens >= 0 && tens <= 9 && units >= 0 && units <= 9 ? tens * 10 + units : Number.NaN;
}

function daysOf(year: number, month: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}
