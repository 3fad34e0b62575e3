import { expect } from "chai";
import type { JsonObject } from "../../../connector/mapping/value.ts";
import { type Sandbox, startSandbox } from "../../../connector/sandbox/server.ts";
import { officialClient, refusal, request, send } from "../client.ts";

describe("the sandbox's products of deals, read by the official client", () => {
  let sandbox: Sandbox;
  let client: ReturnType<typeof officialClient>;
  beforeEach(async () => {
    sandbox = await startSandbox({ deals: 60, burstLimit: 10_000, dailyTokens: 1_000_000 });
    client = officialClient(sandbox);
  });
  afterEach(() => sandbox.close());

  const productsOf = async (ids: number[], more: object = {}) =>
    (await client.dealProducts.getDealsProducts({ deal_ids: ids, limit: 500, ...more })) as {
      data: JsonObject[];
      additional_data: { next_cursor: string | null };
    };
  const living = () => sandbox.store.find("deals", ({ deleted }) => !deleted).map(({ id }) => id as number);

  it("are every product of the deals asked for, of all kinds, and cost ten tokens", async () => {
    const before = sandbox.requests.tokens;
    const { data } = await productsOf(living());
    expect(sandbox.requests.tokens - before).to.equal(10);
    expect(data).to.deep.equal(living().flatMap((id) => sandbox.store.products.of(id)));
    const has = (key: string) => new Set(data.map((one) => one[key]));
    expect(has("billing_frequency").size).to.be.greaterThan(3);
    for (const key of ["billing_start_date", "billing_frequency_cycles", "product_variation_id"]) {
      expect(has(key).has(null), key).to.equal(true);
      expect(has(key).size, key).to.be.greaterThan(1);
    }
    expect(has("is_enabled")).to.deep.equal(new Set([true, false]));
    expect(has("discount_type")).to.deep.equal(new Set(["percentage", "amount"]));
    expect(has("tax_method")).to.deep.equal(new Set(["inclusive", "exclusive", "none"]));
    expect(
      data.some(({ currency, deal_id: id }) => currency !== sandbox.store.get("deals", id as number)!["currency"]),
    ).to.equal(true);
  });

  it("come in pages, sorted as asked, each once", async () => {
    const ids = living();
    const all = (await productsOf(ids)).data;
    const seen: JsonObject[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof productsOf>> = await productsOf(ids, {
        ...{ limit: 7, sort_by: "update_time", sort_direction: "desc" },
        ...(cursor === null ? {} : { cursor }),
      });
      expect(page.data.length).to.be.at.most(7);
      seen.push(...page.data);
      cursor = page.additional_data.next_cursor;
    } while (cursor !== null);
    expect(seen.map(({ id }) => id).sort()).to.deep.equal(all.map(({ id }) => id).sort());
    const times = seen.map(({ update_time: time }) => String(time));
    expect(times).to.deep.equal([...times].sort().reverse());
  });

  it("take a hundred deals at most, and none is an error", async () => {
    const many = Array.from({ length: 101 }, (_, index) => index + 1);
    expect((await refusal(productsOf(many)))["error"]).to.contain("deal_ids");
    expect((await request(sandbox, "/api/v2/deals/products")).status).to.equal(400);
    expect((await productsOf(many.slice(0, 100))).data.length).to.be.greaterThan(0);
  });

  it("are attached, changed and taken away, and the deal's value and update_time follow", async () => {
    const id = living().find((one) => sandbox.store.products.of(one).length === 0)!;
    const before = sandbox.store.get("deals", id)!;
    const bad = await send(sandbox, "POST", `/api/v2/deals/${id}/products`, {
      ...{ product_id: 1, item_price: 10, quantity: 2, billing_frequency: "weekly" },
    });
    expect([bad.status, bad.body.error]).to.deep.equal([
      400,
      "Validation failed: billing_frequency_cycles: Parameter 'billing_frequency_cycles' must not be null",
    ]);
    const added = (await client.dealProducts.addDealProduct({
      id,
      AddDealProductRequest: { product_id: 1, item_price: 10, quantity: 2, discount: 25, billing_frequency: "monthly" },
    } as never)) as { data: JsonObject };
    expect(added.data).to.include({ sum: 15, deal_id: id, billing_frequency: "monthly", is_enabled: true });
    expect(sandbox.store.get("deals", id)).to.include({ value: 15 });
    expect(sandbox.store.get("deals", id)!["update_time"]).not.to.equal(before["update_time"]);
    const product = added.data["id"] as number;
    await send(sandbox, "PATCH", `/api/v2/deals/${id}/products/${product}`, { quantity: 4 });
    expect((await productsOf([id])).data).to.have.length(1);
    expect((await productsOf([id])).data[0]).to.include({ id: product, sum: 30 });
    expect((await send(sandbox, "DELETE", `/api/v2/deals/${id}/products/${product}`)).status).to.equal(200);
    expect((await productsOf([id])).data).to.deep.equal([]);
    expect(sandbox.store.get("deals", id)).to.include({ value: 0 });
  });

  it("leave their deal as it is, where that is how Pipedrive does it", () => {
    const { products } = sandbox.store;
    products.manners.touchesDeal = false;
    const id = living().find((one) => products.of(one).length > 0)!;
    const before = sandbox.store.get("deals", id);
    products.remove(id, products.of(id)[0]!["id"] as number);
    products.rename(1, "Platform");
    expect(sandbox.store.get("deals", id)).to.deep.equal(before);
  });

  it("of deals that are gone or archived are left out, or refused, as is set", async () => {
    const { products } = sandbox.store;
    const id = living().find((one) => products.of(one).length > 0)!;
    const archived = sandbox.store.find("deals", (entry) => entry.archived && products.of(entry.id).length > 0)[0]!;
    expect((await productsOf([archived["id"] as number])).data).not.to.deep.equal([]);
    products.manners.showsArchived = false;
    expect((await productsOf([archived["id"] as number])).data).to.deep.equal([]);
    sandbox.store.delete("deals", id);
    expect((await productsOf([id])).data).to.deep.equal([]);
    products.manners.unknownDeals = 404;
    expect((await refusal(productsOf([id])))["code"]).to.equal("ERR_NOT_FOUND");
  });

  it("go to the deal that theirs is merged into, and keep their ids", async () => {
    const { products } = sandbox.store;
    const [one, other] = living().filter((id) => products.of(id).length > 0) as [number, number];
    const ids = [...products.of(one), ...products.of(other)].map(({ id }) => id);
    sandbox.store.merge("deals", one, other);
    const { data } = await productsOf([other]);
    expect(data.map(({ id }) => id).sort()).to.deep.equal(ids.sort());
    expect(new Set(data.map(({ deal_id: deal }) => deal))).to.deep.equal(new Set([other]));
  });

  it("are counted where a deal is asked for products_count", async () => {
    const answer = await client.deals.getDeals({ limit: 500, include_fields: "products_count" as never });
    for (const deal of answer.data as unknown as JsonObject[]) {
      expect(deal["products_count"]).to.equal(sandbox.store.products.of(deal["id"] as number).length);
    }
  });
});
