import type { RecordContext } from "./compiled-mapping.ts";
import { instantOf } from "./day.ts";
import { decimalOf } from "./decimal.ts";
import type { Outcome, Rejected } from "./outcome.ts";
import type { Source } from "./source.ts";
import type { Json, JsonObject } from "./value.ts";

/** A condition on a record: true, false, or refused when the field that it looks at cannot be read. */
export interface Condition {
  holds(record: JsonObject, context: RecordContext): boolean | Rejected;
  /** The fields that it looks at. */
  sources: Source[];
}

/** A `when` that may be missing, which always holds. */
export function applier(condition: Condition | undefined): Condition["holds"] {
  return condition === undefined ? () => true : (record, context) => condition.holds(record, context);
}

/** A condition on one field's value in any of its states. */
export function onField(source: Source, holds: (value: Exclude<Outcome, Rejected>) => boolean): Condition {
  return {
    sources: [source],
    holds: (record, context) => {
      const value = source.read(record, context);
      return value.state === "rejected" ? value : holds(value);
    },
  };
}

/** Holds when all do. One that does not hold decides, even where another cannot be read. */
export function allOf(conditions: readonly Condition[]): Condition {
  return combined(conditions, false);
}

/** Holds when one does. */
export function anyOf(conditions: readonly Condition[]): Condition {
  return combined(conditions, true);
}

/** Holds when the other does not. */
export function not(condition: Condition): Condition {
  return {
    sources: condition.sources,
    holds: (record, context) => {
      const verdict = condition.holds(record, context);
      return typeof verdict === "boolean" ? !verdict : verdict;
    },
  };
}

function combined(conditions: readonly Condition[], decisive: boolean): Condition {
  return {
    sources: conditions.flatMap(({ sources }) => sources),
    holds: (record, context) => {
      let refusal: Rejected | undefined;
      for (const condition of conditions) {
        const verdict = condition.holds(record, context);
        if (verdict === decisive) return decisive;
        if (typeof verdict !== "boolean") refusal ??= verdict;
      }
      return refusal ?? !decisive;
    },
  };
}

/** True when the value, or an element of it, reads like one of `words`. */
export function isOneOf(words: ReadonlySet<string>): (value: Exclude<Outcome, Rejected>) => boolean {
  return (value) => value.state === "present" && elements(value.value).some((element) => words.has(word(element)));
}

/** A value as conditions compare it: 1 and "1" are the same. */
export function word(value: Json): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** The elements of a list, or the value itself. */
export function elements(value: Exclude<Json, null>): Json[] {
  return Array.isArray(value) ? value : [value];
}

/** A number or an instant as something that `<` orders; undefined for anything else. */
export function magnitude(value: Json): { kind: "number" | "time"; size: number } | undefined {
  if (typeof value !== "number" && typeof value !== "string") return undefined;
  if (decimalOf(value) !== undefined) return { kind: "number", size: Number(value) };
  const instant = instantOf(String(value));
  return instant === undefined ? undefined : { kind: "time", size: Date.parse(instant) };
}
