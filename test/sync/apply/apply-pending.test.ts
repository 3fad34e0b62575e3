import { AsyncResource } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import { expect } from "chai";
import type { Database, Transaction } from "../../../connector/database/database.ts";
import { countPending } from "../../../connector/database/landing/pending.ts";
import { claimFence } from "../../../connector/database/tables/fence.ts";
import type { JsonObject } from "../../../connector/mapping/value.ts";
import { applyPending } from "../../../connector/sync/apply/apply-pending.ts";
import { land } from "../../../connector/sync/land/land.ts";
import { emptySummary, type Summary } from "../../../connector/sync/summary.ts";
import { eachDatabase } from "../../databases.ts";
import { compiled } from "../../mapping/checked.ts";

const mapping = compiled({
  organizations:
    "stream: organizations\nmodel: company\ndirection: receive\nfields:\n  - {planhat: name, pipedrive: name}\n",
  deals: `stream: deals
direction: receive
start_date: [won_time]
model: license
fields:
  - {planhat: _currency, pipedrive: currency}
  - {planhat: fromDate, pipedrive: $start_date}
`,
});
const size = 150;

eachDatabase((open, kind) => {
  describe("applying a batch while others change the rows", () => {
    let database: Database;
    const run = randomUUID();

    beforeEach(async () => {
      database = await open();
      await database.transaction((transaction) => claimFence(transaction, run));
      const records = (make: (id: number) => JsonObject) =>
        Array.from({ length: size }, (_, index) => index + 1).map((id) => ({
          id,
          record: { id, ...make(id) },
          updateTime: null,
          deleted: false,
        }));
      const deal = (id: number) => ({ org_id: id, status: "won", won_time: "2026-01-31T10:00:00Z", currency: "EUR" });
      await database.transaction(async (transaction) => {
        const following = { everyDeal: true, otherStreams: false };
        const organizations = records((id) => ({ name: `Acme ${id}` }));
        await land(
          transaction,
          { id: run, summary: emptySummary(run, "full") },
          { stream: "organizations", records: organizations, rejected: [] },
          following,
        );
        await land(
          transaction,
          { id: run, summary: emptySummary(run, "full") },
          { stream: "deals", records: records(deal), rejected: [] },
          following,
        );
      });
    });

    /** Applies the pending entries, calling `interfere` before each statement with its text. */
    async function apply(summary: Summary, interfere: (sql: string) => Promise<void>): Promise<void> {
      const watched: Database = Object.assign(Object.create(database) as Database, {
        query: database.query.bind(database),
        transaction: <Result>(work: (transaction: Transaction) => Promise<Result>) =>
          database.transaction((transaction) =>
            work({
              query: async (sql, parameters) => {
                await interfere(sql);
                return transaction.query(sql, parameters);
              },
              copyIn: async (statement, chunks) => {
                await interfere(statement);
                await transaction.copyIn(statement, chunks);
              },
            }),
          ),
      });
      await applyPending(watched, {
        mapping,
        runId: run,
        history: { runId: run, isKept: true },
        summary,
        rejections: 0,
      });
    }

    const companies = () =>
      database.query<{ source_id: string; name: string; city: string | null }>(
        "select source_id, name, city from planhat.companies order by source_id::bigint",
      );

    it("begins a batch anew that a deadlock rolled back, and counts it once", async () => {
      const summary = emptySummary(run, "full");
      let deadlocks = 0;
      await apply(summary, async (sql) => {
        if (!sql.startsWith("delete from connector.pending") || ++deadlocks > 2) return;
        throw Object.assign(new Error("deadlock detected"), { code: "40P01" });
      });
      expect(deadlocks).to.equal(3);
      expect(summary.models.company).to.deep.equal({
        created: size,
        updated: 0,
        unchanged: 0,
        rejected: 0,
        fields_rejected: 0,
      });
      expect(summary.models.license).to.deep.equal({
        created: size,
        updated: 0,
        unchanged: 0,
        rejected: 0,
        fields_rejected: 0,
      });
      expect(summary.streams.deals.eligible).to.equal(size);
      expect(await companies()).to.have.length(size);
      expect(await countPending(database)).to.equal(0);
    });

    it("looks for no links where there were none, but for those that turn up meanwhile", async () => {
      const statements: string[] = [];
      await apply(emptySummary(run, "full"), async (sql) => {
        const isFirst =
          statements.push(sql) > 0 && statements.filter((one) => one.includes("connector.links")).length === 1;
        if (isFirst && sql.startsWith("copy connector.links")) {
          throw Object.assign(new Error("duplicate key value violates unique constraint"), { code: "23505" });
        }
      });
      const links = statements.filter((sql) => /^(?:delete from|copy) connector\.links/.test(sql));
      expect(links.map((sql) => sql.split(" ")[0])).to.deep.equal(["copy", "delete", "copy", "copy"]);
      const [count] = await database.query<{ links: string }>("select count(*) as links from connector.links");
      expect(Number(count!.links)).to.equal(2 * size);
    });

    it("gives up a batch that fails for another reason, counts what is stored, and applies it all the next time", async () => {
      const failing = async (summary: Summary, beginning: string) => {
        let failed: unknown;
        await apply(summary, async (sql) => {
          if (sql.startsWith(beginning)) throw new Error("disk full");
        }).catch((error: unknown) => {
          failed = error;
        });
        expect((failed as Error).message).to.equal("disk full");
        expect(await countPending(database)).to.equal(size);
      };
      const nothing = { created: 0, updated: 0, unchanged: 0, rejected: 0, fields_rejected: 0 };
      const before = emptySummary(run, "full");
      await failing(before, "copy planhat.companies");
      expect(before).to.deep.equal(emptySummary(run, "full"));
      expect(await companies()).to.have.length(0);
      const between = emptySummary(run, "full");
      await failing(between, "copy planhat.licenses");
      expect(between.models).to.deep.include({ company: { ...nothing, created: size }, license: nothing });
      expect(await companies()).to.have.length(size);
      const after = emptySummary(run, "full");
      await apply(after, async () => {});
      expect(after.models).to.deep.include({
        company: { ...nothing, unchanged: size },
        license: { ...nothing, created: size },
      });
      expect(await countPending(database)).to.equal(0);
    });

    // The embedded database has one connection: no other session can write during a batch.
    if (kind === "server") {
      it("takes in a company that somebody makes by hand just then", async () => {
        const summary = emptySummary(run, "full");
        // Bound here, outside of any transaction: the database refuses statements beside one from within it.
        const byHand = AsyncResource.bind(() =>
          database.query("insert into planhat.companies (source_id, name, city) values ('7', 'By hand', 'Oslo')"),
        );
        let made = false;
        await apply(summary, async (sql) => {
          if (made || !sql.startsWith("copy planhat.companies")) return;
          made = true;
          await byHand();
        });
        expect(made).to.equal(true);
        expect((await companies())[6]).to.deep.equal({ source_id: "7", name: "Acme 7", city: "Oslo" });
        expect(await companies()).to.have.length(size);
        expect(summary.models.company).to.deep.equal({
          created: size - 1,
          updated: 1,
          unchanged: 0,
          rejected: 0,
          fields_rejected: 0,
        });
        expect(summary.models.license.created).to.equal(size);
      });
    }
  });
});
