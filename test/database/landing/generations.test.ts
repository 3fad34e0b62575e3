import { expect } from "chai";
import {
  hasGeneration,
  markOtherGenerations,
  saveGeneration,
} from "../../../connector/database/landing/generations.ts";
import { landRecords } from "../../../connector/database/landing/landing.ts";
import { eachDatabase } from "../../databases.ts";

describe("generations of a stream", () => {
  eachDatabase((open) => {
    it("mark what came in another one, or in none, and nothing of other streams", async () => {
      const database = await open();
      const record = (id: number) => ({ id, record: { id }, updateTime: null, deleted: false });
      await database.transaction(async (transaction) => {
        for (const stream of ["persons", "notes"] as const) {
          await landRecords(transaction, stream, [1, 2, 3, 4].map(record), { extractedAt: "2026-01-01T00:00:00Z" });
        }
        await saveGeneration(transaction, "persons", 1, [1, 2, 3]);
        await saveGeneration(transaction, "persons", 2, [2, 3, 3]);
        await saveGeneration(transaction, "notes", 2, [1]);
      });
      expect(await hasGeneration(database, "persons", 2)).to.equal(true);
      expect(await hasGeneration(database, "persons", 3)).to.equal(false);
      const marked = await database.transaction((transaction) => markOtherGenerations(transaction, "persons", 2));
      expect(marked.sort()).to.deep.equal([1, 4]);
      const alive = (stream: string) =>
        database.query(`select id from pipedrive.${stream} where not deleted order by id`);
      expect(await alive("persons")).to.deep.equal([{ id: "2" }, { id: "3" }]);
      expect(await alive("notes")).to.have.length(4);
      expect(
        await database.transaction((transaction) => markOtherGenerations(transaction, "persons", 2)),
      ).to.deep.equal([]);
    });
  });
});
