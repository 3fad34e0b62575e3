import { randomUUID } from "node:crypto";
import { expect } from "chai";
import type { Database } from "../../connector/database/database.ts";
import { listCompanies } from "../../connector/database/lists/list-companies.ts";
import { listHoldsBy } from "../../connector/database/lists/list-holds.ts";
import { countDismissedBy, listRejectionsBy } from "../../connector/database/lists/list-rejections.ts";
import { listRuns } from "../../connector/database/lists/list-runs.ts";
import { caughtFailure } from "../caught-failure.ts";
import { onServerFirst } from "../databases.ts";

describe("lists that people filter, sort and page", function () {
  this.timeout(120_000);
  onServerFirst((_kind, open) => {
    let database: Database;
    before(async () => {
      database = await open();
    });

    it("runs: by status, mode and time, a page after the other", async () => {
      const ids = Array.from({ length: 6 }, (): string => randomUUID());
      for (const [index, id] of ids.entries()) {
        await database.query(
          `insert into connector.runs (id, mode, status, started_at, finished_at)
           values ($1, $2, $3, '2026-11-01T00:00:00Z'::timestamptz + $4 * interval '1 day', now())`,
          [id, index === 3 ? "undo" : "incremental", index % 2 === 0 ? "succeeded" : "failed", Math.min(index, 4)],
        );
      }
      const list = async (filter: Partial<Parameters<typeof listRuns>[1]>) =>
        (await listRuns(database, { limit: 100, ...filter })).map(({ id }) => ids.indexOf(id));
      // Two have begun at the same time: then the greater id comes first.
      const last = [4, 5].sort((one, other) => (ids[one]! > ids[other]! ? -1 : 1));
      expect(await list({})).to.deep.equal([...last, 3, 2, 1, 0]);
      expect(await list({ statuses: ["failed"] })).to.deep.equal([5, 3, 1]);
      expect(await list({ statuses: ["failed", "succeeded"], modes: ["undo"] })).to.deep.equal([3]);
      expect(await list({ since: "2026-11-04" })).to.deep.equal([...last, 3]);
      const pages: number[] = [];
      for (let before: string | undefined; ; ) {
        const page = await listRuns(database, { limit: 2, ...(before === undefined ? {} : { before }) });
        if (page.length === 0) break;
        pages.push(...page.map(({ id }) => ids.indexOf(id)));
        before = page.at(-1)!.id.slice(0, 8);
      }
      expect(pages).to.deep.equal([...last, 3, 2, 1, 0]);
      expect((await caughtFailure(listRuns(database, { limit: 1, before: "12345678" }))).kind).to.equal("usage");
    });

    it("rejections: each filter takes the text as it is, whatever it holds", async () => {
      const odd = `50% of "it's" a_b \\ ?; drop table connector.rejections; --`;
      const rows: [string, number, string, string | null, string, boolean][] = [
        ["deals", 3, "license", "custom.Tier?", odd, false],
        ["deals", 1, "sale", null, "it is null", false],
        ["persons", 2, "enduser", "email", "aXb: 50 percent", true],
      ];
      for (const [stream, record, model, field, reason, dismissed] of rows) {
        await database.query(
          `insert into connector.rejections (stream, record_id, model, field, stage, reason, since, dismissed)
           values ($1, $2::bigint, $3, $4, 'mapping', $5, '2026-11-01T00:00:00Z'::timestamptz + $2::bigint * interval '1 day', $6)`,
          [stream, record, model, field, reason, dismissed ? { by: "ana", as: "x" } : null],
        );
      }
      const list = async (filter: Parameters<typeof listRejectionsBy>[1]) => {
        const { rejections, count } = await listRejectionsBy(database, filter);
        return [rejections.map(({ recordId }) => recordId), count];
      };
      expect(await list({})).to.deep.equal([[3, 1], 2]);
      expect(await list({ dismissed: true })).to.deep.equal([[3, 2, 1], 3]);
      expect(await list({ dismissed: true, sort: "record" })).to.deep.equal([[1, 3, 2], 3]);
      expect(await list({ limit: 1 })).to.deep.equal([[3], 2]);
      expect(await list({ reason: odd.toUpperCase(), dismissed: true })).to.deep.equal([[3], 1]);
      expect(await list({ reason: "a_b", dismissed: true })).to.deep.equal([[3], 1]);
      expect(await list({ reason: "50%", dismissed: true })).to.deep.equal([[3], 1]);
      expect(await list({ field: "custom.Tier?" })).to.deep.equal([[3], 1]);
      expect(await list({ field: "custom.Tier? or true" })).to.deep.equal([[], 0]);
      expect(await list({ stream: "deals", model: "sale", record: 1 })).to.deep.equal([[1], 1]);
      expect(await countDismissedBy(database, { stream: "persons" })).to.equal(1);
      expect(await countDismissedBy(database, { stream: "deals" })).to.equal(0);
      const [whole] = (await listRejectionsBy(database, { record: 2, dismissed: true })).rejections;
      expect(whole).to.deep.include({ recordId: 2, dismissed: { by: "ana" }, since: "2026-11-03T00:00:00Z" });
    });

    it("holds: by model, record and field", async () => {
      for (const [model, id, field] of [
        ["company", "7", "city"],
        ["company", "8", "city"],
        ["license", "7", null],
      ] as const) {
        await database.query(
          `insert into connector.holds (model, source_id, field, taken, restored, mapping, run_id)
           values ($1, $2, $3, '"Paris"', 'null', 'x', $4)`,
          [model, id, field, randomUUID()],
        );
      }
      const list = async (filter: Parameters<typeof listHoldsBy>[1]) => {
        const { holds, count } = await listHoldsBy(database, filter);
        return [holds.map(({ model, sourceId }) => `${model} ${sourceId}`), count];
      };
      expect(await list({})).to.deep.equal([["license 7", "company 8", "company 7"], 3]);
      expect(await list({ limit: 1, model: "company" })).to.deep.equal([["company 8"], 2]);
      expect(await list({ record: 7 })).to.deep.equal([["license 7", "company 7"], 2]);
      expect(await list({ field: "city", record: 7 })).to.deep.equal([["company 7"], 1]);
    });

    it("companies: with what belongs to them on either kind of tenant, by its number, and with a row that is kept", async () => {
      for (const [name, deals, items, kept] of [
        ["Alpha", 1, 3, false],
        ["Beta", 2, 0, true],
        ["Gamma", 0, 0, false],
      ] as const) {
        const [company] = await database.query<{ id: string }>(
          "insert into planhat.companies (name, source_id) values ($1, $1) returning id",
          [name],
        );
        for (let number = 1; number <= deals; number++) {
          const record = company!.id + String(number);
          const [row] = await database.query<{ id: string }>(
            "insert into planhat.deals (company_id, source_id) values ($1::bigint, $2) returning id",
            [company!.id, record],
          );
          if (!kept || number > 1) continue;
          await database.query(
            "insert into connector.links (stream, record_id, model, row_id) values ('deals', $1::bigint, 'deal', $2::bigint)",
            [record, row!.id],
          );
          await database.query(
            "insert into connector.kept (stream, record_id, model, reason) values ('deals', $1::bigint, 'deal', 'not_won')",
            [record],
          );
        }
        for (let number = 1; number <= items; number++)
          await database.query("insert into planhat.lineitems (company_id, source_id) values ($1::bigint, $2)", [
            company!.id,
            `${name} ${number}`,
          ]);
      }
      const list = async (filter: Partial<Parameters<typeof listCompanies>[1]>) =>
        (await listCompanies(database, { sort: "name", descending: false, limit: 10, ...filter })).map(
          ({ name, deals, lineitems, licenses }) => `${name} ${deals} ${lineitems} ${licenses}`,
        );
      expect(await list({})).to.deep.equal(["Alpha 1 3 0", "Beta 2 0 0", "Gamma 0 0 0"]);
      expect(await list({ sort: "deals", descending: true })).to.deep.equal([
        "Beta 2 0 0",
        "Alpha 1 3 0",
        "Gamma 0 0 0",
      ]);
      expect(await list({ kept: true })).to.deep.equal(["Beta 2 0 0"]);
      expect(await list({ kept: true, text: "Alpha" })).to.deep.equal([]);
    });
  });
});
