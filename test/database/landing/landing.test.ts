import { expect } from "chai";
import fc from "fast-check";
import type { Database } from "../../../connector/database/database.ts";
import {
  countLanded,
  type IncomingRecord,
  type LandedRecord,
  landRecords,
  markDeleted,
  readLanded,
} from "../../../connector/database/landing/landing.ts";
import type { JsonObject } from "../../../connector/mapping/value.ts";
import { caughtFailure } from "../../caught-failure.ts";
import { eachDatabase } from "../../databases.ts";

const now = "2026-03-01T00:00:00Z";

function incoming(id: number, record: JsonObject, updateTime: string | null = now, deleted = false): IncomingRecord {
  return { id, record, updateTime, deleted };
}

describe("landing records", () => {
  eachDatabase((open) => {
    let database: Database;
    before(async () => {
      database = await open();
    });
    beforeEach(async () => {
      await database.query("truncate pipedrive.deals");
    });

    const land = (...records: IncomingRecord[]) =>
      database.transaction((transaction) => landRecords(transaction, "deals", records, { extractedAt: now }));
    const landed = async (id: number): Promise<LandedRecord | undefined> =>
      (await readLanded(database, "deals", [id]))[0];

    it("says what is new, what changed and what did not", async () => {
      expect(await land(incoming(1, { title: "A" }), incoming(2, { title: "B" }))).to.deep.equal([
        { id: 1, change: "new" },
        { id: 2, change: "new" },
      ]);
      expect(await land(incoming(1, { title: "A" }), incoming(2, { title: "C" }), incoming(3, {}))).to.deep.equal([
        { id: 1, change: "unchanged" },
        { id: 2, change: "changed" },
        { id: 3, change: "new" },
      ]);
    });

    it("gives records back as they came", async () => {
      const record = { title: "A", value: 1.5, update_time: "2026-01-31T10:00:00.25Z" };
      await land(incoming(7, record, record.update_time));
      expect(await landed(7)).to.deep.equal({
        id: 7,
        record,
        updateTime: "2026-01-31T10:00:00.25Z",
        deleted: false,
      });
    });

    it("lands a record's own text where it has one", async () => {
      const record = { title: "Über", list: [1, null] };
      await land({ ...incoming(8, record), bytes: Buffer.from('{"title": "Über", "list": [1, null]}') });
      expect((await landed(8))?.record).to.deep.equal(record);
    });

    it("lands many records' own texts, whatever characters they hold", async () => {
      const titles = ["plain", "Über – 東京 😀", 'a "quote", a \\ and a \n', "tab\tin it", ""];
      const records = Array.from({ length: 250 }, (_, index) => ({ id: 100 + index, title: titles[index % 5]! }));
      const texts = records.map((record, index) => JSON.stringify(record, null, index % 2 === 0 ? 0 : "\t"));
      await land(
        ...records.map((record, index) => ({ ...incoming(record.id, record), bytes: Buffer.from(texts[index]!) })),
      );
      for (const record of records) expect((await landed(record.id))?.record).to.deep.equal(record);
    });

    it("does not rewrite a record that did not change", async () => {
      await land(incoming(1, { a: 1, b: 2 }));
      const version = () => database.query("select xmin, xmax, extracted_at from pipedrive.deals");
      const before = await version();
      await database.transaction((transaction) =>
        landRecords(transaction, "deals", [incoming(1, { b: 2, a: 1 })], { extractedAt: "2030-01-01T00:00:00Z" }),
      );
      expect(await version()).to.deep.equal(before);
    });

    it("takes an absent key for another thing than null", async () => {
      await land(incoming(1, { title: null }));
      expect(await land(incoming(1, {}))).to.deep.equal([{ id: 1, change: "changed" }]);
      expect((await landed(1))?.record).to.deep.equal({});
    });

    it("never replaces a newer record by an older one, and lets the later of two equally old ones win", async () => {
      await land(incoming(1, { title: "new" }, "2026-02-02T00:00:00Z"));
      expect(await land(incoming(1, { title: "old" }, "2026-02-01T23:59:59Z"))).to.deep.equal([
        { id: 1, change: "unchanged" },
      ]);
      expect((await landed(1))?.record).to.deep.equal({ title: "new" });
      expect(await land(incoming(1, { title: "newer" }, "2026-02-02T00:00:00Z"))).to.deep.equal([
        { id: 1, change: "changed" },
      ]);
      expect((await landed(1))?.record).to.deep.equal({ title: "newer" });
    });

    it("takes a record without an update time", async () => {
      await land(incoming(1, { title: "A" }));
      expect(await land(incoming(1, { title: "B" }, null))).to.deep.equal([{ id: 1, change: "changed" }]);
      expect((await landed(1))?.updateTime).to.equal(null);
      expect(await land(incoming(1, { title: "C" }))).to.deep.equal([{ id: 1, change: "changed" }]);
    });

    it("lands the last of several records with one id", async () => {
      expect(await land(incoming(1, { title: "A" }), incoming(2, {}), incoming(1, { title: "B" }))).to.deep.equal([
        { id: 1, change: "new" },
        { id: 2, change: "new" },
      ]);
      expect((await landed(1))?.record).to.deep.equal({ title: "B" });
    });

    it("marks records as deleted, keeps them, and takes the mark back when they come again", async () => {
      await land(incoming(1, { title: "A" }), incoming(2, { title: "B" }));
      expect(await database.transaction((transaction) => markDeleted(transaction, "deals", [1, 99]))).to.deep.equal([
        1,
      ]);
      expect(await database.transaction((transaction) => markDeleted(transaction, "deals", [1]))).to.deep.equal([]);
      expect(await landed(1)).to.deep.include({ record: { title: "A" }, deleted: true });
      expect(await countLanded(database, "deals")).to.deep.equal({ landed: 2, deleted: 1 });
      expect(await land(incoming(1, { title: "A" }))).to.deep.equal([{ id: 1, change: "changed" }]);
      expect((await landed(1))?.deleted).to.equal(false);
    });

    it("sees a record that is newly deleted as changed, once", async () => {
      await land(incoming(1, { title: "A" }));
      expect(await land(incoming(1, { title: "A" }, now, true))).to.deep.equal([{ id: 1, change: "changed" }]);
      expect(await land(incoming(1, { title: "A" }, now, true))).to.deep.equal([{ id: 1, change: "unchanged" }]);
    });

    it("lands many new and known records at once, by COPY and by statement alike", async () => {
      await land(...Array.from({ length: 50 }, (_, id) => incoming(id + 1, { title: "old" })));
      const records = Array.from({ length: 600 }, (_, id) => incoming(id + 1, { title: `\\N\t"${id}"\n`, gone: null }));
      const changes = await land(...records);
      expect(changes.filter(({ change }) => change === "changed")).to.have.length(50);
      expect(changes.filter(({ change }) => change === "new")).to.have.length(550);
      const back = await readLanded(
        database,
        "deals",
        records.map(({ id }) => id),
      );
      expect(back.map(({ record }) => record)).to.deep.equal(records.map(({ record }) => record));
    });

    it("names the record that jsonb cannot store, and lands none of its batch", async () => {
      expect(await caughtFailure(land(incoming(1, {}), incoming(2, { title: "a\0b" })))).to.deep.equal({
        kind: "run",
        message: "The record 2 of deals cannot be landed: it holds a NUL character, which Postgres cannot store.",
        hint: undefined,
      });
      expect(await landed(1)).to.equal(undefined);
    });

    it("keeps any JSON object as it is, null and absent keys apart", async () => {
      const text = fc.string({ unit: "grapheme", maxLength: 12 }).filter((one) => !one.includes("\0"));
      const value = fc.letrec((tie) => ({
        json: fc.oneof(
          { maxDepth: 3 },
          fc.constant(null),
          fc.boolean(),
          fc.integer(),
          text,
          fc.array(tie("json"), { maxLength: 3 }),
          fc.dictionary(text, tie("json"), { maxKeys: 4 }),
        ),
      })).json;
      const record = fc.dictionary(text, value, { maxKeys: 6 }) as fc.Arbitrary<JsonObject>;
      let id = 1000;
      await fc.assert(
        fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 8 }), async (records) => {
          const batch = records.map((one) => incoming(++id, one));
          await land(...batch);
          const back = await readLanded(
            database,
            "deals",
            batch.map((one) => one.id),
          );
          expect(back.map((one) => JSON.parse(JSON.stringify(one.record)))).to.deep.equal(
            JSON.parse(JSON.stringify(records)),
          );
        }),
        { numRuns: 40 },
      );
    });
  });
});
