import { expect } from "chai";
import type { JsonObject } from "../../../connector/mapping/value.ts";
import type { Summary } from "../../../connector/sync/summary.ts";
import { onServerFirst } from "../../databases.ts";
import { planhatSync } from "../../planhat-sync.ts";
import { freePort, startServe, syncToken } from "../../running-service.ts";
import { emptyAccount, wonDeal } from "../../sandbox-sync.ts";
import { recordOf, stateOf, writePlace } from "../../write-place.ts";

const organizations = "stream: organizations\nmodel: company\nfields:\n  - {planhat: name, pipedrive: name}\n";

function deals(product: string, sale = "never"): string {
  const fields = (day: string) =>
    `    fields:\n      - {planhat: _currency, pipedrive: currency}\n      - {planhat: ${day}, pipedrive: $start_date}\n      - {planhat: value, pipedrive: value}\n      - {planhat: product, pipedrive: ${product}}\n`;
  return `stream: deals\nstart_date: [won_time]\nmodels:\n  - model: sale\n    when: {field: title, is: ${sale}}\n${fields("salesDate")}  - model: license\n${fields("fromDate")}`;
}

const lastJson = (stdout: string) => JSON.parse(stdout.trim().split("\n").at(-1)!) as Summary;

describe("the brake beyond the tables of a sync", function () {
  this.timeout(600_000);
  onServerFirst((kind) => {
    it("counts objects in Planhat too; serve stays up, tells it, and goes on after sync --yes", async () => {
      const setting = await planhatSync(kind);
      setting.configure(`brake: {rows: 5}\nsync_token: ${syncToken}\n`);
      setting.map({ "organizations.yaml": organizations, "deals.yaml": deals("title") });
      const ask = async (...args: string[]) => {
        const { status, stdout, stderr } = await setting.run([...args, "--json"]);
        return { status, summary: lastJson(stdout), stderr };
      };
      const productsThere = () => [...setting.objects("licenses").values()].map(({ product }) => product);
      try {
        for (let deal = 0; deal < 8; deal++) wonDeal(setting.sandbox, { title: "Gold" });
        await setting.sync();
        expect(productsThere()).to.deep.equal(Array(8).fill("Gold"));

        // The rows have consent, and Planhat accepts nothing: the next publication is not part of that consent.
        setting.map({ "deals.yaml": deals("lost_reason") });
        setting.manners.intercept = ({ method, path }) =>
          method !== "GET" && path.includes("licenses") ? new Response("{}", { status: 403 }) : undefined;
        const unsent = await ask("sync", "--yes");
        expect(unsent.summary.status, unsent.stderr).to.equal("failed");
        expect(unsent.summary.models.license.updated).to.equal(8);
        delete setting.manners.intercept;
        wonDeal(setting.sandbox, { title: "Gold" });
        const plan = await ask("plan");
        expect(plan.summary.held.map(({ what, count }) => ({ what, count }))).to.deep.equal([
          {
            what: `of 8 licenses in Planhat (${new URL(setting.planhat.url).host}), emptied, removed or changed by the mapping alone`,
            count: 8,
          },
        ]);
        setting.writes();
        const stopped = await ask("sync");
        expect([stopped.status, stopped.summary.status]).to.deep.equal([1, "held"]);
        expect(stopped.summary.held).to.deep.equal(plan.summary.held);
        expect(stopped.summary.models.license.created).to.equal(1);
        expect(setting.writes().filter((write) => write.includes("licenses"))).to.deep.equal([]);
        expect(productsThere()).to.deep.equal(Array(8).fill("Gold"));

        const port = await freePort();
        const serve = await startServe(setting, port);
        const order = () =>
          fetch(`${serve.url}/sync`, { method: "POST", headers: { authorization: `Bearer ${syncToken}` } });
        try {
          expect((await order()).status).to.equal(202);
          await serve.settled();
          const { status, problems } = await serve.health();
          expect(status).to.equal("ready");
          expect(problems.join("\n")).to.include("Waits for approval: 8 of 8 licenses in Planhat");
          expect(serve.log()).to.include(
            "Run stopped by the brake. (error=The brake stopped this run before it would harm 8 of 8",
          );
          expect(productsThere()).to.deep.equal(Array(8).fill("Gold"));
          if (kind === "embedded") expect((await serve.end()).status).to.equal(143);
          const agreed = await setting.sync("--yes", "--wait", "60");
          expect(agreed.planhat?.published.license).to.include({ updated: 8, created: 1 });
          expect(productsThere().filter((product) => product === "Gold")).to.deep.equal([]);
          if (kind === "server") {
            wonDeal(setting.sandbox, { title: "Gold" });
            await order();
            await serve.settled();
            expect(setting.objects("licenses").size).to.equal(10);
            expect((await serve.health()).problems).to.deep.equal([]);
          }
        } finally {
          await serve.end();
        }
        expect(await setting.look("select * from connector.harm")).to.deep.equal([]);
        expect(await setting.look("select * from connector.published where harmed")).to.deep.equal([]);

        // Deals that become sales are removed there, with the consent to the rows and not before.
        setting.map({ "deals.yaml": deals("lost_reason", "Gold") });
        const licenses = setting.objects("licenses").size;
        const moves = await ask("sync");
        expect([moves.status, moves.summary.held[0]!.count]).to.deep.equal([1, licenses]);
        // A saved plan is not consent to what the brake would stop; with consent it is executed completely.
        expect((await setting.run(["plan", "--out", "kept.json"])).status).to.equal(0);
        const kept = await ask("sync", "--plan", "kept.json");
        expect([kept.status, kept.summary.status, kept.summary.held]).to.deep.equal([1, "held", moves.summary.held]);
        expect(setting.objects("sales").size).to.equal(0);
        expect(await setting.look("select count(*)::int as count from planhat.sales")).to.deep.equal([{ count: 0 }]);
        const carriedOut = await ask("sync", "--plan", "kept.json", "--yes");
        expect(carriedOut.status, carriedOut.stderr).to.equal(0);
        expect(carriedOut.summary.models.sale.created).to.equal(licenses);
        expect([setting.objects("licenses").size, setting.objects("sales").size]).to.deep.equal([0, licenses]);
      } finally {
        await setting.close();
      }
    });
  });

  it("stops write with TRACE ERROR: what came is landed and its STATE given back, the rows wait", async () => {
    const setting = await writePlace("server", emptyAccount);
    setting.configure("brake: {rows: 5}\n");
    setting.map({ "organizations.yaml": organizations, "deals.yaml": deals("title") });
    const deal = (id: number, more: JsonObject) =>
      recordOf("deals", {
        ...{ id, title: "Gold", status: "won", won_time: "2026-01-31T10:00:00Z", org_id: 7, value: 100 },
        ...{ currency: "EUR", pipeline_id: 1, stage_id: 1, update_time: "2026-01-31T10:00:00Z", ...more },
      });
    const ids = [1, 2, 3, 4, 5, 6, 7, 8];
    const values = async () =>
      (
        await setting.look<{ value: string | null }>(
          "select value from planhat.licenses union all select value from planhat.sales",
        )
      ).map(({ value }) => (value === null ? null : Number(value)));
    try {
      const first = await setting.write([
        recordOf("organizations", { id: 7, name: "Acme", update_time: "2026-01-02T00:00:00Z" }),
        ...ids.map((id) => deal(id, {})),
      ]);
      expect(first.status, first.stderr).to.equal(0);
      expect(await values()).to.deep.equal(Array(8).fill(100));
      const nulls = [
        ...ids.map((id) => deal(id, { value: null, update_time: "2026-02-28T10:00:00Z" })),
        stateOf("deals", { a: 1 }),
      ];
      const stopped = await setting.write(nulls);
      expect(stopped.status).to.equal(1);
      expect(stopped.states).to.have.length(1);
      expect(stopped.errors).to.have.length(1);
      expect(stopped.errors[0]!.failure_type).to.equal("config_error");
      expect(stopped.errors[0]!.message).to.include("The brake stopped this run before it would harm 8 of 8 rows of");
      expect(stopped.stderr).to.include("Waits for approval:");
      expect(await values()).to.deep.equal(Array(8).fill(100));
      expect(await setting.look("select id from pipedrive.deals where record->'value' = 'null'")).to.have.length(8);
      // Waiting work is applied by any run, and so stops any run.
      const retried = await setting.run(["rejections", "retry", "--json"]);
      expect([retried.status, lastJson(retried.stdout).status]).to.deep.equal([1, "held"]);
      const remapped = await setting.run(["remap", "--yes", "--json"]);
      expect(remapped.status, remapped.stderr).to.equal(0);
      expect(await values()).to.deep.equal(Array(8).fill(null));

      // The consent to clear a field remains, and does not cover how much of a table one run may empty.
      const products = () => setting.look("select product from planhat.licenses where product is not null");
      const unmapped = deals("title").replaceAll(/^ +- {planhat: product.*\n/gm, "");
      setting.map({ "deals.yaml": unmapped });
      const cleared = await setting.run(["remap", "--clear-unmapped", "--yes", "--json"]);
      expect(cleared.status, cleared.stderr).to.equal(0);
      expect(await products()).to.have.length(0);
      setting.map({ "deals.yaml": deals("title") });
      expect((await setting.run(["remap"])).status).to.equal(0);
      expect(await products()).to.have.length(8);
      setting.map({ "deals.yaml": unmapped });
      const braked = await setting.run(["remap", "--clear-unmapped", "--json"]);
      expect([braked.status, lastJson(braked.stdout).status]).to.deep.equal([1, "held"]);
      expect(await products()).to.have.length(8);
      const consents = await setting.look("select kind, what from connector.consents order by id");
      expect(consents).to.deep.equal([
        { kind: "brake", what: "rows of license" },
        { kind: "clearing", what: "product of license" },
        { kind: "brake", what: "rows of license" },
      ]);
    } finally {
      await setting.close();
    }
  });
});
