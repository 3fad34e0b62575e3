import { randomUUID } from "node:crypto";
import { expect } from "chai";
import type { Database } from "../../../connector/database/database.ts";
import {
  countChanges,
  type NewChange,
  readChanges,
  readRowChanges,
  storeChanges,
} from "../../../connector/database/history/changes.ts";
import { pruneChanges } from "../../../connector/database/history/prune-changes.ts";
import { startRun } from "../../../connector/database/tables/runs.ts";
import { eachDatabase } from "../../databases.ts";

describe("changes", () => {
  eachDatabase((open) => {
    let database: Database;
    before(async () => {
      database = await open();
    });

    const keep = (runId: string, changes: readonly NewChange[]) =>
      database.transaction((transaction) => storeChanges(transaction, runId, changes));

    it("a run's changes come back whole, in their order or the other way round", async () => {
      const run = randomUUID();
      await keep(run, [
        { action: "create", model: "note", sourceId: null, rowId: "11", lastRowId: "15" },
        {
          action: "update",
          model: "company",
          sourceId: "7",
          rowId: "3",
          before: { name: "Old", "custom.Tier": null, mrr: "12345678901234567890.5" },
          after: { name: null, "custom.Tier": ["A"], mrr: 0.1 },
          because: { deals: [1, 2], mapping: true },
        },
        { action: "send", model: "company", sourceId: null, rowId: "9007199254740993" },
      ]);
      const [created, updated, sent] = await readChanges(database, run, { most: 10 });
      expect(created).to.deep.include({ runId: run, action: "create", model: "note", sourceId: null, before: null });
      expect(created).to.deep.include({ rowId: "11", lastRowId: "15", after: null, because: null });
      expect(updated).to.deep.include({ action: "update", sourceId: "7", rowId: "3", lastRowId: null });
      expect(updated!.before).to.deep.equal({ name: "Old", "custom.Tier": null, mrr: "12345678901234567890.5" });
      expect(updated!.after).to.deep.equal({ name: null, "custom.Tier": ["A"], mrr: 0.1 });
      expect(updated!.because).to.deep.equal({ deals: [1, 2], mapping: true });
      expect(sent).to.deep.include({ action: "send", sourceId: null, rowId: "9007199254740993" });
      expect(updated!.at).to.match(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
      const backwards = await readChanges(database, run, { most: 2, newestFirst: true });
      expect(backwards).to.deep.equal([sent, updated]);
      const next = await readChanges(database, run, { most: 2, newestFirst: true, after: updated!.id });
      expect(next).to.deep.equal([created]);
      expect(await countChanges(database, run)).to.deep.equal([
        { model: "company", action: "send", count: 1 },
        { model: "company", action: "update", count: 1 },
        { model: "note", action: "create", count: 5 },
      ]);
    });

    it("a row's story has its own changes, and the creations that its ids lie in", async () => {
      const run = randomUUID();
      const range = (rowId: string, lastRowId: string): NewChange => {
        return { action: "create", model: "license", sourceId: null, rowId, lastRowId };
      };
      await keep(run, [
        range("1", "10"),
        range("13", "20"),
        { action: "create", model: "license", sourceId: null, rowId: "11" },
        { action: "update", model: "license", sourceId: null, rowId: "6" },
        { action: "update", model: "license", sourceId: "50", rowId: "8" },
        { action: "remove", model: "license", sourceId: "50", rowId: "8" },
        { action: "create", model: "sale", sourceId: "50", rowId: "1" },
      ]);
      const story = async (sourceId: string, rowIds: string[]) =>
        (await readRowChanges(database, "license", sourceId, rowIds)).map((one) => `${one.action} ${one.rowId}`);
      expect(await story("50", ["8"])).to.deep.equal(["create 1", "update 8", "remove 8"]);
      expect(await story("50", ["8", "14"])).to.deep.equal(["create 1", "create 13", "update 8", "remove 8"]);
      expect(await story("51", ["11"])).to.deep.equal(["create 11"]);
      expect(await story("51", ["6"])).to.deep.equal(["create 1", "update 6"]);
      expect(await story("51", ["12", "21", "0"])).to.deep.equal([]);
    });

    it("what is older than it is kept goes in pieces, and its run is marked", async () => {
      await database.query("truncate connector.changes");
      const [old, young] = [randomUUID(), randomUUID()];
      for (const id of [old, young])
        await database.transaction((transaction) => startRun(transaction, id, "full", { changesKept: true }));
      const change: NewChange = { action: "update", model: "note", sourceId: "1", rowId: "1" };
      await keep(old, [change, change, change, change, change]);
      await database.query("update connector.changes set at = now() - interval '91 days'");
      await keep(young, [change]);
      const kept = async () =>
        (
          await database.query<{ kept: string }>("select changes_kept as kept from connector.runs where id = $1", [old])
        )[0];
      expect(await pruneChanges(database, 92, { atOnce: 2 })).to.equal(0);
      expect(await kept()).to.deep.equal({ kept: "all" });
      expect(await pruneChanges(database, 90, { atOnce: 2, milliseconds: 0 })).to.equal(2);
      expect(await kept()).to.deep.equal({ kept: "pruned" });
      expect(await pruneChanges(database, 90, { atOnce: 2 })).to.equal(3);
      expect(await readChanges(database, old, { most: 9 })).to.deep.equal([]);
      expect(await readChanges(database, young, { most: 9 })).to.have.length(1);
    });
  });
});
