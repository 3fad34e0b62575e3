import { isDeepStrictEqual } from "node:util";
import type { JsonObject } from "../../mapping/value.ts";
import type { InventedAccount } from "../account/account.ts";
import { type Seconds, toInstant } from "../account/instant.ts";
import { sumOf } from "../account/invent-product.ts";
import type { Entry } from "./entry.ts";

/** Behaviour that Pipedrive's documentation leaves open; it can be switched at any time. */
export interface ProductManners {
  /** True if adding, changing or removing a product changes its deal's value, and so its update_time. */
  touchesDeal: boolean;
  /** True if the list shows products of archived deals. */
  showsArchived: boolean;
  /** The answer for a deleted, hidden or unknown deal: the list leaves it out, or the request fails with 404. */
  unknownDeals: "left out" | 404;
}

/** The author of a change, as webhooks name it. */
type Source = "api" | "app";

/** A change to a product of a deal, as a webhook reports it. */
interface ProductChange {
  stream: "deal_products";
  id: number;
  action: "create" | "change" | "delete";
  record: JsonObject;
  previous: JsonObject | null;
  source: Source;
}

/** The store, as far as products need it. */
interface ProductStore {
  readonly collections: { deals: { values(): IterableIterator<Entry> } };
  now(): Seconds;
  get(stream: "deals", id: number): JsonObject | undefined;
  update(stream: "deals", id: number, changes: JsonObject, source: Source): JsonObject;
}

/** A product of a deal before anything was said of it (openapi-v2.yaml, `POST /deals/{id}/products`). */
const defaults: JsonObject = {
  ...{ tax: 0, product_variation_id: null, comments: "", discount: 0, quantity: 1, item_price: 0 },
  ...{ tax_method: "inclusive", discount_type: "percentage", is_enabled: true },
  ...{ billing_frequency: "one-time", billing_frequency_cycles: null, billing_start_date: null },
};

/**
 * The catalogue, and the products that are attached to deals. Those that nobody touched are invented whenever they are
 * asked for, so that an account of a hundred thousand deals costs no memory for them.
 */
export class DealProducts {
  readonly manners: ProductManners = { touchesDeal: true, showsArchived: true, unknownDeals: "left out" };
  readonly catalogue: JsonObject[];
  readonly #store: ProductStore;
  readonly #account: InventedAccount;
  readonly #tell: (change: ProductChange) => void;
  readonly #changed = new Map<number, JsonObject[]>();
  #nextId = 900_000_000;

  constructor(store: ProductStore, account: InventedAccount, tell: (change: ProductChange) => void) {
    this.#store = store;
    this.#account = account;
    this.#tell = tell;
    this.catalogue = structuredClone(account.products);
  }

  /** The products of a deal, in the order of their ids; none of a deal that nobody made. */
  of(dealId: number): JsonObject[] {
    const changed = this.#changed.get(dealId);
    if (changed !== undefined) return structuredClone(changed);
    const deal = this.#store.get("deals", dealId);
    return deal === undefined ? [] : this.#account.productsOf(deal);
  }

  /** Attaches a product to a deal; returns it. Throws a RangeError for an unknown deal. */
  add(dealId: number, values: JsonObject, source: Source = "app"): JsonObject {
    const deal = this.#store.get("deals", dealId);
    if (deal === undefined) throw new RangeError(`The sandbox has no deal ${dealId}.`);
    const sold = this.catalogue.find(({ id }) => id === values["product_id"]) ?? this.catalogue[0]!;
    const products = this.of(dealId);
    const now = toInstant(this.#store.now());
    const product: JsonObject = {
      ...defaults,
      ...{ id: this.#nextId++, deal_id: dealId, name: sold["name"]!, product_id: sold["id"]! },
      ...{ order_nr: products.length + 1, add_time: now, update_time: now, currency: deal["currency"]!, ...values },
    };
    if (values["sum"] === undefined) product["sum"] = sumOf(product);
    this.#put(dealId, [...products, product], { action: "create", record: product, previous: null, source });
    return product;
  }

  /** Changes a product of a deal: keys left out stay. Throws a RangeError for an unknown one. */
  update(dealId: number, id: number, changes: JsonObject, source: Source = "app"): JsonObject {
    const products = this.of(dealId);
    const before = this.#find(dealId, id);
    const after: JsonObject = { ...before, ...changes };
    if (changes["sum"] === undefined) after["sum"] = sumOf(after);
    if (isDeepStrictEqual(after, before)) return before;
    after["update_time"] = toInstant(this.#store.now());
    const others = products.map((one) => (one["id"] === id ? after : one));
    this.#put(dealId, others, { action: "change", record: after, previous: before, source });
    return after;
  }

  /** Takes a product from a deal: it is gone, and no list tells of it. Throws a RangeError for an unknown one. */
  remove(dealId: number, id: number, source: Source = "app"): void {
    const before = this.#find(dealId, id);
    const others = this.of(dealId).filter((one) => one["id"] !== id);
    this.#put(dealId, others, { action: "delete", record: before, previous: before, source });
  }

  /** Renames a product of the catalogue; those that are attached to deals bear the new name, as nobody touched them. */
  rename(productId: number, name: string): void {
    const sold = this.catalogue.find(({ id }) => id === productId);
    if (sold === undefined) throw new RangeError(`The sandbox has no product ${productId}.`);
    sold["name"] = name;
    for (const { id } of this.#store.collections.deals.values()) {
      const products = this.of(id);
      if (!products.some((one) => one["product_id"] === productId)) continue;
      this.#changed.set(
        id,
        products.map((one) => (one["product_id"] === productId ? { ...one, name } : one)),
      );
    }
  }

  /** Deletes a product of the catalogue. What is attached to deals stays. */
  delete(productId: number): void {
    const sold = this.catalogue.find(({ id }) => id === productId);
    if (sold !== undefined) sold["is_deleted"] = true;
  }

  /** Moves the products of one deal to another, as a merge does; they keep their ids. */
  move(from: number, to: number): void {
    const moved = this.of(from).map((one) => ({ ...one, deal_id: to }));
    const kept = this.of(to);
    this.#changed.set(from, []);
    this.#changed.set(to, [...kept, ...moved].sort(byId));
  }

  #find(dealId: number, id: number): JsonObject {
    const found = this.of(dealId).find((one) => one["id"] === id);
    if (found === undefined) throw new RangeError(`The deal ${dealId} of the sandbox has no product ${id}.`);
    return found;
  }

  #put(dealId: number, products: JsonObject[], change: Omit<ProductChange, "stream" | "id">): void {
    this.#changed.set(dealId, [...products].sort(byId));
    this.#tell({ stream: "deal_products", id: change.record["id"] as number, ...change });
    if (!this.manners.touchesDeal) return;
    const enabled = products.filter((one) => one["is_enabled"] !== false);
    const value = enabled.reduce((sum, one) => sum + Math.round((one["sum"] as number) * 100), 0) / 100;
    this.#store.update("deals", dealId, { value }, change.source);
  }
}

function byId(one: JsonObject, other: JsonObject): number {
  return (one["id"] as number) - (other["id"] as number);
}
