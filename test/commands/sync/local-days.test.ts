import { expect } from "chai";
import { onServerFirst } from "../../databases.ts";
import { itLong } from "../../long.ts";
import { emptyAccount, sandboxSync, wonDeal } from "../../sandbox-sync.ts";

describe("the day on which a license starts", () => {
  onServerFirst((kind) => {
    it("is the one that the account's clocks showed when the deal was won", async () => {
      const setting = await sandboxSync(kind, { ...emptyAccount, timeZone: "America/Los_Angeles" });
      try {
        const { sandbox } = setting;
        const evening = wonDeal(sandbox, { won_time: "2026-02-01T04:30:00Z" }).dealId;
        const noon = wonDeal(sandbox, { won_time: "2026-02-01T20:00:00Z" }).dealId;
        await setting.sync();
        const rows = await setting.look("select source_id, from_date::text from planhat.licenses order by id");
        expect(rows).to.deep.equal([
          { source_id: String(evening), from_date: "2026-01-31" },
          { source_id: String(noon), from_date: "2026-02-01" },
        ]);
        const { stdout } = await setting.run(["explain", "deals", String(evening)]);
        expect(stdout).to.include("✓ Its start date is 2026-01-31, from local_won_date.\n");
      } finally {
        await setting.close();
      }
    });
  });

  itLong("is so in the mapping that `mapping init` writes", async () => {
    const setting = await sandboxSync("embedded", emptyAccount);
    try {
      const { status, stderr } = await setting.run(["mapping", "init"]);
      expect(status, stderr).to.equal(0);
      setting.configure("mappings: ./mappings\n");
      wonDeal(setting.sandbox, { won_time: "2026-01-31T23:30:00Z" });
      await setting.sync();
      // It is past midnight in Tallinn, where the invented account is located.
      expect(await setting.look("select from_date::text as day from planhat.licenses")).to.deep.equal([
        { day: "2026-02-01" },
      ]);
    } finally {
      await setting.close();
    }
  });
});
