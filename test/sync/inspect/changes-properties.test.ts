import { expect } from "chai";
import { openDatabase } from "../../../connector/database/open/open-database.ts";
import { migratedLocation, onServerFirst, removeLocation } from "../../databases.ts";
import { expectChangesToTellAll } from "./changes-properties.ts";

describe("the changes of a run", function () {
  this.timeout(600_000);
  onServerFirst((kind) => {
    it("are all that it wrote into rows, with what stood there before", async () => {
      const location = await migratedLocation(kind);
      const database = await openDatabase(location);
      try {
        const kinds = await expectChangesToTellAll(database, 3, 20);
        expect(kinds).to.include.keys("create", "update");
      } finally {
        await database.close();
        await removeLocation(location);
      }
    });
  });
});
