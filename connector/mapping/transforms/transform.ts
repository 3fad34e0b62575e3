import type { FieldOption } from "../../account-catalog.ts";
import type { Outcome } from "../outcome.ts";
import type { Schema } from "../schema.ts";
import type { Empty, Json, JsonObject, Null, Present, Value } from "../value.ts";

/** What a transform may know of the field that it is applied to. */
export interface TransformContext {
  /** The options of the source field; undefined when it has none. */
  options: readonly FieldOption[] | undefined;
  /** What the texts that come in stand for in the argument's table, where options were renamed. */
  standIns?: StandIns;
}

/** Texts that are not to be taken as they are: each with the key of the table that is meant by it. */
export type StandIns = ReadonlyMap<string, StandIn>;

/** A key of a table; `other`, where the text merely looks like a key; `several`, where it may be either of two. */
export type StandIn = { key: string } | "other" | "several";

/** A transform with its argument: a pure function over the three value states that never throws. */
export interface TransformStep {
  /** The value it makes of a present one, or the reason for which it refuses. */
  apply(value: Present): Outcome;
  /** What it makes of null and empty, which pass through every transform that does not say so. */
  fill?(value: Null | Empty): Value;
  /** Takes back what `apply` did; absent when that cannot be done for every value. */
  inverse?(value: Present): Outcome;
  /** The only values that `apply` takes, where they can be counted: then what follows can be taken back by looking it up. */
  inputs?: Exclude<Json, null>[];
}

/** What goes in and what comes out, in the notation of the docs. `undefined` is empty, null is null. */
export interface TransformExample {
  /** The transform's argument and further keys as in the file; left out for a transform without one. */
  with?: JsonObject;
  options?: FieldOption[];
  input: Json | undefined;
  /** The result, or the reason of the refusal. */
  output: Json | undefined | { refused: string };
}

/** One word of the mapping language. */
export interface Transform {
  name: string;
  /** One or two sentences for people, shown in docs and editors. */
  description: string;
  /** The schema of its argument, `{name: argument}`; absent for a transform that is a bare word. */
  argument?: Schema;
  /** Schemas of further keys beside its own: `otherwise` of lookup. */
  companions?: Record<string, Schema>;
  examples: TransformExample[];
  /** Faults of an argument that no schema can say, as a sentence; undefined when it is sound. */
  fault?(settings: JsonObject, context: TransformContext): string | undefined;
  /** The transform with its argument. `settings` is what stands in the file and has passed its schema: `{name: argument, …}`. */
  compile(settings: JsonObject, context: TransformContext): TransformStep;
  /** Why there is no inverse, as the end of a sentence; absent when `inverse` depends on nothing but being there. */
  withoutInverse?: string;
}
