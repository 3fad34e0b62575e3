import type { CompiledField, RecordContext, TraceStep } from "../compiled-mapping.ts";
import type { Outcome } from "../outcome.ts";
import { EMPTY, type Json, type JsonObject, NULL, toValue, type Value } from "../value.ts";
import type { Condition } from "./condition.ts";
import type { ChainStep, Source } from "./source.ts";
import { type Doubt, takenAway } from "./taken-away.ts";

/** The rules of a field entry for values that are null or empty. */
export interface FieldRules {
  ignoreNull: boolean;
  clearEmpty: boolean;
  required: boolean;
}

/** A compiled field that can run. */
export interface RunnableField extends CompiledField {
  condition: Condition | undefined;
  required: boolean;
  /** Returns the value after source and transforms, before `on_null` and `on_empty`. */
  read(record: JsonObject, context: RecordContext): Outcome;
  /** Returns the reason why its value is too doubtful to change a row; absent if it never is. */
  doubt?: Doubt;
  /** Returns the value for the row: `on_null` and `on_empty` applied. */
  settle(value: Value): Value;
  /** Returns the value as it stands in the record, for a rejection. */
  raw(record: JsonObject, context: RecordContext): Value;
}

/** The parts from which a field's functions are built. */
export interface FieldParts {
  sources: readonly Source[];
  constant: Value | undefined;
  chain: readonly ChainStep[];
  rules: FieldRules;
}

/** Builds the functions of a field. Null and empty pass every transform but one that fills them. */
export function fieldFunctions({ sources, constant, chain, rules }: FieldParts) {
  const source = constant === undefined ? coalesced(sources) : () => constant;
  const steps = chain.map(({ step }) => step);
  const settle = (value: Value): Value => {
    if (value.state === "null") return rules.ignoreNull ? EMPTY : value;
    return value.state === "empty" && rules.clearEmpty ? NULL : value;
  };
  const read = (record: JsonObject, context: RecordContext): Outcome => {
    let value = source(record, context);
    for (const step of steps) {
      if (value.state === "present") value = step.apply(value);
      else if (value.state === "rejected") return value;
      else if (step.fill !== undefined) value = step.fill(value);
    }
    return value;
  };
  const trace = (record: JsonObject, context: RecordContext): TraceStep[] => {
    let value = source(record, context);
    const trail: TraceStep[] = [{ step: "source", result: value }];
    for (const { text, step } of chain) {
      if (value.state === "rejected") break;
      if (value.state === "present") value = step.apply(value);
      else if (step.fill !== undefined) value = step.fill(value);
      trail.push({ step: text, result: value });
    }
    if (value.state === "rejected") return trail;
    const settled = settle(value);
    if (settled !== value) {
      trail.push({ step: value.state === "null" ? "on_null: ignore" : "on_empty: clear", result: settled });
    }
    return trail;
  };
  const doubt = doubtOf(sources, chain);
  const raw = (record: JsonObject, context: RecordContext): Value => constant ?? rawOf(sources[0], record, context);
  return { read, settle, trace, raw, ...(doubt === undefined ? {} : { doubt }) };
}

/**
 * Returns the doubt about a field's value. A table of words is doubtful if Pipedrive may have cleared one of its
 * options from the record. So is a value that stands in for a deleted field.
 */
function doubtOf(sources: readonly Source[], chain: readonly ChainStep[]): Doubt | undefined {
  const gone = chain.flatMap((step) => step.gone);
  const doubts = sources.flatMap((source): Doubt | Doubt[] => {
    if (source.gone === true) return withoutField(source, sources);
    if (source.things === undefined) return [];
    const { things } = source;
    const own = gone.filter(({ id }) => things.things.some((thing) => thing.id === id));
    return takenAway({ ...source, things }, own, "the mapping") ?? [];
  });
  if (doubts.length === 0) return undefined;
  return (record, context) => {
    for (const doubt of doubts) {
      const found = doubt(record, context);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

function withoutField({ text, read }: Source, sources: readonly Source[]): Doubt {
  return (record, context) =>
    read(record, context).state === "empty" && sources.every((one) => one.read(record, context).state !== "present")
      ? `the field \`${text}\` was deleted in Pipedrive`
      : undefined;
}

/**
 * Returns the first present value; without one NULL if any was null, else EMPTY. An earlier source that rejects
 * decides.
 */
function coalesced(sources: readonly Source[]): (record: JsonObject, context: RecordContext) => Outcome {
  const [only] = sources;
  if (sources.length === 1) return only!.read;
  return (record, context) => {
    let absent: Outcome = EMPTY;
    for (const source of sources) {
      const value = source.read(record, context);
      if (value.state === "present" || value.state === "rejected") return value;
      if (value.state === "null") absent = NULL;
    }
    return absent;
  };
}

function rawOf(source: Source | undefined, record: JsonObject, context: RecordContext): Value {
  const reference = source?.reads.at(-1);
  if (source === undefined || reference === undefined) return EMPTY;
  const related = source.text.startsWith("$organization") ? context.organization : context.person;
  const owner = source.reads.length === 1 ? record : related;
  const block: Json | undefined = reference.custom ? (owner?.["custom_fields"] ?? owner) : owner;
  return typeof block === "object" && block !== null && !Array.isArray(block) ? toValue(block[reference.key]) : EMPTY;
}
