import { expect } from "chai";
import { openDatabase } from "../../../connector/database/open/open-database.ts";
import { caughtFailure } from "../../caught-failure.ts";
import { migratedLocation, removeLocation } from "../../databases.ts";
import { fillDisk } from "../../faults/full-disk.ts";
import { type SandboxSync, sandboxSync } from "../../sandbox-sync.ts";

const hint = "Make room and run it again; committed work is kept.";

describe("a full disk under an embedded database", function () {
  this.timeout(240_000);

  for (const kind of ["growing", "every"] as const) {
    it(`is told as such, at a statement, at a commit and at the start, and what was committed is there (it refuses ${kind === "every" ? "every write" : "what makes files longer"})`, async () => {
      const location = await migratedLocation("embedded");
      const told = { kind: "surroundings", message: `The disk with the database folder ${location} is full.`, hint };
      const insert = (key: string, size: number) => (sql: { query(text: string): Promise<unknown> }) =>
        sql.query(`insert into connector.catalog (key, value) values ('${key}', to_jsonb(repeat('${key}', ${size})))`);
      try {
        const database = await openDatabase(location);
        await insert("a", 1)(database);
        const disk = fillDisk(kind, 0);
        try {
          // Ten segments of Postgres's log and some hundred pages.
          const large = async () => {
            for (let number = 0; number < 300; number++) {
              await database.transaction(async (transaction) => {
                await insert(`b${number}`, 1)(transaction);
                await transaction.query("select pg_logical_emit_message(false, 'x', repeat('y', 1000000))");
              });
            }
          };
          expect(await caughtFailure(large())).to.deep.equal(told);
          expect(disk.refused()).to.be.greaterThan(0);
          await database.close();
          if (kind === "every") expect(await caughtFailure(openDatabase(location))).to.deep.equal(told);
        } finally {
          disk.makeRoom();
        }
        const again = await openDatabase(location);
        const [found] = await again.query<{ value: string }>("select value from connector.catalog where key = 'a'");
        expect(found?.value).to.equal("a");
        await again.close();
      } finally {
        await removeLocation(location);
      }
    });
  }
});

describe("sync on a disk that is full", function () {
  this.timeout(240_000);
  let setting: SandboxSync;
  before(async () => {
    setting = await sandboxSync("embedded");
  });
  after(() => setting.close());

  it("ends with exit 3 and what to do, and the next one does the rest", async () => {
    for (const full of ["growing 0", "every 0", "every 150"]) {
      const { status, stderr } = await setting.run(["sync"], undefined, {
        FULL_DISK: full,
        NODE_OPTIONS: `--import ${import.meta.resolve("../../faults/full-disk-writes.mjs")}`,
      });
      expect(status, `${full}: ${stderr}`).to.equal(3);
      expect(stderr, `${full}: ${stderr}`).to.contain(
        `The disk with the database folder ${setting.location} is full.\n${hint}`,
      );
    }
    const { models } = await setting.sync();
    expect(models.license.created + models.license.updated + models.license.unchanged).to.be.greaterThan(0);
  });
});
