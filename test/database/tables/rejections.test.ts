import { randomUUID } from "node:crypto";
import { expect } from "chai";
import type { Database, Transaction } from "../../../connector/database/database.ts";
import {
  clearLandingRejections,
  countRejections,
  listRejections,
  type NewRejection,
  rejectedAmong,
  rejectedRecord,
  rejectUnlanded,
  replaceRejections,
  waitingFor,
} from "../../../connector/database/tables/rejections.ts";
import { EMPTY, NULL, present } from "../../../connector/mapping/value.ts";
import { eachDatabase } from "../../databases.ts";

const run = randomUUID();

function rejection(recordId: number, field: string | null, reason: string, rest: Partial<NewRejection> = {}) {
  return { recordId, model: "license" as const, field, stage: "mapping", reason, ...rest };
}

describe("rejections", () => {
  eachDatabase((open) => {
    let database: Database;
    before(async () => {
      database = await open();
    });
    beforeEach(async () => {
      await database.query("truncate connector.rejections");
    });
    const within = <Result>(work: (transaction: Transaction) => Promise<Result>) => database.transaction(work);
    const replace = (recordIds: number[], rejections: NewRejection[], runId = run) =>
      within((transaction) => replaceRejections(transaction, { runId, stream: "deals" }, recordIds, rejections));
    const listed = async () =>
      (await listRejections(database)).map(({ recordId, field, reason }) => [recordId, field, reason]).sort();

    it("tell which field of which record was refused, with the value as it came", async () => {
      await replace([1], [rejection(1, "value", "it is too large", { value: present({ amount: "1\0" }) })]);
      const [only] = await listRejections(database);
      expect(only).to.deep.include({
        stream: "deals",
        recordId: 1,
        model: "license",
        field: "value",
        stage: "mapping",
        reason: "it is too large",
        value: { amount: "1\0" },
        waitingFor: null,
        runId: run,
      });
      expect(only?.since).to.match(/^\d{4}-.*Z$/);
    });

    it("tell a value that was null from one that was empty", async () => {
      await replace([1], [rejection(1, "a", "null", { value: NULL }), rejection(1, "b", "empty", { value: EMPTY })]);
      const values = await database.query(
        "select field, value::text as value from connector.rejections order by field",
      );
      expect(values).to.deep.equal([
        { field: "a", value: "null" },
        { field: "b", value: null },
      ]);
    });

    it("of a record are replaced by what is wrong with it now; what stays wrong keeps its id and its first time", async () => {
      await replace([1, 2], [rejection(1, "value", "old"), rejection(1, "mrr", "old"), rejection(2, null, "other")]);
      await database.query("update connector.rejections set since = '2020-01-01'");
      const [{ id } = { id: "" }] = (await listRejections(database)).filter(({ field }) => field === "value");
      const next = randomUUID();
      await replace([1], [rejection(1, "value", "new"), rejection(1, null, "whole")], next);
      expect(await listed()).to.deep.equal([
        [1, null, "whole"],
        [1, "value", "new"],
        [2, null, "other"],
      ]);
      const [kept] = (await listRejections(database)).filter(({ field }) => field === "value");
      expect(kept).to.deep.include({ id, since: "2020-01-01T00:00:00Z", runId: next });
      await replace([1, 2], []);
      expect(await countRejections(database)).to.equal(0);
    });

    it("keep a record that could not be landed whole, NUL characters and long numbers included", async () => {
      const text = '{"id": 5, "title": "a\\u0000b\\ud800", "value": 123456789012345678901234567890.10, "id": 6}';
      await within((transaction) =>
        rejectUnlanded(transaction, run, "deals", [{ id: 5, text, reason: "title holds \0" }]),
      );
      const [only] = await listRejections(database);
      expect(only).to.deep.include({ recordId: 5, stage: "record", reason: "title holds \\u0000", value: null });
      expect(await rejectedRecord(database, only!.id)).to.equal(text);
    });

    it("keep text that is no JSON as well", async () => {
      await within((transaction) =>
        rejectUnlanded(transaction, run, "deals", [{ id: null, text: '{"id": 5, "ti', reason: "it is cut off" }]),
      );
      const [only] = await listRejections(database);
      expect(JSON.parse((await rejectedRecord(database, only!.id))!)).to.equal('{"id": 5, "ti');
    });

    it("keep every record without an id, and each once", async () => {
      const records = ['{"a":1}', '{"a":2}', '{"a":2}'].map((text) => ({ id: null, text, reason: "it has no id" }));
      for (let time = 0; time < 2; time++) {
        await within((transaction) => rejectUnlanded(transaction, run, "deals", records));
        expect(await countRejections(database)).to.equal(2);
      }
    });

    it("of landing are cleared by landing, and not by mapping", async () => {
      await within((transaction) =>
        rejectUnlanded(transaction, run, "deals", [
          { id: 1, text: "{}", reason: "broken" },
          { id: 2, text: "{}", reason: "broken" },
        ]),
      );
      await replace([1], [rejection(1, null, "no company")]);
      expect(await listed()).to.deep.equal([
        [1, null, "broken"],
        [1, null, "no company"],
        [2, null, "broken"],
      ]);
      await within((transaction) => clearLandingRejections(transaction, "deals", [1]));
      expect(await listed()).to.deep.equal([
        [1, null, "no company"],
        [2, null, "broken"],
      ]);
      await replace([1, 2], []);
      expect(await listed()).to.deep.equal([[2, null, "broken"]]);
    });

    it("tell which records have one, and which organizations rows wait for", async () => {
      await replace(
        [1, 2],
        [rejection(1, null, "no company", { waitingFor: 77, stage: "company" }), rejection(2, "a", "b")],
      );
      expect(await rejectedAmong(database, "deals", [3, 2, 1])).to.deep.equal([1, 2]);
      expect(await rejectedAmong(database, "notes", [1])).to.deep.equal([]);
      expect(await waitingFor(database, [76, 77])).to.deep.equal([77]);
      expect(await waitingFor(database, [])).to.deep.equal([]);
    });

    it("are listed the newest first, by stream, record or id, up to a number", async () => {
      await replace([1], [rejection(1, "a", "first")]);
      await database.query("update connector.rejections set since = '2020-01-01'");
      await replace([2], [rejection(2, "a", "second")]);
      const all = await listRejections(database);
      expect(all.map(({ reason }) => reason)).to.deep.equal(["second", "first"]);
      expect(await listRejections(database, { limit: 1 })).to.deep.equal([all[0]]);
      expect(await listRejections(database, { recordIds: [1] })).to.deep.equal([all[1]]);
      expect(await listRejections(database, { ids: [all[1]!.id] })).to.deep.equal([all[1]]);
      expect(await listRejections(database, { stream: "notes" })).to.deep.equal([]);
    });
  });
});
