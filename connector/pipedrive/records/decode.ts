import { Failure } from "../../failure.ts";
import { inType } from "../../mapping/scalar.ts";
import type { Json, JsonObject } from "../../mapping/value.ts";
import type { StreamName } from "../../stream-name.ts";
import { isNestedDeeper, tooDeep } from "../../text/nesting.ts";
import type { Answer } from "../client/client.ts";
import { toRfc3339 } from "../client/rfc3339.ts";
import { cutElements } from "./json-elements.ts";
import { type RecordSchema, recordSchema } from "./record-schema.ts";
import { splitRecords } from "./split-records.ts";
import { streams } from "./streams.ts";
import { findUnholdable, mayHoldOddNumber, mayHoldUnholdable } from "./unholdable-number.ts";
import { findUnstorable, mayHoldUnstorable } from "./unstorable-text.ts";
import { toVersion2 } from "./version-1.ts";

/** A record that can be landed. */
export interface SourceRecord {
  id: number;
  /** The record as the API gave it, unknown keys included, with its built-in times in RFC 3339. */
  record: JsonObject;
  /** `2026-01-31T10:00:00Z`; null if the account never set it. */
  updateTime: string | null;
  deleted: boolean;
  /** The record as the API wrote it, in UTF-8, if equal in meaning to `record`: it can be landed unchanged. */
  bytes?: Buffer;
  /** Its values of the `glanceKeys` that its schema names, if known without parsing the record. */
  glance?: JsonObject;
  /** True if the schema names every key; undefined if not checked. */
  isKnown?: boolean;
}

/** Returns a record with all its keys: `record` may hold only those that landing reads. */
export function wholeRecord({ record, bytes }: SourceRecord): JsonObject {
  return bytes === undefined ? record : (JSON.parse(bytes.toString()) as JsonObject);
}

/** A record that cannot be placed among the others, or that cannot be stored faithfully. */
export interface RejectedRecord {
  /** Null if even the id could not be read. */
  id: number | null;
  /** The record's own JSON text, complete. */
  text: string;
  /** The place and the reason, as a sentence without its full stop. */
  reason: string;
}

/** The records of an answer, each in exactly one of the two lists. */
export interface Decoded {
  records: SourceRecord[];
  rejected: RejectedRecord[];
}

/**
 * Decodes the records of an answer whose `data` is a list or one record. It consumes the answer's body: the records are
 * passed on, with their times rewritten. Throws a Failure if `data` is neither a list, a record nor null.
 */
export function decode(
  stream: StreamName,
  { body, text, bytes }: Pick<Answer, "body" | "text"> & Partial<Answer>,
): Decoded {
  const elements = elementsOf(stream, body);
  const deep = new Set(elements.filter((element) => isNestedDeeper(element)));
  const odd = mayHoldOddNumber(text);
  const suspects = { numbers: odd && mayHoldUnholdable(text), texts: mayHoldUnstorable(text) };
  let cut: string[] | undefined;
  const textOf = (index: number): string => {
    cut ??= cutElements(text);
    return cut[index]!;
  };
  // JSON.stringify writes escapes in the one way that landing knows, and 7.0 as 7: let it write such records.
  const rewrites = text.includes("\\u") || (odd && mayHoldWideWhole(text));
  const pieces = bytes === undefined || rewrites || deep.size > 0 ? undefined : splitRecords(bytes, elements);
  const decoded: Decoded = { records: [], rejected: [] };
  for (const [index, element] of elements.entries()) {
    if (deep.has(element)) {
      decoded.rejected.push({ id: readId(element), text: textOf(index), reason: tooDeep });
      continue;
    }
    const rewritten = rewrite(stream, element);
    const reason = whyRejected(stream, element, suspects, () => textOf(index));
    if (reason === undefined) {
      const own = rewritten ? undefined : pieces?.[index];
      decoded.records.push(toSourceRecord(stream, element as JsonObject, own));
    } else decoded.rejected.push({ id: readId(element), text: textOf(index), reason });
  }
  return decoded;
}

/**
 * Returns false if no whole number of the JSON text is written with a fraction (7.0, 70e-1), as other sources than
 * Pipedrive's API write them. jsonb would keep the fraction, and the text of an id would no longer be a whole number.
 */
