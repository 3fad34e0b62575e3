import type { RecordContext } from "../compiled-mapping.ts";
import { instantOf } from "../day.ts";
import { decimalOf } from "../decimal.ts";
import { type Outcome, type Rejected, rejected } from "../outcome.ts";
import type { Json, JsonObject } from "../value.ts";
import type { Source } from "./source.ts";

/** A condition on a record: true, false, or rejected if its field cannot be read. */
export interface Condition {
  holds(record: JsonObject, context: RecordContext): boolean | Rejected;
  /**
   * Returns the reason why its result is too weak to move a row, as the end of a sentence; undefined if it is strong
   * enough.
   */
  doubt(record: JsonObject, context: RecordContext): string | undefined;
  /** The fields that it reads. */
  sources: Source[];
}

/** Returns the test of a `when`; one that is missing always holds. */
export function applier(condition: Condition | undefined): Condition["holds"] {
  return condition === undefined ? () => true : (record, context) => condition.holds(record, context);
}

/** Returns a condition on one field's value in any of its states. */
export function onField(
  source: Source,
  holds: (value: Exclude<Outcome, Rejected>) => boolean,
  doubt?: Condition["doubt"],
): Condition {
  return onSource(source, {
    holds: (record, context) => {
      const value = source.read(record, context);
      return value.state === "rejected" ? value : holds(value);
    },
    ...(doubt === undefined ? {} : { doubt }),
  });
}

/**
 * Returns a condition on one source. Records come without a field that was deleted in Pipedrive: nothing is decided
 * then. A record that lacks any other custom field is odd too, since Pipedrive sends each of them, at least as null.
 * Such a record moves no row.
 */
export function onSource(
  source: Source,
  { holds, doubt }: Pick<Condition, "holds"> & Partial<Pick<Condition, "doubt">>,
): Condition {
  const { text, gone, read } = source;
  const custom = source.reads.at(-1)?.custom === true;
  return {
    sources: [source],
    holds:
      gone === true
        ? (record, context) =>
            read(record, context).state === "empty"
              ? rejected(`the field \`${text}\` was deleted in Pipedrive`)
              : holds(record, context)
        : holds,
    doubt: (record, context) => {
      const found = doubt?.(record, context);
      if (found !== undefined || !custom || read(record, context).state !== "empty") return found;
      return `it was read without \`${text}\`, and \`sync --full\` reads it again`;
    },
  };
}

/** Holds if all conditions hold. One that does not hold decides, even if another cannot be read. */
export function allOf(conditions: readonly Condition[]): Condition {
  return combined(conditions, false);
}

/** Holds if one condition holds. */
export function anyOf(conditions: readonly Condition[]): Condition {
  return combined(conditions, true);
}

/** Holds if the condition does not. */
export function not(condition: Condition): Condition {
  return {
    sources: condition.sources,
    doubt: (record, context) => condition.doubt(record, context),
    holds: (record, context) => {
      const verdict = condition.holds(record, context);
      return typeof verdict === "boolean" ? !verdict : verdict;
    },
  };
}

function combined(conditions: readonly Condition[], decisive: boolean): Condition {
  return {
    sources: conditions.flatMap(({ sources }) => sources),
    doubt: (record, context) => {
      for (const condition of conditions) {
        const doubt = condition.doubt(record, context);
        if (doubt !== undefined) return doubt;
      }
      return undefined;
    },
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

/** Returns a test: true if the value, or an element of it, reads like one of `words`. */
export function isOneOf(words: ReadonlySet<string>): (value: Exclude<Outcome, Rejected>) => boolean {
  return (value) => value.state === "present" && elements(value.value).some((element) => words.has(word(element)));
}

/** Returns a value as conditions compare it: 1 and "1" are equal. */
export function word(value: Json): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Returns the elements of a list, or a list of the value alone. */
export function elements(value: Exclude<Json, null>): Json[] {
  return Array.isArray(value) ? value : [value];
}

/** Returns a number or an instant in a form that `<` orders; undefined for anything else. */
export function magnitude(value: Json): { kind: "number" | "time"; size: number } | undefined {
  if (typeof value !== "number" && typeof value !== "string") return undefined;
  if (decimalOf(value) !== undefined) return { kind: "number", size: Number(value) };
  const instant = instantOf(String(value));
  return instant === undefined ? undefined : { kind: "time", size: Date.parse(instant) };
}
