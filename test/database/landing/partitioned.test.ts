import { expect } from "chai";
import { onServerFirst } from "../../databases.ts";
import { everything } from "../../everything.ts";
import { fencedBlocks } from "../../fenced-blocks.ts";
import { sandboxSync } from "../../sandbox-sync.ts";

onServerFirst((kind) => {
  describe("a landing that a user has partitioned as docs/scale.md says", function () {
    this.timeout(240_000);

    it("holds what a plain one holds, through first, incremental and full syncs, remap and audit", async () => {
      const plain = await sandboxSync(kind);
      const partitioned = await sandboxSync(kind, {}, plain.sandbox);
      try {
        const block = fencedBlocks("scale.md").find(({ language }) => language === "sql")!;
        await partitioned.look(block.text);
        const both = async (...args: string[]) => {
          for (const one of [plain, partitioned]) {
            const { status, stderr } = await one.run(args);
            expect(status, `${args.join(" ")}: ${stderr}`).to.equal(0);
          }
          expect(await everything(partitioned), args.join(" ")).to.deep.equal(await everything(plain));
        };
        await both("sync");
        const [parts] = await partitioned.look<{ count: number }>(
          "select count(distinct tableoid)::int as count from pipedrive.deals",
        );
        expect(parts!.count).to.be.greaterThan(1);
        const { store } = plain.sandbox;
        const [won] = store.find("deals", (deal) => deal.status === "won" && !deal.deleted);
        store.update("deals", won!["id"] as number, { title: "Renamed", value: 77 });
        await both("sync");
        await both("sync", "--full");
        await both("remap");
        await both("audit");
      } finally {
        await partitioned.close();
        await plain.close();
      }
    });
  });
});
