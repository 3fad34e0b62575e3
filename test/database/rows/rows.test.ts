import { randomUUID } from "node:crypto";
import { expect } from "chai";
import fc from "fast-check";
import { modelColumns } from "../../../connector/database/bulk/model-columns.ts";
import type { Database } from "../../../connector/database/database.ts";
import type { RowWrite } from "../../../connector/database/row.ts";
import { deleteRows, parentRowIds } from "../../../connector/database/rows/rows.ts";
import { createRows, storeRows } from "../../../connector/database/rows/store-rows.ts";
import { readRows } from "../../../connector/database/rows/stored-row.ts";
import { countRows } from "../../../connector/database/tables/harm.ts";
import type { Json, JsonObject } from "../../../connector/mapping/value.ts";
import { type ModelName, tableOf } from "../../../connector/model-name.ts";
import { caughtFailure } from "../../caught-failure.ts";
import { eachDatabase } from "../../databases.ts";

const history = { runId: randomUUID(), isKept: true };

/** Enough rows, besides those of a test, to cause storage by COPY. */
const filler: RowWrite[] = Array.from({ length: 2000 }, (_, index) => ({ sourceId: `filler-${index}`, columns: {} }));

interface ExpectedRow {
  columns: Record<string, string | null>;
  custom: Map<string, Json>;
  externalId: string | null;
}

function emptyRow(): ExpectedRow {
  return { columns: {}, custom: new Map(), externalId: null };
}

