import { expect } from "chai";
import type { Database } from "../../connector/database/database.ts";
import { type Sandbox, startSandbox } from "../../connector/sandbox/server.ts";
import { eachDatabase } from "../databases.ts";
import { emptyAccount, wonDeal } from "../sandbox-sync.ts";
import { connectPlanhat, syncBothWays } from "./in-process.ts";

const texts = {
  "organizations.yaml":
    "stream: organizations\nmodel: company\ndirection: both\nprefer: planhat\nfields:\n  - {planhat: name, pipedrive: name}\n  - {planhat: web, pipedrive: website}\n",
  "deals.yaml":
    "stream: deals\nmodel: license\nstart_date: [won_time]\nfields:\n  - {planhat: value, pipedrive: value}\n  - {planhat: _currency, pipedrive: currency}\n  - {planhat: fromDate, pipedrive: $start_date}\n",
};

eachDatabase((open) => {
  describe("a field that something keeps changing back", function () {
    this.timeout(1_200_000);
    let database: Database;
    let sandbox: Sandbox;
    let id: number;
    const sync = async () => syncBothWays(database, sandbox, texts, { planhat: await connectPlanhat(sandbox) });
    const reasons = () =>
      database.query<{ field: string; reason: string }>("select field, reason from connector.rejections order by id");

    beforeEach(async () => {
      database = await open();
      const now = Date.now();
      let seconds = 0;
      // A second per reading, so that each change in Pipedrive has its own update_time.
      const clock = () => new Date(now - 3_600_000 + 1000 * seconds++);
      sandbox = await startSandbox({
        ...emptyAccount,
        clock,
        burstLimit: Number.POSITIVE_INFINITY,
        dailyTokens: Number.POSITIVE_INFINITY,
        planhat: { callsPerMinute: Number.POSITIVE_INFINITY },
      });
      ({ organizationId: id } = wonDeal(sandbox, {}, { name: "Acme", website: "https://first.test" }));
      await sync();
      sandbox.requests.reset();
    });
    afterEach(() => sandbox.close());

    it("in Pipedrive is sent three times, then it rests with the reason until somebody changes it in Planhat", async () => {
      sandbox.store.onChange(({ source, record }) => {
        if (source === "api")
          sandbox.store.update("organizations", id, { website: `${String(record["website"])}/auto` });
      });
      await database.query("update planhat.companies set web = 'https://mine.test'");
      for (let again = 0; again < 9; again++) {
        await sync();
        // Pipedrive's change was received; the user repeats the edit.
        await database.query("update planhat.companies set web = 'https://mine.test' where web <> 'https://mine.test'");
      }
      expect(sandbox.requests.writes.map(({ body }) => body)).to.deep.equal(
        Array.from({ length: 3 }, () => ({ website: "https://mine.test" })),
      );
      const [rejection] = await reasons();
      expect(rejection?.field).to.equal("web");
      expect(rejection?.reason).to.match(/^it was sent 3 times, and each time Pipedrive changed it back, now to /);
      await database.query("update planhat.companies set web = 'https://other.test'");
      await sync();
      expect(sandbox.requests.writes.at(-1)?.body).to.deep.equal({ website: "https://other.test" });
    });

    it("by an automation on each side comes to rest after three rounds", async () => {
      sandbox.store.onChange(({ record }) => {
        if (record["website"] === "https://planhat.test") {
          sandbox.store.update("organizations", id, { website: "https://pipedrive.test" });
        }
      });
      sandbox.planhat.store.update("companies", `srcid-${id}`, { web: "https://planhat.test" });
      for (let again = 0; again < 12; again++) {
        await sync();
        // Planhat's automation restores its own value.
        const { web } = sandbox.planhat.store.find("companies", `srcid-${id}`)!;
        if (web === "https://planhat.test") continue;
        sandbox.planhat.store.update("companies", `srcid-${id}`, { web: "https://planhat.test" });
      }
      expect(sandbox.requests.writes.map(({ body }) => body)).to.deep.equal(
        Array.from({ length: 3 }, () => ({ website: "https://planhat.test" })),
      );
      expect((await reasons()).map(({ reason }) => reason).join()).to.match(/^it was sent 3 times, and each time/);
    });
  });
});
