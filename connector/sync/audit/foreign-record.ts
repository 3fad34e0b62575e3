import type { CompiledMapping } from "../../mapping/compiled-mapping.ts";
import { instantOf } from "../../mapping/day.ts";
import { type Json, type JsonObject, toValue } from "../../mapping/value.ts";
import type { StreamName } from "../../stream-name.ts";
import { skipReason } from "../decide/eligibility.ts";

/**
 * Returns whether a landed record has another shape than Pipedrive's API gives, as `write` accepts from other sources:
 * other keys, or values of other types. Then its text does not show whether it is equal.
 */
export function isForeignRecord(landed: JsonObject, now: JsonObject): boolean {
  const keys = new Set([...Object.keys(landed), ...Object.keys(now)]);
  return [...keys].some((key) => {
    const [one, other] = [landed[key], now[key]];
    if (one === undefined || other === undefined) return true;
    return one !== null && other !== null && kindOf(one) !== kindOf(other);
  });
}

/** Returns whether the mapping gives the same result for two copies of a record. A missing value counts as null. */
export function readsAlike(mapping: CompiledMapping, stream: StreamName, one: JsonObject, other: JsonObject): boolean {
  return JSON.stringify(readingOf(mapping, stream, one)) === JSON.stringify(readingOf(mapping, stream, other));
}

/** Returns the instant of an update_time in any source's format; an invalid one unchanged. */
export function instantOfUpdate(updateTime: string | null): string | null {
  return updateTime === null ? null : (instantOf(updateTime) ?? updateTime);
}

function readingOf(mapping: CompiledMapping, stream: StreamName, record: JsonObject): Json {
  const { model, fields, rejections, refused } = mapping[stream].map(record, {});
  const values = fields.map(
    ({ field, value }): Json => [field, value.state === "present" ? sorted(value.value) : null],
  );
  const refusals = [...rejections, ...(refused === undefined ? [] : [refused])].map(({ field }) => field);
  const links = ["org_id", "person_id", "deal_id"].map((key) => {
    const link = toValue(record[key]);
    return link.state === "present" ? link.value : null;
  });
  const skipped = stream === "deals" ? skipReason(mapping.deals, { record, deleted: false, context: {} }) : undefined;
  return [model, values, refusals, links, skipped ?? null];
}

function sorted(json: Json): Json {
  if (Array.isArray(json)) return json.map(sorted);
  if (json === null || typeof json !== "object") return json;
  const entries = Object.entries(json).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, value]) => [key, sorted(value)]));
}

function kindOf(json: Json): string {
  return Array.isArray(json) ? "array" : typeof json;
}
