import type { Json, JsonObject } from "../../mapping/value.ts";
import { anyShape, hashStep, type Member, type Shape, typeBits } from "./record-shape.ts";
import { customKeyLength } from "./version-1.ts";

const deepest = 100;
const [quote, comma, colon, backslash] = [34, 44, 58, 92];

/**
 * A scanner of JSON text, byte by byte. For each record `record` decides whether it is *plain*: of its schema's shape,
 * with numbers and texts that every reader and Postgres accept, and instants in the form of API v2 or v1. A plain
 * record can be passed on unchanged, but for instants of v1, at half the cost of parsing. A record that is not plain
 * needs parsing. A result of false means invalid JSON: the caller then parses the answer.
 */
export class RecordScan {
  /** The position of the scan. */
  at = 0;
  /** True if the last record is plain so far. */
  isPlain = true;
  /** True if the schema names every key of the last record. */
  isKnown = true;
  /** The last record's id; 0 if it has no plain one. */
  id = 0;
  /** The start of the text of the last record's update_time; 0 if it is not a text. */
  updateTime = 0;
  /** The starts of the last record's instants in the form of v1, `2026-01-31 10:00:00`. */
  instantsOfVersion1: number[] = [];
  /** The last record's values of the `glanceKeys` that its schema names. */
  glance: JsonObject = {};
  readonly #bytes: Buffer;
  readonly #shape: Shape;

  /** `bytes` is UTF-8; `shape` is that of a record. */
  constructor(bytes: Buffer, shape: Shape) {
    this.#bytes = bytes;
    this.#shape = shape;
  }

  /** Scans one record. Returns false for invalid JSON. */
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

  /** Scans any value. Returns false for invalid JSON. */
  value(): boolean {
    return this.#value(anyShape, 1);
  }

  /** Scans a string. Returns false if there is none. */
  string(): boolean {
    const bytes = this.#bytes;
    if (bytes[this.at] !== quote) return false;
    for (let at = this.at + 1; ; at++) {
      const byte = bytes[at];
      if (byte === quote) {
        this.at = at + 1;
        return true;
      }
      // Past the end the byte is undefined, and every comparison with it is false.
      if (!(byte! >= 32)) return false;
      if (byte !== backslash) continue;
      at++;
      if (!isEscape(bytes, at)) return false;
      // Postgres rejects some of these, and the others have two spellings.
      if (bytes[at] === 117) this.isPlain = false;
    }
  }

  /** Skips white space, and `byte` if it comes next; returns true in that case. */
  passes(byte: number): boolean {
    // Most JSON has no space: checking two bytes is enough.
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

  /** Checks an instant. Only a record's own instants are rewritten; nested ones are ordinary texts. */
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
      // A fraction that ends in 0 may be a whole number (7.0).
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

  /** Scans a key. Returns the member that the schema names, undefined for an unknown key, null if there is no key. */
  #key({ members }: Shape): Member | undefined | null {
    if (members === undefined) return this.string() ? undefined : null;
    const bytes = this.#bytes;
    if (bytes[this.at] !== quote) return null;
    const start = this.at + 1;
    let hash = 0;
    let end = start;
    for (let byte = bytes[end]; byte !== quote; byte = bytes[++end]) {
      // No key in a schema is written with an escape.
      if (byte === backslash || !(byte! >= 32)) return this.string() ? undefined : null;
      hash = hashStep(hash, byte!);
    }
    this.at = end + 1;
    const member = members.get(hash);
    return member !== undefined && isSame(member.key, bytes, start, end) ? member : undefined;
  }

  /** Saves a member's value. The last of equal keys counts, as in JSON.parse. */
  #keep(member: Member | undefined, start: number, begin: number): void {
    if (member === undefined) {
      this.isKnown = false;
      // A custom field beside the built-in ones, as in v1: its record must be converted to the form of v2.
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

/** Returns true for an existing instant written as `2026-01-31T10:00:00Z`, or `2026-01-31 10:00:00`. */
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

/** Parses two digits; NaN if there are none, so that no comparison with it is true. */
function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = bytes[at]! - 48;
  const units = bytes[at + 1]! - 48;
  return tens >= 0 && tens <= 9 && units >= 0 && units <= 9 ? tens * 10 + units : Number.NaN;
}

function daysOf(year: number, month: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}
