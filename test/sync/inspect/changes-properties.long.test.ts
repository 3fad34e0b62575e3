import { eachDatabase } from "../../databases.ts";
import { expectChangesToTellAll } from "./changes-properties.ts";

describe("whatever the account, the edits and the mapping", function () {
  this.timeout(3_600_000);
  eachDatabase((open) => {
    it("the changes of a run are all that it wrote into rows, with what stood there before", async () => {
      await expectChangesToTellAll(await open(), Number(process.env["CHANGES_RUNS"] ?? 30));
    });
  });
});