describe("storing rows", () => {
  eachDatabase((open) => {
    let database: Database;
    before(async () => {
      database = await open();
    });
    beforeEach(async () => {
      await database.query(
        `truncate planhat.companies, planhat.endusers, planhat.notes, planhat.licenses, planhat.sales, planhat.deals,
           planhat.lineitems restart identity`,
      );
    });

    const store = (model: ModelName, ...writes: RowWrite[]) =>
      database.transaction((transaction) => storeRows(transaction, history, model, writes));
    const read = async (model: ModelName, sourceId: string) => (await readRows(database, model, [sourceId]))[0];

    for (const way of ["one statement", "COPY"] as const) {
      const more = way === "COPY" ? filler : [];
      const storeBy = (model: ModelName, ...writes: RowWrite[]) => store(model, ...writes, ...more);

      describe(`by ${way}`, () => {
        it("creates and updates, and says which, with the row's id", async () => {
          const [first] = await storeBy("company", { sourceId: "1", columns: { name: "Acme" } });
          expect(first).to.deep.include({ sourceId: "1", created: true });
          const stored = await storeBy("company", { sourceId: "1", columns: { name: "Acme Inc" } });
          expect(stored.find(({ sourceId }) => sourceId === "1")).to.deep.equal({ ...first, created: false });
          expect((await read("company", "1"))?.columns["name"]).to.equal("Acme Inc");
        });

        it("leaves an absent column alone and makes a null one NULL, whatever other rows bring", async () => {
          await storeBy(
            "company",
            { sourceId: "1", columns: { name: "A", city: "Oslo", phase: "p" } },
            { sourceId: "2", columns: { name: "B", city: "Bergen", phase: "q" } },
          );
          await storeBy(
            "company",
            { sourceId: "1", columns: { city: null } },
            { sourceId: "2", columns: { name: "B2" } },
            { sourceId: "3", columns: { phase: "r" } },
          );
          expect((await read("company", "1"))?.columns).to.deep.include({ name: "A", city: null, phase: "p" });
          expect((await read("company", "2"))?.columns).to.deep.include({ name: "B2", city: "Bergen", phase: "q" });
          expect((await read("company", "3"))?.columns).to.deep.include({ name: null, city: null, phase: "r" });
        });

        it("merges custom fields key by key; null stays a JSON null", async () => {
          await storeBy("company", { sourceId: "1", columns: {}, custom: { Tier: "Gold", Size: 5, List: [1, 2] } });
          await storeBy("company", { sourceId: "1", columns: {}, custom: { Tier: null, New: true, List: [2] } });
          await storeBy("company", { sourceId: "1", columns: { name: "A" } });
          expect((await read("company", "1"))?.custom).to.deep.equal({ Tier: null, Size: 5, New: true, List: [2] });
        });

        it("does not write a row that would not change", async () => {
          const write = { sourceId: "1", columns: { name: "A", tags: '["x"]' }, custom: { a: { b: null } } };
          await storeBy("company", write);
          const version = () => database.query("select xmin, updated_at from planhat.companies order by id");
          const before = await version();
          await storeBy("company", write, { sourceId: "1", columns: {} });
          expect(await version()).to.deep.equal(before);
        });

        it("keeps every type of column in its canonical text", async () => {
          const columns = {
            currency: "EUR",
            from_date: "2026-01-31",
            fixed_period: "true",
            auto_renews: "false",
            value: "123456789012345678901234567890.12",
            mrr: "100",
            renewal_period: "-12",
          };
          await storeBy("license", { sourceId: "1", columns: { ...columns, value: `${columns.value}000` } });
          expect((await read("license", "1"))?.columns).to.deep.include(columns);
          const note = { date: "2026-01-31T10:00:00.5Z", users: '[{"id": 1.50}, null]' };
          await storeBy(
            "note",
            { sourceId: "1", columns: note },
            { sourceId: "2", columns: { date: "1970-01-01T00:00:00Z" } },
          );
          expect((await read("note", "1"))?.columns).to.deep.include(note);
          expect((await read("note", "2"))?.columns["date"]).to.equal("1970-01-01T00:00:00Z");
        });

        it("keeps any text: backslashes, tabs, newlines, \\N, quotes, emoji, emptiness", async () => {
          const texts = [
            "",
            "\\N",
            "\\",
            "a\tb\nc\rd",
            "\\.",
            "\"quoted\" 'text'",
            "👩‍👩‍👧 Ünïcödé",
            "{}",
            "null",
            " ",
          ];
          await storeBy(
            "company",
            ...texts.map((text, index) => ({
              sourceId: `${index}`,
              columns: { name: text },
              custom: { [text]: text },
            })),
          );
          for (const [index, text] of texts.entries()) {
            expect(await read("company", `${index}`)).to.deep.include({ custom: { [text]: text } });
            expect((await read("company", `${index}`))?.columns["name"]).to.equal(text);
          }
        });

        it("sets company and external id, and leaves them alone where they are absent", async () => {
          const [company] = await store("company", { sourceId: "1", columns: {} });
          const keys = { companyId: company!.id, externalId: "pipedrive-note-1" };
          await storeBy("note", { sourceId: "1", columns: {}, ...keys });
          await storeBy("note", { sourceId: "1", columns: { subject: "s" } });
          expect(await read("note", "1")).to.deep.include(keys);
          await storeBy("note", { sourceId: "1", columns: {}, externalId: null, companyId: null });
          expect(await read("note", "1")).to.deep.include({ externalId: null, companyId: null });
        });

        it("merges two writes of one row, the later over the earlier", async () => {
          const stored = await storeBy(
            "company",
            { sourceId: "1", columns: { name: "A", city: "Oslo" }, custom: { a: 1, b: 1 } },
            { sourceId: "1", columns: { name: "B" }, custom: { b: 2 } },
          );
          expect(stored.filter(({ sourceId }) => sourceId === "1")).to.have.length(1);
          const row = await read("company", "1");
          expect(row?.columns).to.deep.include({ name: "B", city: "Oslo" });
          expect(row?.custom).to.deep.equal({ a: 1, b: 2 });
        });

        it("names row and column of what Postgres cannot store, before anything is sent", async () => {
          expect(await caughtFailure(storeBy("company", { sourceId: "17", columns: { city: "a\0b" } }))).to.deep.equal({
            kind: "run",
            message: 'The company "17" cannot be stored: its city holds a NUL character, which Postgres cannot store.',
            hint: undefined,
          });
          expect(
            await caughtFailure(storeBy("company", { sourceId: "17", columns: {}, custom: { a: ["\ud800"] } })),
          ).to.deep.include({
            message:
              'The company "17" cannot be stored: its custom holds half of a surrogate pair, which UTF-8 cannot hold.',
          });
          expect(
            await caughtFailure(storeBy("company", { sourceId: "17", columns: { tags: '["a"],"k":1' } })),
          ).to.deep.include({ message: 'The company "17" cannot be stored: its tags is not JSON.' });
        });
      });
    }

    it("reads a row with all that it has", async () => {
      const [{ id } = { id: "" }] = await store("company", { sourceId: "1", externalId: "e", columns: { name: "A" } });
      const row = await read("company", "1");
      expect(row).to.deep.include({ id, sourceId: "1", externalId: "e", companyId: null, custom: {} });
      expect(row?.updatedAt).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
      expect(Object.keys(row?.columns ?? {})).to.deep.equal(modelColumns.company.map(({ name }) => name));
      expect(await parentRowIds(database, "company", ["1", "2"])).to.deep.equal(new Map([["1", id]]));
    });

    it("creates rows in one go, and merges those that somebody else made meanwhile", async () => {
      const own = [5101, 5102, 5103].map((id) => ({ sourceId: String(id), columns: { name: `N${id}`, zip: null } }));
      await database.query("insert into planhat.companies (source_id, name, city) values ('5102', 'By hand', 'Oslo')");
      const created = await database.transaction((transaction) => createRows(transaction, history, "company", own));
      expect(created.map((row) => [row.sourceId, row.created])).to.have.deep.members([
        ["5101", true],
        ["5103", true],
        ["5102", false],
      ]);
      const rows = await database.query(
        "select id, source_id, name, city from planhat.companies where source_id like '510_' order by source_id",
      );
      expect(rows.map(({ name, city }) => [name, city])).to.deep.equal([
        ["N5101", null],
        ["N5102", "Oslo"],
        ["N5103", null],
      ]);
      const idOf = new Map(created.map(({ sourceId, id }) => [sourceId, id]));
      for (const row of rows) expect(idOf.get(row["source_id"] as string)).to.equal(row["id"]);
    });

    it("removes rows by source id", async () => {
      await store("license", { sourceId: "1", columns: {} }, { sourceId: "2", columns: {} });
      expect(
        await database.transaction((transaction) =>
          deleteRows(transaction, history, "license", [{ sourceId: "1" }, { sourceId: "3" }]),
        ),
      ).to.equal(1);
      expect(await countRows(database, "license")).to.equal(1);
    });

    it("moves updated_at with every change, by hand too", async () => {
      await store("company", { sourceId: "1", columns: { name: "A" } });
      await database.query("alter table planhat.companies disable trigger user");
      await database.query("update planhat.companies set updated_at = '2020-01-01'");
      await database.query("alter table planhat.companies enable trigger user");
      await database.query("update planhat.companies set city = 'Oslo'");
      expect(Number((await read("company", "1"))?.updatedAt.slice(0, 4))).to.be.above(2020);
    });

    it("refuses a column that the model does not have", async () => {
      const failing = store("sale", { sourceId: "1", columns: { nonsense: "x" } });
      expect(await failing.catch((error: Error) => error.message)).to.equal("The model sale has no column nonsense.");
    });

    it("keeps a table's columns and its rows of other models apart", async () => {
      await store("sale", { sourceId: "1", columns: { value: "5" } });
      expect(await read("license", "1")).to.equal(undefined);
      expect(await database.query(`select value from planhat.${tableOf.sale}`)).to.deep.equal([{ value: "5" }]);
    });

    /** The three states of each field, over several batches; the expected row is computed case by case. */
    const text = fc.string({ unit: "grapheme", maxLength: 8 }).filter((one) => !one.includes("\0"));
    const columns = fc.record(
      {
        currency: fc.option(text),
        product: fc.option(text),
        from_date: fc.option(fc.constantFrom("2026-01-31", "1999-12-31")),
        fixed_period: fc.option(fc.constantFrom("true", "false")),
        value: fc.option(fc.constantFrom("0", "-1.5", "12345678901234567890.123")),
        renewal_period: fc.option(fc.constantFrom("0", "12")),
      },
      { requiredKeys: [] },
    ) as fc.Arbitrary<Record<string, string | null>>;
    const custom = fc.dictionary(text, fc.option(fc.oneof(text, fc.integer(), fc.boolean())), { maxKeys: 3 });
    const write = fc.record(
      { sourceId: fc.constantFrom("1", "2", "3", "4", "5"), columns, custom, externalId: fc.option(text) },
      { requiredKeys: ["sourceId", "columns"] },
    ) as fc.Arbitrary<RowWrite>;
    const batch = fc.uniqueArray(write, { selector: ({ sourceId }) => sourceId, minLength: 1, maxLength: 5 });

    it("never erases a column of one row because another row brings it; null is written, absence is not", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(batch, { minLength: 1, maxLength: 3 }), fc.boolean(), async (batches, bulk) => {
          await database.query("truncate planhat.licenses");
          const expected = new Map<string, ExpectedRow>();
          for (const writes of batches) {
            await store("license", ...writes, ...(bulk ? filler : []));
            for (const { sourceId, columns: brought, custom: fields = {}, externalId } of writes) {
              const row = expected.get(sourceId) ?? emptyRow();
              for (const [name, value] of Object.entries(brought)) row.columns[name] = value;
              for (const [name, value] of Object.entries(fields)) row.custom.set(name, value);
              if (externalId !== undefined) row.externalId = externalId;
              expected.set(sourceId, row);
            }
          }
          for (const row of await readRows(database, "license", [...expected.keys()])) {
            const { columns: held, custom: fields, externalId } = expected.get(row.sourceId)!;
            for (const { name } of modelColumns.license) expect(row.columns[name], name).to.equal(held[name] ?? null);
            expect(new Map(Object.entries(row.custom as JsonObject))).to.deep.equal(fields);
            expect(row.externalId).to.equal(externalId);
          }
        }),
        { numRuns: 40 },
      );
    });

    it("keeps random text in columns and custom fields", async () => {
      const any = fc.string({ unit: "binary", maxLength: 30 }).filter((one) => !one.includes("\0"));
      await fc.assert(
        fc.asyncProperty(fc.array(any, { minLength: 1, maxLength: 20 }), fc.boolean(), async (texts, bulk) => {
          const writes = texts.map((one, index) => ({ sourceId: `${index}`, columns: { name: one }, custom: { one } }));
          await store("company", ...writes, ...(bulk ? filler : []));
          const rows = new Map(
            (
              await readRows(
                database,
                "company",
                writes.map(({ sourceId }) => sourceId),
              )
            ).map((row) => [row.sourceId, row]),
          );
          for (const [index, one] of texts.entries()) {
            expect(rows.get(`${index}`)?.columns["name"]).to.equal(one);
            expect(rows.get(`${index}`)?.custom).to.deep.equal({ one });
          }
        }),
        { numRuns: 30 },
      );
    });
  });

  eachDatabase((open, kind) => {
    if (kind !== "server") return;
    it("keeps what someone changes by hand in another column meanwhile", async () => {
      const database = await open();
      await database.transaction((transaction) =>
        storeRows(transaction, history, "company", [{ sourceId: "1", columns: { name: "A", city: "Oslo" } }]),
      );
      let edited = () => {};
      let finish = () => {};
      const isEdited = new Promise<void>((resolve) => {
        edited = resolve;
      });
      const mayFinish = new Promise<void>((resolve) => {
        finish = resolve;
      });
      const byHand = database.transaction(async (transaction) => {
        await transaction.query("update planhat.companies set city = 'Bergen' where source_id = '1'");
        edited();
        await mayFinish;
      });
      await isEdited;
      const storing = database.transaction((transaction) =>
        storeRows(transaction, history, "company", [{ sourceId: "1", columns: { name: "B" } }]),
      );
      const waiting = "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
      while ((await database.query(waiting)).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
      finish();
      await Promise.all([byHand, storing]);
      const [row] = await readRows(database, "company", ["1"]);
      expect(row?.columns).to.deep.include({ name: "B", city: "Bergen" });
    });
  });
});
