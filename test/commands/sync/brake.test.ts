import { readFileSync } from "node:fs";
import { expect } from "chai";
import type { JsonObject } from "../../../connector/mapping/value.ts";
import type { Summary } from "../../../connector/sync/summary.ts";
import { onServerFirst } from "../../databases.ts";
import { itLong } from "../../long.ts";
import { emptyAccount, type SandboxSync, sandboxSync, wonDeal } from "../../sandbox-sync.ts";

const organizations = "stream: organizations\nmodel: company\nfields:\n  - {planhat: name, pipedrive: name}\n";

/** Returns deals.yaml with these lines; deals become sales if `sale` holds. */
function deals(product: string, sale?: string): string {
  const fields = (day: string) =>
    `    fields:\n      - {planhat: _currency, pipedrive: currency}\n      - {planhat: ${day}, pipedrive: $start_date}\n      - {planhat: value, pipedrive: value}\n      - {planhat: product, ${product}}\n`;
  const sales = sale === undefined ? "" : `  - model: sale\n    when: ${sale}\n${fields("salesDate")}`;
  return `stream: deals\nstart_date: [won_time]\nmodels:\n${sales}  - model: license\n${fields("fromDate")}`;
}

/** Creates `count` won deals of one organization; returns their ids. */
function manyDeals(setting: SandboxSync, count: number, deal: JsonObject = {}): number[] {
  const { dealId, organizationId } = wonDeal(setting.sandbox, { title: "Deal 0", ...deal });
  const ids = [dealId];
  while (ids.length < count) {
    const { id } = setting.sandbox.store.create("deals", {
      ...{ title: `Deal ${ids.length}`, status: "won", won_time: "2026-01-31T10:00:00Z", org_id: organizationId },
      ...{ value: 100, currency: "EUR", pipeline_id: 1, stage_id: 1, ...deal },
    });
    ids.push(id as number);
  }
  return ids;
}

const held = (count: number, total: number, model = "license") => ({
  what: `of ${total} rows of ${model}, emptied, moved or changed by the mapping alone`,
  count,
  remedy:
    "`pipedrive-planhat plan` shows them; `pipedrive-planhat sync --yes` lets one run pass. A corrected mapping needs no --yes.",
});

