import type { JsonObject } from "../mapping/value.ts";
import { glanceKeys } from "./streams.ts";

/** The types of JSON values as bits, so that a set of them is one number. */
export const typeBits: Readonly<Record<string, number>> = {
  null: 1,
  boolean: 2,
  string: 4,
  integer: 8,
  fraction: 16,
  array: 32,
  object: 64,
  // JSON Schema: a whole number is a number too.
  number: 8 | 16,
};

/** What a JSON Schema says of a value, made ready for a look at the value's bytes. */
export interface Shape {
  /** The types it may have, as `typeBits`. */
  types: number;
  /** A text must be an instant as API v2 writes it. */
  isInstant: boolean;
  /** A number must be at least 1. */
  isPositive: boolean;
  /** The members that the schema names, by the hash of their key. */
  members: ReadonlyMap<number, Member> | undefined;
  /** Of each element of an array; undefined: any. */
  items: Shape | undefined;
}

/** A member of an object that its schema names. */
export interface Member {
  name: string;
  /** The same in UTF-8. */
  key: Uint8Array;
  shape: Shape;
  /** One of `glanceKeys`. */
  isGlanced: boolean;
}

/** Whatever is JSON. */
export const anyShape: Shape = {
  types: 127,
  isInstant: false,
  isPositive: false,
  members: undefined,
  items: undefined,
};

/** What no value has: of a schema that says more than a shape can hold. */
const noShape: Shape = { ...anyShape, types: 0 };

/** Formats are told to readers and not enforced (record-schema.ts), but for instants, which are rewritten. */
const understood = [
  ...["$schema", "title", "description", "format", "airbyte_type"],
  ...["type", "properties", "additionalProperties", "items", "minimum", "maximum"],
];

/**
 * The shape of a record's schema. It errs on one side only: a value of the shape is valid by its schema, and a schema
 * that says anything else than types gives a shape that no value has. A required id is left to the caller. A record
 * with one of the `rewritten` keys, which its schema does not name, has no such shape either.
 */
export function recordShape({ required, ...schema }: JsonObject, rewritten: readonly string[] = []): Shape {
  return JSON.stringify(required ?? ["id"]) === '["id"]' ? shapeOf(schema, rewritten) : noShape;
}

function shapeOf(schema: JsonObject, rewritten: readonly string[] = []): Shape {
  const { type, properties, additionalProperties = true, items, minimum = -Infinity, maximum = Infinity } = schema;
  const isPositive = minimum === 1;
  const types = [type ?? Object.keys(typeBits)]
    .flat()
    .reduce((bits: number, one) => bits | (typeBits[String(one)] ?? 0), 0);
  if (
    Object.keys(schema).some((keyword) => !understood.includes(keyword)) ||
    additionalProperties !== true ||
    // A number of more than 15 digits is never looked at as one, so that wider limits need not be.
    !(isPositive || Number(minimum) < -1e15) ||
    !(Number(maximum) > 1e15)
  ) {
    return noShape;
  }
  return {
    types,
    isInstant: schema["format"] === "date-time",
    isPositive,
    members: membersOf((properties as JsonObject | undefined) ?? {}, rewritten),
    items: items === undefined ? undefined : shapeOf(items as JsonObject),
  };
}

function membersOf(properties: JsonObject, rewritten: readonly string[]): Map<number, Member> | undefined {
  const entries = Object.entries({ ...Object.fromEntries(rewritten.map((key) => [key, null])), ...properties });
  if (entries.length === 0) return undefined;
  const members = new Map<number, Member>();
  for (const [name, schema] of entries) {
    const key = Buffer.from(name);
    const hash = key.reduce(hashStep, 0);
    // Two keys of one hash: neither is known, and a record with either is parsed.
    const shape = members.has(hash) || schema === null ? noShape : shapeOf(schema as JsonObject);
    members.set(hash, { name, key, shape, isGlanced: glanceKeys.includes(name) });
  }
  return members;
}

/** One more byte of a key in its hash. */
export function hashStep(hash: number, byte: number): number {
  return (Math.imul(hash, 31) + byte) | 0;
}
