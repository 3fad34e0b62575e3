import { expect } from "chai";
import type { Database } from "../../../connector/database/database.ts";
import { rehearse } from "../../../connector/database/rehearsal/rehearse.ts";
import { eachDatabase } from "../../databases.ts";

async function messageOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "nothing was thrown",
    (error: Error) => error.message,
  );
}

describe("a rehearsal", () => {
  eachDatabase((open, kind) => {
    let database: Database;
    before(async () => {
      database = await open();
      await database.query("insert into planhat.companies (source_id) values ('1')");
    });
    const add = (name: string) => `insert into planhat.companies (source_id) values ('${name}') returning id`;
    const names = async (from: Pick<Database, "query">) =>
      (await from.query<{ source_id: string }>("select source_id from planhat.companies order by id")).map(
        ({ source_id }) => source_id,
      );

    it("returns what its work does, and nothing stays of what it wrote", async () => {
      const seen = await rehearse(database, async (rehearsal) => {
        expect([rehearsal.kind, rehearsal.location, rehearsal.rehearsal]).to.deep.equal([
          kind,
          database.location,
          true,
        ]);
        await rehearsal.query(add("2"));
        await rehearsal.transaction(async (transaction) => {
          await transaction.query(add("3"));
          await transaction.copyIn("copy planhat.companies (source_id) from stdin", ["4\n"]);
        });
        await rehearsal.query("create table planhat.more ()");
        return names(rehearsal);
      });
      expect(seen).to.deep.equal(["1", "2", "3", "4"]);
      expect(await names(database)).to.deep.equal(["1"]);
      expect(await database.query("select to_regclass('planhat.more') as more")).to.deep.equal([{ more: null }]);
      expect(database.rehearsal).to.equal(false);
    });

    it("throws what its work throws, and nothing stays either", async () => {
      const failing = rehearse(database, async (rehearsal) => {
        await rehearsal.query(add("2"));
        throw new Error("a fault of the work");
      });
      expect(await messageOf(failing)).to.equal("a fault of the work");
      expect(await names(database)).to.deep.equal(["1"]);
    });

    it("gives back the numbers drawn from sequences, of tables without rows too", async () => {
      const draw = async (from: Pick<Database, "query">) => [
        (await from.query<{ id: string }>(add("5")))[0]!.id,
        (await from.query<{ id: string }>("insert into planhat.sales (source_id) values ('5') returning id"))[0]!.id,
      ];
      const rehearsed = await rehearse(database, draw);
      expect(await rehearse(database, draw)).to.deep.equal(rehearsed);
      expect(await draw(database)).to.deep.equal(rehearsed);
      expect(rehearsed).to.deep.equal(["2", "1"]);
      await database.query("delete from planhat.companies where source_id = '5'");
      await database.query("delete from planhat.sales");
    });

    it("undoes one transaction in it alone when that fails, whoever catches the error", async () => {
      const seen = await rehearse(database, async (rehearsal) => {
        await rehearsal.query(add("2"));
        const thrown = await messageOf(
          rehearsal.transaction(async (transaction) => {
            await transaction.query(add("3"));
            throw new Error("undo this");
          }),
        );
        const swallowed = await messageOf(
          rehearsal.transaction(async (transaction) => {
            await transaction.query(add("4"));
            await transaction.query("select 1 / 0").catch(() => undefined);
          }),
        );
        const statement = await messageOf(rehearsal.query("select 1 / 0"));
        return { thrown, swallowed, statement, names: await names(rehearsal) };
      });
      expect(seen).to.deep.equal({
        thrown: "undo this",
        swallowed: "division by zero",
        statement: "division by zero",
        names: ["1", "2"],
      });
      expect(await names(database)).to.deep.equal(["1"]);
    });

    it("lets a statement beside an open transaction wait for its end, so neither undoes a part of the other", async () => {
      const seen = await rehearse(database, async (rehearsal) => {
        const failing = rehearsal.transaction(async (transaction) => {
          await transaction.query(add("2"));
          await new Promise((resolve) => setTimeout(resolve, 20));
          await transaction.query(add("3"));
          throw new Error("undo this");
        });
        const beside = rehearsal.query(add("4"));
        await failing.catch(() => undefined);
        await beside;
        return names(rehearsal);
      });
      expect(seen).to.deep.equal(["1", "4"]);
    });

    it("refuses a statement to itself from inside a transaction on it, and one after its end", async () => {
      let kept: Database | undefined;
      await rehearse(database, async (rehearsal) => {
        kept = rehearsal;
        const inside = rehearsal.transaction(() => rehearsal.query("select 1"));
        expect(await messageOf(inside)).to.match(/from inside a transaction on it/);
      });
      expect(await messageOf(kept!.query("select 1"))).to.equal("The rehearsal has ended.");
    });

    it("waits at its end for a statement that nobody waited for", async () => {
      await rehearse(database, async (rehearsal) => void rehearsal.query(add("2")));
      expect(await names(database)).to.deep.equal(["1"]);
    });

    it("takes the real locks", async () => {
      await rehearse(database, async (rehearsal) => {
        const release = await rehearsal.tryLock(77);
        expect(release).to.be.a("function");
        expect(await rehearsal.tryLock(77)).to.equal(undefined);
        await release!();
        expect(await (await rehearsal.tryLock(77))!()).to.equal(undefined);
      });
    });
  });
});