function mayHoldWideWhole(text: string): boolean {
  return /\.0|[eE]-/.test(text) && /[:,[]\s*-?\d+(?:\.0+[,}\]\s]|\.?\d*[eE]-)/.test(text);
}

/** Returns the elements of an answer's `data`. v1 gives null for an empty list (openapi-v1.yaml). */
export function elementsOf(stream: StreamName, body: JsonObject): Json[] {
  const data = body["data"];
  if (Array.isArray(data)) return data;
  if (data === null) return [];
  if (typeof data === "object") return [data];
  throw new Failure("run", `Pipedrive answered a request for ${stream} without any data.`, {
    hint: "The API may have changed: try a newer version of pipedrive-planhat.",
  });
}

function whyRejected(
  stream: StreamName,
  element: Json,
  suspects: { numbers: boolean; texts: boolean },
  text: () => string,
): string | undefined {
  const problem = recordSchema(stream).misplacement(element);
  if (problem !== undefined) return problem;
  const { update_time: updated } = element as JsonObject;
  if (typeof updated === "string" && toRfc3339(updated) === undefined) {
    return `update_time: expected a time such as 2026-01-31T10:00:00Z, found ${JSON.stringify(updated)}`;
  }
  if (suspects.numbers) {
    const found = findUnholdable(text());
    if (found !== undefined)
      return `${found.path}: the number ${shorten(found.number)} has more digits than can be kept`;
  }
  if (suspects.texts) {
    const found = findUnstorable(element);
    if (found !== undefined) return found.path === "" ? `it ${found.reason}` : `${found.path}: ${found.reason}`;
  }
  return undefined;
}

/**
 * Converts the built-in times, flags and values of an element to the form of v2; returns whether any had another form.
 */
function rewrite(stream: StreamName, element: Json): boolean {
  if (element === null || typeof element !== "object" || Array.isArray(element)) return false;
  const { times, flags, scalars } = recordSchema(stream);
  const isOfVersion1 = toVersion2(stream, element);
  const timesChanged = rewriteTimes(element, times);
  const flagsChanged = stream === "notes" && rewriteFlags(element, flags);
  return rewriteScalars(element, scalars) || isOfVersion1 || timesChanged || flagsChanged;
}

/** Converts values to their field's type if the meaning is the same: other sources write `"3"` for 3. */
function rewriteScalars(record: JsonObject, scalars: RecordSchema["scalars"]): boolean {
  let changed = false;
  for (const [key, type] of scalars) {
    const value = record[key];
    if (value === undefined || value === null) continue;
    const own = inType(type, value);
    if (own === value) continue;
    record[key] = own;
    changed = true;
  }
  return changed;
}

/** Rewrites times to RFC 3339. Invalid ones stay as sent: a bad date in one field is no reason to lose the record. */
function rewriteTimes(record: JsonObject, keys: readonly string[]): boolean {
  let changed = false;
  for (const key of keys) {
    const value = record[key];
    if (typeof value !== "string") continue;
    const time = toRfc3339(value) ?? value;
    if (time === value) continue;
    record[key] = time;
    changed = true;
  }
  return changed;
}

/** Converts 1 and 0 to booleans, as v1 also writes them (Pipedrive docs, "API v2 migration guide"). */
function rewriteFlags(record: JsonObject, keys: readonly string[]): boolean {
  let changed = false;
  for (const key of keys) {
    const value = record[key];
    if (value !== 0 && value !== 1) continue;
    record[key] = value === 1;
    changed = true;
  }
  return changed;
}

function toSourceRecord(stream: StreamName, record: JsonObject, bytes: Buffer | undefined): SourceRecord {
  const id = record["id"] as number;
  const updateTime = (record["update_time"] as string | null | undefined) ?? null;
  const deleted = streams[stream].isDeleted(record);
  return bytes === undefined ? { id, record, updateTime, deleted } : { id, record, updateTime, deleted, bytes };
}

/** Returns the id of any value that has a usable one, as a number or its digits. */
export function readId(element: Json): number | null {
  if (element === null || typeof element !== "object" || Array.isArray(element)) return null;
  const id = inType("integer", element["id"] ?? null);
  return typeof id === "number" && Number.isSafeInteger(id) && id > 0 ? id : null;
}

function shorten(number: string): string {
  return number.length > 60 ? `${number.slice(0, 60)}…` : number;
}
