import { expect } from "chai";
import type { Database } from "../../../connector/database/database.ts";
import { eachDatabase } from "../../databases.ts";

/** Returns the message with which the promise is rejected. */
async function messageOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "nothing was thrown",
    (error: Error) => error.message,
  );
}

describe("a database", () => {
  eachDatabase((open, kind) => {
    let database: Database;
    before(async () => {
      database = await open();
      await database.query("create table public.things (id integer primary key, name text)");
    });
    beforeEach(async () => {
      await database.query("truncate public.things");
    });
    const names = async () =>
      (await database.query<{ name: string }>("select name from public.things order by id")).map(({ name }) => name);

    it("gives ids and money as text, JSON parsed, dates and instants as text in UTC", async () => {
      const [row] = await database.query(
        `select 9007199254740993::int8 as id, 1.10::numeric as money, '{"a":null}'::jsonb as jsonb, '[1]'::json as json,
                date '2026-01-31' as day, timestamptz '2026-01-31 12:00:00+02' as instant,
                timestamp '2026-01-31 12:00:00' as local, true as yes, null as nothing, 5::int4 as small,
                array[1::int8] as ids, array[timestamptz '2026-01-31 12:00:00Z'] as instants`,
      );
      expect(row).to.deep.equal({
        id: "9007199254740993",
        money: "1.10",
        jsonb: { a: null },
        json: [1],
        day: "2026-01-31",
        instant: "2026-01-31 10:00:00+00",
        local: "2026-01-31 12:00:00",
        yes: true,
        nothing: null,
        small: 5,
        ids: ["1"],
        instants: ["2026-01-31 12:00:00+00"],
      });
    });

    it("takes parameters of every kind", async () => {
      const [row] = await database.query(
        `select $1::bigint as id, $2::bigint[] as ids, $3::text[] as texts, $4::jsonb as json, $5::text as text,
                $6::boolean as yes, $7::timestamptz as instant, $8::text as nothing`,
        [12, [1, 2], ["a", 'b",{}\\'], JSON.stringify({ a: "?" }), "?", true, "2026-01-31T10:00:00Z", null],
      );
      expect(row).to.deep.equal({
        id: "12",
        ids: ["1", "2"],
        texts: ["a", 'b",{}\\'],
        json: { a: "?" },
        text: "?",
        yes: true,
        instant: "2026-01-31 10:00:00+00",
        nothing: null,
      });
    });

    it("calls itself pipedrive-planhat", async () => {
      if (kind === "embedded") return;
      expect(await database.query("select current_setting('application_name') as name")).to.deep.equal([
        { name: "pipedrive-planhat" },
      ]);
    });

    it("commits what a transaction did, and returns its result", async () => {
      const result = await database.transaction(async (transaction) => {
        await transaction.query("insert into public.things values (1, 'a')");
        return "done";
      });
      expect(result).to.equal("done");
      expect(await names()).to.deep.equal(["a"]);
    });

    it("rolls back when the work throws, and throws the same", async () => {
      const reason = new Error("changed my mind");
      const failing = database.transaction(async (transaction) => {
        await transaction.query("insert into public.things values (1, 'a')");
        throw reason;
      });
      expect(await failing.catch((error: unknown) => error)).to.equal(reason);
      expect(await names()).to.deep.equal([]);
    });

    it("does not pretend to have committed when a statement failed and nobody cared", async () => {
      const failing = database.transaction(async (transaction) => {
        await transaction.query("insert into public.things values (1, 'a')");
        await transaction.query("select 1 / 0").catch(() => undefined);
      });
      expect(await messageOf(failing)).to.equal("division by zero");
      expect(await names()).to.deep.equal([]);
    });

    it("goes on after a failed statement", async () => {
      expect(await messageOf(database.query("select nonsense"))).to.equal('column "nonsense" does not exist');
      expect(await messageOf(database.query("select $1::int", ["x"]))).to.contain("invalid input syntax");
      expect(await database.query("select 1 as one")).to.deep.equal([{ one: 1 }]);
    });

    it("copies text in, whatever its chunks", async () => {
      const chunks = ["1\ta\\t", "b\n2\t\\", "N\n3\té", "😀\n"];
      await database.transaction((transaction) => transaction.copyIn("copy public.things from stdin", chunks));
      expect(await names()).to.deep.equal(["a\tb", null, "é😀"]);
    });

    it("rolls back a copy that Postgres refuses, and goes on", async () => {
      const failing = database.transaction((transaction) =>
        transaction.copyIn("copy public.things from stdin", ["1\ta\n", "x\tb\n"]),
      );
      expect(await messageOf(failing)).to.contain('invalid input syntax for type integer: "x"');
      expect(await names()).to.deep.equal([]);
      await database.transaction((transaction) => transaction.copyIn("copy public.things from stdin", []));
      expect(await names()).to.deep.equal([]);
    });

    it("rolls back a copy whose rows cannot be produced", async () => {
      const failing = database.transaction((transaction) =>
        transaction.copyIn(
          "copy public.things from stdin",
          (function* () {
            yield "1\ta\n";
            throw new Error("no more rows");
          })(),
        ),
      );
      expect(await messageOf(failing)).to.contain("no more rows");
      expect(await names()).to.deep.equal([]);
      expect(await database.query("select 1 as one")).to.deep.equal([{ one: 1 }]);
    });

    it("lets statements of others wait for the open transaction or run beside it, and loses none", async () => {
      const inserted = Array.from({ length: 20 }, (_, id) =>
        id % 2 === 0
          ? database.query("insert into public.things values ($1, $2)", [id, `n${id}`])
          : database.transaction((transaction) =>
              transaction.query("insert into public.things values ($1, $2)", [id, `n${id}`]),
            ),
      );
      await Promise.all(inserted);
      expect(await names()).to.deep.equal(Array.from({ length: 20 }, (_, id) => `n${id}`));
    });

    it("refuses a statement beside the transaction that the caller is in: it would wait for ever", async () => {
      const expected = "A statement was sent to the database from inside a transaction on it: send it to that one.";
      expect(await messageOf(database.transaction(() => database.query("select 1")))).to.equal(expected);
      expect(await messageOf(database.transaction(() => database.transaction(async () => 1)))).to.equal(expected);
    });

    it("refuses a statement on a transaction that has ended", async () => {
      const ended = await database.transaction(async (transaction) => [transaction]);
      expect(await messageOf(ended[0]!.query("select 1"))).to.equal(
        "A statement was sent to a transaction that has ended.",
      );
    });

    it("lends each lock to one at a time", async () => {
      const release = await database.tryLock(42);
      expect(release).to.be.a("function");
      expect(await database.tryLock(42)).to.equal(undefined);
      const other = await database.tryLock(43);
      expect(other).to.be.a("function");
      await other?.();
      await release?.();
      await release?.();
      const again = await database.tryLock(42);
      expect(again).to.be.a("function");
      await again?.();
    });

    it("says that it is closed", async () => {
      const closing = await open();
      const held = await closing.tryLock(1);
      await closing.close();
      await closing.close();
      await held?.();
      expect(await messageOf(closing.query("select 1"))).to.equal("The database is closed.");
      expect(await messageOf(closing.transaction(async () => 1))).to.equal("The database is closed.");
    });
  });
});
