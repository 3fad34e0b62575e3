import type { JsonObject } from "../../mapping/value.ts";
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

/** The parts of a JSON Schema that can be checked on a value's bytes. */
export interface Shape {
  /** The allowed types, as `typeBits`. */
  types: number;
  /** True if a text must be an instant as API v2 writes it. */
  isInstant: boolean;
  /** True if a number must be at least 1. */
  isPositive: boolean;
  /** The members that the schema names, by the hash of their key. */
  members: ReadonlyMap<number, Member> | undefined;
  /** The shape of each element of an array; undefined allows any. */
  items: Shape | undefined;
}

/** A member of an object that its schema names. */
export interface Member {
  name: string;
  /** The name in UTF-8. */
  key: Uint8Array;
  shape: Shape;
  /** True for one of `glanceKeys`. */
  isGlanced: boolean;
}

/** The shape of any JSON. */
export const anyShape: Shape = {
  types: 127,
  isInstant: false,
  isPositive: false,
  members: undefined,
  items: undefined,
};

/** A shape that no value has: for a schema that a shape cannot express. */
const noShape: Shape = { ...anyShape, types: 0 };

/**
 * The keywords that are understood. Formats inform readers and are not enforced (record-schema.ts), except instants,
 * which are rewritten.
 */
const understood = [
  ...["$schema", "title", "description", "format", "airbyte_type"],
  ...["type", "properties", "additionalProperties", "items", "minimum", "maximum"],
];

/**
 * Returns the shape of a record's schema. It errs on one side only: a value of the shape is valid by its schema. A
 * schema that demands more than types gives a shape that no value has. The caller checks the required id. Records with
 * one of the `rewritten` keys, which the schema does not name, do not match either.
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
    // A number of more than 15 digits is never plain, so wider limits need no check.
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

/** Adds one byte of a key to its hash. */
export function hashStep(hash: number, byte: number): number {
  return (Math.imul(hash, 31) + byte) | 0;
}
