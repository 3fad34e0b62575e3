import type { JsonObject } from "../mapping/value.ts";
import { nameIn } from "../property-names.ts";
import { otherwise, shortened, suits } from "./finding.ts";
import { modelPaths } from "./model-paths.ts";
import { RefusedCall } from "./refusal.ts";
import type { ProbeTenant, UnverifiedPoint } from "./unverified-points.ts";

const from = "2026-01-31";

/** The line items that the probes make, each under a deal of its own. */
export const probedItems = [
  "names",
  "srcid-parent",
  "nowhere",
  "omitted",
  "cleared",
  "length",
  "disagree",
  "fee-mrr",
  "same",
  "listed",
] as const;

/** The product that a probe makes, and its list. */
export const testProduct = {
  path: "/products",
  things: "products",
  sourceId: "pipedrive-planhat-probe-product",
  name: "Test product of pipedrive-planhat (may be deleted)",
} as const;

/**
 * The open points of Deal and Line Item, probed on tenants that have these. Nothing public says how a line item names
 * its deal, its type and its currency; `planhat.names` of the config can say it (property-names.ts).
 */
export const pointsOfDeals: readonly UnverifiedPoint[] = [
  {
    open: "how a line item names its deal, its type and its currency",
    does: "writes `dealId`, `type` and `currency`, or what `planhat.names` says",
    async probe(tenant) {
      const { kept, answer } = await put(tenant, "names", { type: "fee", value: 12, currency: "EUR" });
      if (kept === undefined) return otherwise(`it was not kept: ${shortened(answer)}`);
      const missing = ["dealId", "type", "currency"].filter((name) => kept[own(tenant, name)] === undefined);
      return missing.length === 0 ? suits("so") : otherwise(`it does not keep ${missing.join(", ")}`);
    },
  },
  {
    open: "whether a line item may name its deal by `srcid-`",
    does: "sends the deal's `_id`",
    async probe(tenant) {
      const parent = `srcid-${tenant.item("deal", "srcid-parent")["sourceId"]}`;
      const { kept } = await put(tenant, "srcid-parent", { type: "fee", value: 12 }, parent);
      return suits(kept === undefined ? "no" : "yes");
    },
  },
  {
    open: "what becomes of a line item whose deal is not known",
    does: "takes an error and nothing at all alike: asks for the deal, makes it again, and sends the item again",
    async probe(tenant) {
      const { kept, answer } = await put(tenant, "nowhere", { type: "fee", value: 12 }, "0".repeat(24));
      return kept === undefined ? suits(shortened(answer)) : otherwise("it is kept without a deal");
    },
  },
  {
    open: "whether an omitted `toDate` is filled from the product, and null is not",
    does: "sends null, on creation, for each field of the term that has no value, where a product is named",
    async probe(tenant) {
      const productId = await makeProduct(tenant);
      if (productId === undefined) return otherwise("no product could be made");
      const values = { productId, fixedPeriod: false, mrr: 10 };
      const omitted = await put(tenant, "omitted", values);
      const cleared = await put(tenant, "cleared", { ...values, toDate: null, length: null });
      const found = `omitted: ${shortened(omitted.kept?.["toDate"])}, null: ${shortened(cleared.kept?.["toDate"])}`;
      const isEmpty = cleared.kept !== undefined && (cleared.kept["toDate"] ?? null) === null;
      return isEmpty ? suits(found) : otherwise(found);
    },
  },
  {
    open: "whether `length` may be left out beside both dates",
    does: "sends it where the mapping gives it",
    async probe(tenant) {
      const { kept } = await put(tenant, "length", { fixedPeriod: true, toDate: "2027-01-30", mrr: 10 });
      return suits(kept === undefined ? "no" : `yes: it has ${shortened(kept["length"])}`);
    },
  },
  {
    open: "what becomes of a `value` that disagrees with `mrr`",
    does: "sends one of them: `mrr` of a subscription, `value` of a fee",
    async probe(tenant) {
      const term = { fixedPeriod: true, toDate: "2027-01-30", length: 12 };
      const { kept } = await put(tenant, "disagree", { ...term, mrr: 10, value: 999 });
      return suits(`mrr ${shortened(kept?.["mrr"])}, value ${shortened(kept?.["value"])}`);
    },
  },
  {
    open: "whether a fee with `mrr` is taken",
    does: "never sends one",
    async probe(tenant) {
      const { kept } = await put(tenant, "fee-mrr", { type: "fee", value: 12, mrr: 1 });
      return suits(kept === undefined ? "no" : `yes, with mrr ${shortened(kept["mrr"])}`);
    },
  },
  {
    open: "whether an upsert of an unchanged line item moves `updatedAt`",
    does: "sends only what changed",
    async probe(tenant) {
      const first = await put(tenant, "same", { type: "fee", value: 12 });
      const again = await put(tenant, "same", { type: "fee", value: 12 });
      return suits(first.kept?.["updatedAt"] === again.kept?.["updatedAt"] ? "no" : "yes");
    },
  },
  {
    open: "whether line items can be listed by company",
    does: "reads the whole list",
    async probe(tenant) {
      await put(tenant, "listed", { type: "fee", value: 12 });
      const { path, things } = modelPaths.lineitem;
      const page = await tenant.client.get(path, { companyId: tenant.companyId, limit: 50, select: "_id" }, things);
      return suits(Array.isArray(page) && page.length > 0 ? "yes" : "no");
    },
  },
  {
    open: "whether a migrated line item keeps the `sourceId` of its license",
    does: "takes it over by that id, if its deal has the same; `plan` names the others",
    // It would need a tenant that is migrated while it is watched.
    probe: undefined,
  },
  {
    open: "whether `toDate` is the last day included",
    does: "sends the last day of the term",
    // No answer of the API tells it; only Planhat's own reports do.
    probe: undefined,
  },
];

function own({ client }: ProbeTenant, name: string): string {
  return nameIn(client.names, "lineitem", name);
}

/** Sends a line item under a deal of its own; returns what the tenant keeps of it. */
async function put(
  tenant: ProbeTenant,
  key: (typeof probedItems)[number],
  values: JsonObject,
  parent?: string,
): Promise<{ kept: JsonObject | undefined; answer: unknown }> {
  await tenant.put("deal", [tenant.item("deal", key, { name: "Test" })]);
  const dealId = parent ?? String((await tenant.read("deal", key))?.["_id"]);
  const { companyId: _, ...item } = tenant.item("lineitem", key, { name: "Test", fromDate: from, dealId, ...values });
  const named = Object.fromEntries(Object.entries(item).map(([name, value]) => [own(tenant, name), value]));
  try {
    const answer = await tenant.put("lineitem", [named]);
    return { kept: await tenant.read("lineitem", key), answer };
  } catch (error) {
    if (error instanceof RefusedCall) return { kept: undefined, answer: error.message };
    throw error;
  }
}

/** Makes a product with a term of a year in the tenant's catalogue; returns its `_id`. */
async function makeProduct({ client }: ProbeTenant): Promise<string | undefined> {
  const { path, things, ...product } = testProduct;
  await client.upsert(path, JSON.stringify([{ ...product, fixedPeriod: true, length: 12 }]), things, {
    repeatable: true,
  });
  const found = (await client.find(path, `srcid-${product.sourceId}`, things))?.["_id"];
  return typeof found === "string" ? found : undefined;
}
