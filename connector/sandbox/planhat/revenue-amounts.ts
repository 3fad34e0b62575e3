import type { Json, JsonObject } from "../../mapping/value.ts";
import type { PlanhatStore } from "./planhat-store.ts";

/** Fields that a new line item takes from its product where they are left out (Planhat API, Line Item). */
const fromProduct = [
  ..."type mrr value currency fixedPeriod autoRenews length".split(" "),
  ..."renewalMrr renewalPeriod noticePeriod noticeUnit".split(" "),
];

/** Returns a deal with the amounts that Planhat computes: from its line items, if it has any. */
export function withAmounts(store: PlanhatStore, deal: JsonObject): JsonObject {
  const items = store.all("lineitems").filter(({ dealId }) => dealId === deal["_id"]);
  const mrr = items.length === 0 ? numberOf(deal["mrr"]) : sum(items.map((item) => item["mrr"]));
  const total = items.length === 0 ? numberOf(deal["total"]) : sum(items.map((item) => item["value"]));
  return { ...deal, mrr, arr: mrr === null ? null : mrr * 12, total };
}

/** Returns a new line item with what its product gives: all that is left out, and with `fillsNulls` what is null. */
export function withProduct(
  store: PlanhatStore,
  item: JsonObject,
  { fillsNulls = false }: { fillsNulls?: boolean },
): JsonObject {
  const { productId } = item;
  const product = typeof productId === "string" ? store.find("products", productId) : undefined;
  if (product === undefined) return item;
  const filled: JsonObject = { ...item };
  const isOpen = (name: string) => (fillsNulls ? !isGiven(item[name]) : item[name] === undefined);
  for (const name of fromProduct) if (isOpen(name) && isGiven(product[name])) filled[name] = product[name]!;
  if (isOpen("toDate") && isGiven(product["length"]) && typeof item["fromDate"] === "string") {
    filled["toDate"] = dayAfterMonths(item["fromDate"], Number(product["length"]));
  }
  return filled;
}

/** Returns a line item whose amounts fill each other. */
export function withDerived(item: JsonObject, sent: JsonObject): JsonObject {
  const derived = { ...item };
  if (typeof sent["mrr"] === "number") derived["arr"] = sent["mrr"] * 12;
  else if (typeof sent["arr"] === "number") derived["mrr"] = sent["arr"] / 12;
  const isTerm = typeof derived["mrr"] === "number" && typeof derived["length"] === "number";
  if (isTerm && typeof sent["value"] !== "number")
    derived["value"] = Number(derived["mrr"]) * Number(derived["length"]);
  return derived;
}

function dayAfterMonths(day: string, months: number): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCMonth(date.getUTCMonth() + months);
  date.setUTCDate(date.getUTCDate() - 1);
  return date.toISOString().slice(0, 10);
}

function isGiven(value: Json | undefined): boolean {
  return value !== undefined && value !== null;
}

function numberOf(value: Json | undefined): number | null {
  return typeof value === "number" ? value : null;
}

function sum(values: readonly (Json | undefined)[]): number {
  return values.reduce<number>((all, value) => all + (numberOf(value) ?? 0), 0);
}
