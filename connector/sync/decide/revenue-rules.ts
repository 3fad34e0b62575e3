import type { JsonObject } from "../../mapping/value.ts";

/**
 * Amounts of a deal that Planhat computes once it has line items, and that are never sent then (Planhat API, Deal:
 * "mrr", "arr" and "total" come from the line items).
 */
export const computedAmounts: ReadonlySet<string> = new Set(["mrr", "total"]);

/** Removes from a deal what Planhat computes from its line items. */
export function withoutComputed(deal: JsonObject, lineItems: number): JsonObject {
  if (lineItems === 0) return deal;
  return Object.fromEntries(Object.entries(deal).filter(([name]) => !computedAmounts.has(name)));
}

/**
 * Leaves one amount in a line item. Of a subscription Planhat derives `arr` from `mrr`, and `value` from both dates; of
 * a fee the value counts alone (Planhat API, Line Item). Which one wins where two disagree is not documented. One that
 * was sent before is cleared.
 */
export function withOneAmount(item: JsonObject, wasSent: (name: string) => boolean): JsonObject {
  const isFee = item["type"] === "fee";
  const isGiven = (name: string) => item[name] !== undefined && item[name] !== null;
  const left = isFee
    ? ["mrr", "arr", "renewalMrr", "renewalArr"]
    : isGiven("mrr")
      ? ["arr", "value"]
      : isGiven("arr")
        ? ["mrr", "value"]
        : [];
  if (left.length === 0) return item;
  const others = Object.entries(item).filter(([name]) => !left.includes(name));
  return Object.fromEntries([...others, ...left.filter(wasSent).map((name) => [name, null])]);
}

/** Fields of a line item that Planhat takes from its catalogue on creation, where they are left out. */
const fromCatalogue = ["toDate", "length", "autoRenews", "renewalPeriod", "renewalMrr", "noticePeriod", "noticeUnit"];

/**
 * Names, as null, the fields of a new line item with a product of the catalogue that it has no value for: Planhat would
 * fill each that is left out from the catalogue (Planhat API, Line Item: "Auto-populated fields"). A term that
 * Pipedrive does not have must not come from there, nor a second amount beside the one that is sent.
 */
export function againstCatalogue(item: JsonObject): JsonObject {
  if ((item["productId"] ?? null) === null) return item;
  const isGiven = (name: string) => (item[name] ?? null) !== null;
  const others = isGiven("value") ? ["mrr"] : isGiven("mrr") || isGiven("arr") ? ["value"] : [];
  const missing = [...fromCatalogue, ...others].filter((name) => item[name] === undefined);
  return { ...item, ...Object.fromEntries(missing.map((name) => [name, null])) };
}
