import { createHash } from "node:crypto";
import { canonicalJson } from "../../mapping/fingerprint.ts";
import type { Json } from "../../mapping/value.ts";
import { elementKey, type PlanElement } from "./kept-plan.ts";

/**
 * A difference between a saved plan and the actions that are due now: an element of `differences` in `sync --plan
 * --json`.
 */
export interface PlanDifference {
  /** The subject, in words. */
  what: string;
  /** The field; null if only one side has the whole element. */
  field: string | null;
  /** The plan's value; null if the plan has none. */
  planned: Json;
  /** The value that is due now; null for none. */
  now: Json;
}

/** The number of differences, and the first of them. */
export interface PlanDifferences {
  count: number;
  first: PlanDifference[];
}

/** The maximum number of differences listed. */
const mostTold = 50;

/**
 * Compares a saved plan with the actions that are due now, in any order. Only a hash of each element is held in memory,
 * and `kept` is read again if some differ.
 */
export async function comparePlan(
  kept: () => AsyncIterable<PlanElement>,
  now: AsyncIterable<PlanElement>,
): Promise<PlanDifferences> {
  const hashes = new Map<string, string>();
  for await (const element of kept()) hashes.set(elementKey(element), hashOf(element));
  const differing = new Map<string, PlanElement>();
  let count = 0;
  for await (const element of now) {
    const key = elementKey(element);
    const planned = hashes.get(key);
    hashes.delete(key);
    if (planned === hashOf(element)) continue;
    count++;
    if (differing.size < mostTold) differing.set(key, element);
  }
  count += hashes.size;
  if (count === 0) return { count, first: [] };
  const first: PlanDifference[] = [];
  for await (const element of kept()) {
    const key = elementKey(element);
    const other = differing.get(key);
    if (other === undefined && !hashes.has(key)) continue;
    differing.delete(key);
    if (first.length < mostTold) first.push(...differencesOf(element, other));
  }
  for (const element of differing.values())
    if (first.length < mostTold) first.push(...differencesOf(undefined, element));
  return { count, first: first.slice(0, mostTold) };
}

function hashOf({ value }: PlanElement): string {
  return createHash("sha256").update(canonicalJson(value)).digest("base64");
}

/**
 * Returns the differences between the planned and the present element of one subject, field by field if both have an
 * action.
 */
export function differencesOf(planned: PlanElement | undefined, now: PlanElement | undefined): PlanDifference[] {
  const what = describe((planned ?? now)!);
  const whole = { what, field: null, planned: planned?.value ?? null, now: now?.value ?? null };
  const before = fieldsOf(planned);
  const after = fieldsOf(now);
  if (before === undefined || after === undefined || planned!.value["action"] !== now!.value["action"]) return [whole];
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((field) => {
    const [one, other] = [before[field] ?? null, after[field] ?? null];
    return canonicalJson(one) === canonicalJson(other) ? [] : [{ what, field, planned: one, now: other }];
  });
}

function fieldsOf(element: PlanElement | undefined): Record<string, Json> | undefined {
  return element?.section === "changes" ? (element.value["fields"] as Record<string, Json>) : undefined;
}

/** Returns the subject of an element, in words. */
function describe({ section, value }: PlanElement): string {
  const of = (name: string) => String(value[name] ?? "");
  const isNew = value["source_id"] === null;
  switch (section) {
    case "changes":
      if (value["action"] !== "send") return `${of("model")} ${of("source_id")}`;
      return isNew ? "a new organization in Pipedrive" : `organization ${of("source_id")} in Pipedrive`;
    case "conflicts":
      return `the conflict about ${of("field")} of ${of("stream")} ${of("record_id")}`;
    case "rejections":
      return `the rejection of ${value["model"] === null ? "" : `${of("model")} of `}${of("stream")} ${of("record_id")}`;
    case "objects":
      return `${of("model")} ${of("source_id")} in Planhat`;
    case "twins":
      return `the twin of company ${of("source_id")} in Planhat`;
  }
}
