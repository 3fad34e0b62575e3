import { expect } from "chai";
import type { Database } from "../../../connector/database/database.ts";
import { bookmarkTimes, readBookmark, saveBookmark } from "../../../connector/database/tables/bookmarks.ts";
import { eachDatabase } from "../../databases.ts";

describe("bookmarks", () => {
  eachDatabase((open) => {
    let database: Database;
    before(async () => {
      database = await open();
    });

    it("are absent for a stream that was never read", async () => {
      expect(await readBookmark(database, "notes")).to.equal(undefined);
    });

    it("keep the last state saved, null and absent keys apart", async () => {
      await database.transaction((transaction) => saveBookmark(transaction, "deals", { page: 1 }));
      await database.transaction((transaction) => saveBookmark(transaction, "deals", { page: 2, cursor: null }));
      expect(await readBookmark(database, "deals")).to.deep.equal({ page: 2, cursor: null });
    });

    it("are rolled back with the records that they cover", async () => {
      const failing = database.transaction(async (transaction) => {
        await saveBookmark(transaction, "persons", { page: 1 });
        throw new Error("the records were refused");
      });
      expect(await failing.catch((error: Error) => error.message)).to.equal("the records were refused");
      expect(await readBookmark(database, "persons")).to.equal(undefined);
    });

    it("know when they were saved", async () => {
      await database.transaction((transaction) => saveBookmark(transaction, "organizations", {}));
      expect((await bookmarkTimes(database)).get("organizations")).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    });
  });
});
