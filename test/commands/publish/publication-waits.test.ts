import { readFileSync } from "node:fs";
import { expect } from "chai";
import { type PlanhatSync, planhatSync } from "../../planhat-sync.ts";
import { wonDeal } from "../../sandbox-sync.ts";

// consent.long.test.ts and plan-publication.long.test.ts test the rest, on both databases.
describe("the first publication to a Planhat tenant", function () {
  this.timeout(240_000);
  let setting: PlanhatSync;
  beforeEach(async () => {
    setting = await planhatSync("server", {}, undefined, { agreed: false });
  });
  afterEach(() => setting.close());

  it("is shown by plan, with twins, waits for --yes, and is what plan said", async () => {
    const { organizationId } = wonDeal(setting.sandbox, {}, { name: "Prairie Media LLC" });
    const other = wonDeal(setting.sandbox, {}, { name: "Acme" }).organizationId;
    const twin = setting.planhat.store.create("companies", { name: "Prairie Media LLC" });
    setting.planhat.store.create("companies", { name: "Acme Inc", sourceId: String(other) });
    const plan = await setting.run(["plan", "--json"]);
    const { planhat, held } = JSON.parse(plan.stdout);
    expect(planhat.published.company).to.deep.equal({ create: 1, take_over: 1, update: 0, same: 0 });
    expect(planhat.published.license).to.deep.equal({ create: 2, take_over: 0, update: 0, same: 0 });
    expect(planhat.twins).to.deep.equal([
      { source_id: String(organizationId), name: "Prairie Media LLC", planhat_id: twin["_id"] },
    ]);
    expect(held.map(({ count }: { count: number }) => count)).to.deep.equal([2, 2, 1]);

    const waits = await setting.sync();
    expect(waits.status).to.equal("succeeded");
    expect(waits.held.map(({ count }) => count)).to.deep.equal([2, 2]);
    expect(setting.writes()).to.deep.equal([]);
    expect(JSON.parse((await setting.run(["status", "--json"])).stdout).held).to.have.length(2);

    // A tenant that the config no longer names does not wait for consent.
    const config = readFileSync(`${setting.place.folder}/config.yaml`, "utf8");
    setting.place.write("config.yaml", config.replace(/^planhat: .*\n/m, ""));
    await setting.sync();
    expect(JSON.parse((await setting.run(["status", "--json"])).stdout).held).to.deep.equal([]);
    setting.place.write("config.yaml", config);

    const agreed = await setting.sync("--yes");
    expect(agreed.held).to.deep.equal([]);
    expect(agreed.planhat?.published.company).to.include({ created: 1, updated: 1 });
    expect(agreed.planhat?.published.license).to.include({ created: 2 });
    expect(setting.planhat.store.all("companies").map(({ name }) => name)).to.deep.equal([
      "Prairie Media LLC",
      "Acme",
      "Prairie Media LLC",
    ]);
  });
});
