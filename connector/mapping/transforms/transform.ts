import type { FieldOption } from "../../account-catalog.ts";
import type { Outcome } from "../outcome.ts";
import type { Schema } from "../schema.ts";
import type { Empty, Json, JsonObject, Null, Present, Value } from "../value.ts";

/** The facts about a field that its transforms may use. */
export interface TransformContext {
  /** The options of the source field; undefined if it has none. */
  options: readonly FieldOption[] | undefined;
  /** The keys of the argument's table that incoming texts stand for, if options were renamed. */
  standIns?: StandIns;
  /** The secret key of `hash`; undefined if the config has none. */
  hashKey?: string | undefined;
}

/** Texts that do not mean themselves, each with the key of the table that it means. */
export type StandIns = ReadonlyMap<string, StandIn>;

/** A key of a table; `other` if the text only looks like a key; `several` if it may be either of two. */
export type StandIn = { key: string } | "other" | "several";

/** A transform with its argument: a pure function over the three value states that never throws. */
export interface TransformStep {
  /** Returns the result for a present value, or the reason why it is rejected. */
  apply(value: Present): Outcome;
  /** Returns the result for null and empty; without it they pass unchanged. */
  fill?(value: Null | Empty): Value;
  /** Reverses `apply`; absent if that is not possible for every value. */
  inverse?(value: Present): Outcome;
  /**
   * The only values that `apply` accepts, if they are countable; a lookup of results can then reverse the next steps.
   */
  inputs?: Exclude<Json, null>[];
}

/** An input and its output, in the notation of the docs. `undefined` is empty, null is null. */
export interface TransformExample {
  /** The transform's argument and further keys, as in the file; absent for a transform without one. */
  with?: JsonObject;
  options?: FieldOption[];
  input: Json | undefined;
  /** The result, or the reason of the rejection. */
  output: Json | undefined | { refused: string };
}

/** One word of the mapping language. */
export interface Transform {
  name: string;
  /** One or two sentences for users, shown in docs and editors. */
  description: string;
  /** The schema of its argument, `{name: argument}`; absent for a transform that is a bare word. */
  argument?: Schema;
  /** Schemas of further keys beside its own: `otherwise` of lookup. */
  companions?: Record<string, Schema>;
  examples: TransformExample[];
  /** Returns a fault of the argument that no schema can express, as a sentence; undefined if it is valid. */
  fault?(settings: JsonObject, context: TransformContext): string | undefined;
  /**
   * Compiles the transform with its argument. `settings` is the entry of the file, valid by its schema: `{name:
   * argument, …}`.
   */
  compile(settings: JsonObject, context: TransformContext): TransformStep;
  /** The reason why there is no inverse, as the end of a sentence; absent if every argument has one. */
  withoutInverse?: string;
}