describe("the brake", function () {
  this.timeout(600_000);
  onServerFirst((kind) => {
    let setting: SandboxSync;
    let hours: number;
    beforeEach(async () => {
      hours = 0;
      const clock = () => new Date(Date.parse("2026-06-01T12:00:00Z") + hours * 3_600_000);
      setting = await sandboxSync(kind, { ...emptyAccount, burstLimit: 1e6, dailyTokens: 1e9, clock });
    });
    afterEach(() => setting.close());

    const json = async (...args: string[]) => {
      const { status, stdout, stderr } = await setting.run([...args, "--json"]);
      return { status, summary: JSON.parse(stdout.trim().split("\n").at(-1)!) as Summary, stderr };
    };
    const products = async () =>
      Object.fromEntries(
        (
          await setting.look<{ product: string; count: string }>(
            "select coalesce(left(product, 4), 'NULL') as product, count(*) as count from planhat.licenses group by 1",
          )
        ).map(({ product, count }) => [product, Number(count)]),
      );

    it("stops a mapping that empties a column of 300 rows; sync --yes lets one run go on", async () => {
      setting.map({ "organizations.yaml": organizations, "deals.yaml": deals("pipedrive: title") });
      const ids = manyDeals(setting, 300);
      const first = await setting.sync();
      expect(first.models.license.created).to.equal(300);
      expect(first.held).to.deep.equal([]);

      setting.map({ "deals.yaml": deals("pipedrive: lost_reason") });
      const plan = await json("plan");
      expect(plan.status, plan.stderr).to.equal(0);
      expect(plan.summary.held).to.deep.equal([held(300, 300)]);
      expect((await json("plan", "--remap")).summary.held).to.deep.equal(plan.summary.held);
      // One more lands before the stop, and waits with the others.
      const [late] = manyDeals(setting, 1);
      const stopped = await json("sync");
      expect(stopped.status).to.equal(1);
      expect(stopped.summary.status).to.equal("held");
      expect(stopped.summary.held).to.deep.equal(plan.summary.held);
      expect(stopped.stderr).to.include(
        "The brake stopped this run before it would harm 300 of 300 rows of license, emptied, moved or changed by the mapping alone: more than 100 and more than 50 % of them wait for --yes.",
      );
      expect(await products()).to.deep.equal({ Deal: 300 });
      const [{ landed, waits } = {}] = await setting.look<{ landed: string; waits: string }>(
        `select (select count(*) from pipedrive.deals where id = $1) as landed,
                (select count(*) from connector.pending) as waits`,
        [late],
      );
      expect({ landed, waits }).to.deep.equal({ landed: "1", waits: "301" });

      const { summary: status } = await json("status");
      const told = status as unknown as { held: object[]; runs: { status: string }[]; backlog: number };
      expect(told.held).to.have.length(1);
      expect(told.held[0]).to.include(held(300, 300));
      expect(told.runs[0]!.status).to.equal("held");
      expect(told.backlog).to.equal(301);
      // Without consent it stays so, however it is tried; in text too.
      const again = await setting.run(["sync"]);
      expect(again.status).to.equal(1);
      expect(again.stdout).to.include("Waits for approval:\n  300 of 300 rows of license, emptied");
      const company = await json("sync", "--company", "1");
      expect([company.status, company.summary.status, company.summary.held]).to.deep.equal([
        1,
        "held",
        [held(300, 300)],
      ]);
      const remapped = await json("remap");
      expect([remapped.status, remapped.summary.status]).to.deep.equal([1, "held"]);
      expect(await products()).to.deep.equal({ Deal: 300 });
      expect((await json("plan", "--yes")).summary.held).to.deep.equal([]);

      const agreed = await setting.sync("--yes");
      expect(agreed.status).to.equal("succeeded");
      expect(agreed.models.license).to.include({ created: 1, updated: 300 });
      expect(await products()).to.deep.equal({ NULL: 301 });
      const consents = await setting.look<{
        kind: string;
        what: string;
        agreed_by: string;
        run_id: string;
        over: boolean;
      }>(
        "select kind, what, agreed_by, run_id, ended_at is not null as over from connector.consents where kind = 'brake'",
      );
      expect(consents).to.have.length(1);
      expect(consents[0]).to.include({ what: "rows of license", run_id: agreed.run, over: true });
      expect(consents[0]!.agreed_by).not.to.equal("");
      expect(((await json("status")).summary as unknown as { held: object[] }).held).to.deep.equal([]);

      // Filling a column harms nothing, nor do changes of the records themselves.
      setting.map({ "deals.yaml": deals("pipedrive: title") });
      expect((await setting.sync()).models.license.updated).to.equal(301);
      setting.map({ "deals.yaml": deals("pipedrive: title, transform: [uppercase]") });
      for (const id of ids) setting.sandbox.store.update("deals", id, { title: `Plan ${id}` });
      expect((await setting.sync()).models.license.updated).to.equal(301);
      expect(await products()).to.deep.equal({ PLAN: 300, DEAL: 1 });
      for (const id of ids) setting.sandbox.store.update("deals", id, { title: `Term ${id}`, value: 7 });
      expect((await setting.sync()).models.license.updated).to.equal(300);

      // The same edit without a changed record is due to the mapping. The consent was for one run.
      setting.map({ "deals.yaml": deals("pipedrive: title, transform: [lowercase]") });
      const lower = await json("sync");
      expect([lower.status, lower.summary.held]).to.deep.equal([1, [held(301, 301)]]);
      expect(await products()).to.deep.equal({ TERM: 300, DEAL: 1 });
      // A corrected mapping needs no consent, and nothing waits any longer.
      setting.map({ "deals.yaml": deals("pipedrive: title, transform: [uppercase]") });
      expect((await setting.sync()).status).to.equal("succeeded");
      expect(((await json("status")).summary as unknown as { held: object[] }).held).to.deep.equal([]);
      expect(await setting.look("select * from connector.harm")).to.deep.equal([]);
      expect(await setting.look("select * from connector.catalog where key = 'mapping_change'")).to.deep.equal([]);
    });

    itLong("counts what Pipedrive empties and what moves, by the limits of the config", async () => {
      setting.map({ "organizations.yaml": organizations, "deals.yaml": deals("pipedrive: title") });
      const ids = manyDeals(setting, 250);
      await setting.sync();
      // 120 of 250 are more than 100, but less than half of them.
      for (const id of ids.slice(0, 120)) setting.sandbox.store.update("deals", id, { value: null });
      const some = await setting.sync();
      expect(some.models.license.updated).to.equal(120);
      for (const id of ids.slice(120)) setting.sandbox.store.update("deals", id, { value: null });
      const emptied = await json("sync");
      expect([emptied.status, emptied.summary.held]).to.deep.equal([1, [held(130, 250)]]);
      const full = await json("sync", "--full");
      expect([full.status, full.summary.status, full.summary.held]).to.deep.equal([1, "held", [held(130, 250)]]);
      setting.configure("brake: {share: 0.6}\n");
      expect((await setting.sync()).models.license.updated).to.equal(130);
      for (const id of ids) setting.sandbox.store.update("deals", id, { value: 5 });
      await setting.sync();

      // A deal that is read once more, because more fields are requested, did not change; one did.
      hours += 2;
      setting.sandbox.store.update("deals", ids[0]!, { title: "Another" });
      await setting.sync();
      setting.map({
        "deals.yaml": deals(
          "pipedrive: title, transform: [uppercase]}\n      - {planhat: custom.Products, pipedrive: products_count",
        ),
      });
      const asked = await json("plan");
      expect(asked.summary.streams.deals.read, asked.stderr).to.be.at.least(250);
      expect(asked.summary.held).to.deep.equal([held(249, 250)]);

      // Moving rows count in the model that loses them; 0.6 of 250 are 150.
      setting.map({ "deals.yaml": deals("pipedrive: title", "{field: id, less: 152}") });
      const plan = await json("plan");
      expect(plan.summary.held).to.deep.equal([held(ids.filter((id) => id < 152).length, 250)]);
      const moves = await json("sync");
      expect([moves.status, moves.summary.held]).to.deep.equal([1, plan.summary.held]);
      expect(await setting.look("select count(*) as count from planhat.sales")).to.deep.equal([{ count: "0" }]);
      const config = readFileSync(`${setting.place.folder}/config.yaml`, "utf8");
      setting.place.write("config.yaml", config.replace("brake: {share: 0.6}", "brake: off"));
      const off = await setting.sync();
      expect(off.models.sale.created).to.equal(plan.summary.held[0]!.count);
      expect(off.held).to.deep.equal([]);
    });
  });
});
