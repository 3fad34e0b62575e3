import { expect } from "chai";
import type { Database } from "../../connector/database/database.ts";
import type { JsonObject } from "../../connector/mapping/value.ts";
import type { Intercept } from "../../connector/sandbox/pipedrive/app.ts";
import { type Sandbox, startSandbox } from "../../connector/sandbox/server.ts";
import { eachDatabase } from "../databases.ts";
import { inTestLong } from "../long.ts";
import { emptyAccount, wonDeal } from "../sandbox-sync.ts";
import { syncBothWays } from "./in-process.ts";

const texts = {
  "organizations.yaml":
    "stream: organizations\nmodel: company\ndirection: both\nfields:\n  - {planhat: name, pipedrive: name}\n  - {planhat: web, pipedrive: website}\n",
  "deals.yaml":
    "stream: deals\nmodel: license\nstart_date: [won_time]\nfields:\n  - {planhat: value, pipedrive: value}\n  - {planhat: _currency, pipedrive: currency}\n  - {planhat: fromDate, pipedrive: $start_date}\n",
};

eachDatabase((open) => {
  describe("a change of a company that Pipedrive does not take", function () {
    this.timeout(120_000);
    let database: Database;
    let sandbox: Sandbox;
    let intercept: Intercept = () => undefined;
    let id: number;
    let other: number;
    const sync = () => syncBothWays(database, sandbox, texts, {});
    const patch = () => sandbox.requests.byPath["PATCH /api/v2/organizations/{id}"] ?? 0;
    const rejections = () =>
      database.query(
        "select record_id::int as id, field, reason from connector.rejections where stage = 'send' order by id",
      );
    const edit = (web: string) => database.query("update planhat.companies set web = $1", [web]);
    /** Answers for the first organization instead of Pipedrive. */
    const answer = (status: number, body: () => JsonObject): void => {
      intercept = ({ method, path }) =>
        method === "PATCH" && path === `/api/v2/organizations/${id}` ? Response.json(body(), { status }) : undefined;
    };

    before(async () => {
      database = await open();
      sandbox = await startSandbox({
        ...emptyAccount,
        now: new Date(Date.now() - 3_600_000),
        burstLimit: Number.POSITIVE_INFINITY,
        dailyTokens: Number.POSITIVE_INFINITY,
        intercept: (request) => intercept(request),
      });
      ({ organizationId: id } = wonDeal(sandbox, {}, { name: "Acme" }));
      ({ organizationId: other } = wonDeal(sandbox, {}, { name: "Beta" }));
      await sync();
    });
    beforeEach(() => {
      intercept = () => undefined;
      sandbox.requests.reset();
    });
    after(() => sandbox.close());

    for (const status of inTestLong ? [400, 403, 404, 410, 422] : [404, 422]) {
      it(`because it answers ${status} is a rejection with its reason; the others go, and the next run tries again`, async () => {
        answer(status, () => ({ success: false, error: `Not today ${status}` }));
        await edit(`https://${status}.test`);
        const first = await sync();
        expect([first.status, first.sent.organizations.updated]).to.deep.equal(["partial", 1]);
        const [only, ...more] = await rejections();
        expect([only!["id"], more]).to.deep.equal([id, []]);
        expect(only!["reason"]).to.match(new RegExp(`\\(${status}: Not today ${status}\\)`));
        expect(sandbox.store.get("organizations", other)!["website"]).to.equal(`https://${status}.test`);
        intercept = () => undefined;
        expect((await sync()).sent.organizations.updated).to.equal(1);
        expect(await rejections()).to.deep.equal([]);
        expect(sandbox.store.get("organizations", id)!["website"]).to.equal(`https://${status}.test`);
        expect(patch()).to.equal(3);
      });
    }

    it("as it was sent is not counted as sent, is a rejection, and is tried again", async () => {
      answer(200, () => ({
        success: true,
        data: { ...sandbox.store.get("organizations", id)!, website: "https://else.test" },
      }));
      await edit("https://mine.test");
      expect((await sync()).sent.organizations.updated).to.equal(1);
      expect(await rejections()).to.deep.equal([
        {
          id,
          field: "web",
          reason: 'Pipedrive has "https://else.test" after "https://mine.test" was sent',
        },
      ]);
      intercept = () => undefined;
      expect((await sync()).sent.organizations.updated).to.equal(1);
      expect(await rejections()).to.deep.equal([]);
    });

    it("without changing something else is a rejection that names what moved", async () => {
      answer(200, () => ({
        success: true,
        data: { ...sandbox.store.get("organizations", id)!, website: "https://moved.test", name: "Renamed" },
      }));
      await edit("https://moved.test");
      await sync();
      expect(await rejections()).to.deep.equal([
        { id, field: null, reason: "Pipedrive changed what was not sent: name" },
      ]);
    });
  });
});
