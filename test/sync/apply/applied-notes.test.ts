import { randomUUID } from "node:crypto";
import { expect } from "chai";
import type { Database } from "../../../connector/database/database.ts";
import { claimFence } from "../../../connector/database/tables/fence.ts";
import { applyPending } from "../../../connector/sync/apply/apply-pending.ts";
import { emptySummary } from "../../../connector/sync/summary.ts";
import { eachDatabase } from "../../databases.ts";
import { compiled } from "../../mapping/checked.ts";
import { landAll } from "../land-all.ts";

const mapping = compiled({
  organizations:
    "stream: organizations\nmodel: company\ndirection: receive\nfields:\n  - {planhat: name, pipedrive: name}\n",
  persons:
    "stream: persons\nmodel: enduser\ndirection: receive\nfields:\n  - {planhat: email, pipedrive: emails.primary}\n",
  notes: "stream: notes\nmodel: note\ndirection: receive\nfields:\n  - {planhat: description, pipedrive: content}\n",
  deals:
    "stream: deals\ndirection: receive\nstart_date: [won_time]\nmodel: license\nfields:\n  - {planhat: _currency, pipedrive: currency}\n  - {planhat: fromDate, pipedrive: $start_date}\n",
});

/** Organizations for five batches of at most 2,500 deals. */
const organizations = 10_000;

/** The persons whom the deals name in turn. */
const named = [7, 8, 9];

eachDatabase((open) => {
  describe("the notes of a person whom the deals of thousands of organizations name", function () {
    this.timeout(180_000);
    let database: Database;
    const run = randomUUID();

    before(async () => {
      database = await open();
      await database.transaction((transaction) => claimFence(transaction, run));
      const numbers = Array.from({ length: organizations }, (_, index) => index + 1);
      await landAll(
        database,
        { run, stream: "organizations" },
        numbers.map((id) => ({ id, name: `Organization ${id}` })),
      );
      const email = (id: number) => ({ emails: [{ value: `${id}@acme.test`, primary: true }] });
      await landAll(database, { run, stream: "persons" }, [
        { id: 7, org_id: 1, ...email(7) },
        { id: 8, ...email(8) },
        { id: 9, org_id: 9999, ...email(9) },
      ]);
      // The deals with the lowest ids belong to the last organizations.
      const deal = (id: number, organization: number, status: string) => ({
        id,
        org_id: organization,
        person_id: named[organization % named.length]!,
        status,
        won_time: "2026-01-31T10:00:00Z",
        currency: "EUR",
      });
      await landAll(database, { run, stream: "deals" }, [
        ...numbers.map((id) => deal(organizations + 1 - id, id, "won")),
        deal(20_000, 9950, "lost"),
      ]);
      await landAll(database, { run, stream: "notes" }, [
        { id: 70, person_id: 7, content: "on a person whose organization comes first" },
        { id: 71, person_id: 7, org_id: 9900, content: "on an organization that comes last" },
        { id: 72, person_id: 7, deal_id: 20_000, content: "on a lost deal of an organization that comes last" },
        { id: 73, person_id: 8, content: "on a person that is with the deal of the lowest id" },
        { id: 74, person_id: 9, content: "on a person whose organization comes last" },
        { id: 75, person_id: 7, org_id: 20_001, content: "on an organization that is not there" },
      ]);
    });

    const apply = async () => {
      const summary = emptySummary(run, "full");
      await applyPending(
        database,
        { mapping, runId: run, history: { runId: run, isKept: true }, summary, rejections: 0 },
        { keep: true },
      );
      return summary.models.note;
    };

    it("are applied again only by a batch that may move them, and belong where they would if they came last", async () => {
      const counts = await apply();
      expect(counts).to.include({ created: 6, rejected: 0 });
      // Batches in which each note is applied. 70, 75: the batch of the person's own organization, and the next one
      // that names the person. 71, 72: also the one that gives them their company. 73, 74, whose company is an end
      // user's: all that name the person.
      const times = { 70: 2, 71: 3, 72: 3, 73: 5, 74: 4, 75: 2 };
      const applied = Object.values(times).reduce((sum, one) => sum + one);
      expect(counts.created + counts.updated + counts.unchanged).to.equal(applied);
      const rows = await database.query<{ note: string; company: string }>(
        `select n.source_id as note, c.source_id as company
         from planhat.notes as n join planhat.companies as c on c.id = n.company_id order by 1`,
      );
      const ofLowest = String(Math.max(...[9998, 9999, 10_000].filter((id) => named[id % named.length] === 8)));
      expect(Object.fromEntries(rows.map(({ note, company }) => [note, company]))).to.deep.equal({
        70: "1",
        71: "9900",
        72: "9950",
        73: ofLowest,
        74: "9999",
        75: "1",
      });
      expect(await apply()).to.include({ created: 0, updated: 0, rejected: 0 });
    });
  });
});
