import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { type Inbox, openInbox } from "../alerts/inbox.ts";
import { dealEvent, freePort, startServe, syncToken, webhookConfig } from "../running-service.ts";
import { emptyAccount, sandboxSync, wonDeal } from "../sandbox-sync.ts";

const organizations = (part: string) =>
  `stream: organizations\nmodel: company\nfields:\n  - {planhat: name, pipedrive: name}\n  - {planhat: city, pipedrive: address.${part}}\n`;
const deals = (product: string) =>
  `stream: deals\nstart_date: [won_time]\nmodels:\n  - model: license\n    fields:\n      - {planhat: _currency, pipedrive: currency}\n      - {planhat: fromDate, pipedrive: $start_date}\n      - {planhat: value, pipedrive: value}\n      - {planhat: product, pipedrive: ${product}}\n`;

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    if (tries > 1200) throw new Error("it did not come about within a minute");
    await sleep(50);
  }
}

describe("serve while something is held", function () {
  this.timeout(300_000);

  it("leaves held fields alone, stores the news of others, tells of the brake, and goes on once agreed", async () => {
    const setting = await sandboxSync("server", emptyAccount);
    const { store } = setting.sandbox;
    const inbox: Inbox = await openInbox();
    const address = (locality: string, country: string) => ({ address: { value: locality, locality, country } });
    try {
      const port = await freePort();
      setting.configure(`brake: {rows: 5}\nalerts: [{url: "${inbox.url}"}]\n${webhookConfig(port)}`);
      setting.map({ "organizations.yaml": organizations("locality"), "deals.yaml": deals("title") });
      const made = Array.from({ length: 8 }, () => wonDeal(setting.sandbox, { title: "Gold" }));
      const [first, second] = made as [(typeof made)[0], (typeof made)[0]];
      store.update("organizations", first.organizationId, address("Paris", "France"));
      await setting.sync();
      setting.map({ "organizations.yaml": organizations("country") });
      await setting.sync();
      const undone = await setting.run(["undo", "last", "--yes"]);
      expect(undone.status, undone.stderr).to.equal(0);

      const companies = () =>
        setting.look<{ city: string | null }>("select city from planhat.companies where source_id = $1", [
          String(first.organizationId),
        ]);
      const products = async () =>
        (await setting.look<{ product: string }>("select product from planhat.licenses order by id")).map(
          ({ product }) => product,
        );
      const holds = () => setting.look("select field from connector.holds");
      const withServe = async (work: (served: Awaited<ReturnType<typeof startServe>>) => Promise<void>) => {
        const serve = await startServe(setting, port);
        try {
          await serve.settled();
          await work(serve);
        } finally {
          await serve.end();
        }
      };
      const news = async (serve: Awaited<ReturnType<typeof startServe>>, dealId: number) => {
        expect((await serve.deliver(dealEvent(dealId))).status).to.equal(200);
        await serve.settled();
      };

      await withServe(async (serve) => {
        // The start and an event look at the company; what the undo took back stays away.
        store.update("deals", first.dealId, { title: "Silver" });
        await news(serve, first.dealId);
        expect([await companies(), (await holds()).length]).to.deep.equal([[{ city: "Paris" }], 1]);
        expect(await products()).to.include("Silver");
        // Pipedrive says something else: the hold is over.
        store.update("organizations", first.organizationId, address("Lyon", "Frankreich"));
        store.update("deals", first.dealId, { title: "Gold" });
        await news(serve, first.dealId);
        expect([await companies(), await holds()]).to.deep.equal([[{ city: "Frankreich" }], []]);
      });

      setting.map({ "deals.yaml": deals("lost_reason") });
      await withServe(async (serve) => {
        await fetch(`${serve.url}/sync`, { method: "POST", headers: { authorization: `Bearer ${syncToken}` } });
        await until(() => inbox.told().includes("begin held"));
        const { dealId } = wonDeal(setting.sandbox, { title: "New" });
        await news(serve, dealId);
        expect(await products(), "the others wait").to.deep.equal([...Array<string>(8).fill("Gold"), null]);
        const [run] = await setting.look<{ status: string; summary: { models: { license: { created: number } } } }>(
          "select status, summary from connector.runs order by started_at desc limit 1",
        );
        expect([run!.status, run!.summary.models.license.created]).to.deep.equal(["held", 1]);
        const { status, problems } = await serve.health();
        expect([status, problems.join("\n").includes("8 of 8 rows of license")]).to.deep.equal(["ready", true]);
        // A change of a company that waits is stored with it, as far as the brake lets it.
        store.update("deals", second.dealId, { value: 4711 });
        await news(serve, second.dealId);
        expect(
          await setting.look("select value::int as value from planhat.licenses where source_id = $1", [
            String(second.dealId),
          ]),
        ).to.deep.equal([{ value: 4711 }]);
        // One message tells it, however many runs are held; /health and status tell it as long as it lasts.
        expect(inbox.told()).to.deep.equal(["begin held"]);
        expect(inbox.arrived[0]!.body.text).to.contain("pipedrive-planhat sync --yes");
        expect((await serve.health()).parts["alerts"]).to.include({ ready: true, failing: 0 });
        expect((await serve.health()).parts["alerts"]!["active"]).to.deep.equal(["held"]);
        const told = await setting.run(["status", "--json"]);
        const { runs, held, alerts } = JSON.parse(told.stdout);
        expect(runs[0].status).to.equal("held");
        expect(held[0].remedy).to.contain("`pipedrive-planhat sync --yes` lets one run pass");
        expect(alerts.active.map(({ condition }: { condition: string }) => condition)).to.deep.equal(["held"]);
        // Somebody agrees, and the service goes on.
        const agreed = await setting.run(["sync", "--yes", "--json"]);
        expect(agreed.status, agreed.stderr).to.equal(0);
        expect(await products()).to.deep.equal(Array(9).fill(null));
        expect(await setting.look("select * from connector.waiting")).to.deep.equal([]);
        const { dealId: next } = wonDeal(setting.sandbox, { title: "Newer" });
        await news(serve, next);
        expect((await products()).length).to.equal(10);
        await until(() => inbox.told().length === 2);
        expect(inbox.told()).to.deep.equal(["begin held", "end held"]);
        const after = await serve.health();
        expect([after.status, after.problems, after.parts["alerts"]!["active"]]).to.deep.equal(["ready", [], []]);
      });
    } finally {
      await inbox.close();
      await setting.close();
    }
  });
});
