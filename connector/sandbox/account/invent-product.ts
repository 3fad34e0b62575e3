import type { JsonObject } from "../../mapping/value.ts";
import { type AccountSetting, DAY } from "./account-setting.ts";
import { fromInstant, toDay, toInstant } from "./instant.ts";
import { Random } from "./random.ts";

/** The account's products: name, price, and billing frequency. */
const catalogue: readonly (readonly [name: string, price: number, frequency: string])[] = [
  ["Platform, per seat", 29, "monthly"],
  ["Platform, yearly", 1200, "annually"],
  ["Support plan", 450, "quarterly"],
  ["Warehouse add-on", 900, "semi-annually"],
  ["On-call weeks", 80, "weekly"],
  ["Onboarding", 2500, "one-time"],
  ["Training day", 1150, "one-time"],
  ["Hardware kit", 349.9, "one-time"],
];

/** Ids reserved for each invented deal's products. */
export const productsOfDeal = 10;

/** Invents the products of the catalogue, as `GET /api/v2/products` gives them (openapi-v2.yaml). */
export function inventCatalogue(): JsonObject[] {
  const added = "2021-05-03T08:00:00Z";
  return catalogue.map(([name, price, frequency], index) => ({
    ...{ id: index + 1, name, code: `P-${index + 1}`, unit: null, tax: 0, is_deleted: false, is_linkable: true },
    ...{ visible_to: 3, owner_id: 1, description: null, category: null, custom_fields: null },
    ...{ add_time: added, update_time: added, billing_frequency: frequency, billing_frequency_cycles: null },
    prices: [{ product_id: index + 1, price, currency: "EUR", cost: 0, direct_cost: 0, notes: "" }],
  }));
}

/** Returns the amount of one billing of a product: price × quantity, less the discount, plus tax where it is added. */
export function sumOf(product: JsonObject): number {
  const number = (key: string) => (typeof product[key] === "number" ? product[key] : 0);
  const full = number("item_price") * number("quantity");
  const less =
    product["discount_type"] === "amount" ? full - number("discount") : full * (1 - number("discount") / 100);
  const all = product["tax_method"] === "exclusive" ? less * (1 + number("tax") / 100) : less;
  return Math.round(all * 100) / 100;
}

/**
 * Invents the products of a deal. They differ in their end, discount, tax, variation and start date. Some are disabled,
 * some have another currency than the deal.
 */
export function inventProducts(
  setting: AccountSetting,
  deal: JsonObject,
  how: "some" | "every" | "none",
): JsonObject[] {
  const number = deal["id"] as number;
  if (how === "none" || (how === "some" && number % 3 !== 0)) return [];
  const random = new Random(setting.seed, "products", number);
  const count = how === "every" ? 2 + (number % 2) : random.integer(1, 4);
  return Array.from({ length: count }, (_, place) =>
    inventProduct(random, deal, number * productsOfDeal + place, place),
  );
}

function inventProduct(random: Random, deal: JsonObject, id: number, place: number): JsonObject {
  const chosen = random.integer(0, catalogue.length - 1);
  const [name, price, frequency] = catalogue[chosen]!;
  const added = fromInstant(deal["add_time"]) ?? 0;
  const isOnce = frequency === "one-time";
  const cycles = isOnce || (frequency !== "weekly" && random.chance(0.4)) ? null : random.pick([1, 4, 12, 26]);
  const byAmount = random.chance(0.15);
  const discount = random.chance(0.3) ? random.pick([5, 10, 12.5]) : 0;
  const product: JsonObject = {
    id,
    sum: 0,
    tax: random.chance(0.25) ? random.pick([19, 22]) : 0,
    deal_id: deal["id"]!,
    name,
    product_id: chosen + 1,
    product_variation_id: random.chance(0.1) ? chosen * 10 + 1 : null,
    order_nr: place + 1,
    add_time: toInstant(added + 60 + place),
    update_time: toInstant(added + 60 + place),
    comments: random.chance(0.1) ? "As agreed by phone" : "",
    currency: random.chance(0.05) ? "SEK" : deal["currency"]!,
    discount,
    quantity: random.integer(1, 20),
    item_price: price,
    tax_method: random.pick(["inclusive", "exclusive", "none"]),
    discount_type: byAmount ? "amount" : "percentage",
    is_enabled: !random.chance(0.2),
    billing_frequency: frequency,
    billing_frequency_cycles: cycles,
    billing_start_date: random.chance(0.6) ? toDay(added + random.integer(0, 60) * DAY) : null,
  };
  return { ...product, sum: sumOf(product) };
}
