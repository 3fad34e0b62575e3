import { randomUUID } from "node:crypto";
import { expect } from "chai";
import type { Database } from "../../../connector/database/database.ts";
import { claimFence } from "../../../connector/database/tables/fence.ts";
import type { JsonObject } from "../../../connector/mapping/value.ts";
import { applyPending } from "../../../connector/sync/apply/apply-pending.ts";
import { emptySummary } from "../../../connector/sync/summary.ts";
import { eachDatabase } from "../../databases.ts";
import { compiled } from "../../mapping/checked.ts";
import { landAll } from "../land-all.ts";

const mapping = compiled({
  organizations:
    "stream: organizations\nmodel: company\ndirection: receive\nfields:\n  - {planhat: name, pipedrive: name, required: true}\n",
  persons:
    "stream: persons\nmodel: enduser\ndirection: receive\nfields:\n  - {planhat: email, pipedrive: emails.primary}\n  - {planhat: custom.Employer, pipedrive: $organization.name}\n",
  notes: "stream: notes\nmodel: note\ndirection: receive\nfields:\n  - {planhat: description, pipedrive: content}\n",
  deals:
    "stream: deals\ndirection: receive\nstart_date: [won_time]\nmodel: license\nfields:\n  - {planhat: _currency, pipedrive: currency}\n  - {planhat: fromDate, pipedrive: $start_date}\n",
});

eachDatabase((open) => {
  describe("a person that only deals of several organizations name", function () {
    this.timeout(60_000);
    let database: Database;
    const run = randomUUID();

    const person = (id: number, more: JsonObject = {}) => ({
      id,
      emails: [{ value: `${id}@acme.test`, primary: true }],
      ...more,
    });
    const deal = (id: number, organization: number, own: number, more: JsonObject = {}) => ({
      id,
      org_id: organization,
      person_id: own,
      status: "won",
      won_time: "2026-01-31T10:00:00Z",
      currency: "EUR",
      ...more,
    });

    beforeEach(async () => {
      database = await open();
      await database.transaction((transaction) => claimFence(transaction, run));
      await landAll(database, { run, stream: "organizations" }, [
        { id: 1, name: "One" },
        { id: 2, name: "Two" },
        { id: 3, name: null },
      ]);
      // 7 has no organization, 8 one whose company is refused, 9 one without an eligible deal.
      await landAll(database, { run, stream: "persons" }, [
        person(7),
        person(8, { org_id: 3 }),
        person(9, { org_id: 4 }),
      ]);
      const deals = [7, 8, 9].flatMap((own) => [deal(own + 20, 1, own), deal(own, 2, own)]);
      await landAll(database, { run, stream: "deals" }, [...deals, deal(99, 3, 8)]);
    });

    /** Applies the pending entries of the given organizations, one batch each, and leaves them pending. */
    async function apply(...organizations: number[]) {
      const summary = emptySummary(run, "incremental");
      for (const one of organizations) {
        const context = { mapping, runId: run, history: { runId: run, isKept: true }, summary, rejections: 0 };
        await applyPending(database, context, { organizations: [one], keep: true });
      }
      return summary.models.enduser;
    }

    async function companies(): Promise<Record<string, string>> {
      const rows = await database.query<{ person: string; company: string }>(
        `select e.source_id as person, c.source_id as company
         from planhat.endusers as e join planhat.companies as c on c.id = e.company_id`,
      );
      return Object.fromEntries(rows.map(({ person, company }) => [person, company]));
    }

    const contents = async () =>
      JSON.stringify(await database.query("select * from planhat.endusers order by source_id"));

    for (const order of [
      [1, 2, 3],
      [3, 2, 1],
    ]) {
      it(`belongs to the company of the eligible deal with the lowest id, applied in the order ${order.join(", ")}`, async () => {
        await apply(...order);
        expect(await companies()).to.deep.equal({ 7: "2", 8: "2", 9: "2" });
        const before = await contents();
        for (const again of [[1], [2], [3], [3, 1, 2]]) {
          const { created, updated } = await apply(...again);
          expect({ created, updated }, `applied again: ${again.join(", ")}`).to.deep.equal({ created: 0, updated: 0 });
        }
        expect(await contents()).to.equal(before);
        const rejected = await database.query("select * from connector.rejections where stream = 'persons'");
        expect(rejected).to.deep.equal([]);
      });
    }

    it("stays there when that deal stops being eligible, as the deal's own row does", async () => {
      await apply(1, 2);
      await landAll(database, { run, stream: "deals" }, [deal(7, 2, 7, { status: "lost" })]);
      await apply(1, 2);
      await apply(2, 1);
      expect((await companies())[7]).to.equal("2");
    });

    it("moves when that deal moves to another organization", async () => {
      await apply(1, 2);
      await landAll(database, { run, stream: "deals" }, [deal(7, 1, 7)]);
      await apply(1);
      expect((await companies())[7]).to.equal("1");
    });

    it("gets the company of its own organization as soon as there is one", async () => {
      await apply(1, 2, 3);
      await landAll(database, { run, stream: "organizations" }, [{ id: 3, name: "Three" }]);
      await apply(3, 2, 1);
      expect(await companies()).to.deep.equal({ 7: "2", 8: "3", 9: "2" });
    });

    it("follows what changes in itself, its own organization and its notes alone, where that is followed", async () => {
      const applyAll = () =>
        applyPending(database, {
          mapping,
          runId: run,
          history: { runId: run, isKept: true },
          summary: emptySummary(run, "incremental"),
          rejections: 0,
        });
      await applyAll();
      await landAll(database, { run, stream: "persons", otherStreams: true }, [
        person(9, { org_id: 4, emails: [{ value: "new@acme.test", primary: true }] }),
      ]);
      await applyAll();
      await landAll(database, { run, stream: "organizations", otherStreams: true }, [{ id: 4, name: "Four" }]);
      await landAll(database, { run, stream: "notes", otherStreams: true }, [
        { id: 70, person_id: 9, content: "Called" },
      ]);
      await applyAll();
      const found = await database.query(
        `select e.email, e.custom->>'Employer' as employer, n.description as note, c.source_id as company
         from planhat.endusers as e join planhat.companies as c on c.id = e.company_id
         left join planhat.notes as n on n.company_id = c.id where e.source_id = '9'`,
      );
      expect(found).to.deep.equal([{ email: "new@acme.test", employer: "Four", note: "Called", company: "2" }]);
    });

    it("gets its link back when it was lost or leads elsewhere, like every other row, and no row changes", async () => {
      await apply(1, 2, 3);
      const links = () =>
        database.query("select stream, record_id, model, row_id, base from connector.links order by stream, record_id");
      const [before, rows] = [await links(), await contents()];
      await database.query("delete from connector.links where record_id <> 8");
      await database.query("update connector.links set row_id = row_id + 1000 where record_id = 8");
      await apply(1, 2, 3);
      expect(await links()).to.deep.equal(before);
      expect(before).to.have.length(11);
      expect(await contents()).to.equal(rows);
    });
  });
});
