import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect } from "chai";
import pg from "pg";
import { stub } from "sinon";
import { isOutdated } from "../../../connector/database/connection/session.ts";
import type { Database } from "../../../connector/database/database.ts";
import { openDatabase } from "../../../connector/database/open/open-database.ts";
import { serverAddress } from "../../../connector/database/server/server-address.ts";
import { serverFailure } from "../../../connector/database/server/server-failure.ts";
import { Failure } from "../../../connector/failure.ts";
import { caughtFailure } from "../../caught-failure.ts";
import { emptyLocation, migratedLocation, removeLocation } from "../../databases.ts";
import { runModule } from "../embedded/child-process.ts";

describe("a database server", () => {
  let location: string;
  let url: URL;
  let server: string;
  before(async () => {
    location = await migratedLocation("server");
    server = new URL(location).host;
  });
  beforeEach(() => {
    url = new URL(location);
  });
  after(() => removeLocation(location));

  async function refusal(): Promise<Awaited<ReturnType<typeof caughtFailure>>> {
    const failure = await caughtFailure(openDatabase(url.href));
    expect(JSON.stringify(failure)).not.to.contain(new URL(location).password);
    return failure;
  }

  it("is shown without its password", async () => {
    const database = await openDatabase(`${location}?application_name=other`);
    expect(database.kind).to.equal("server");
    expect(database.location).to.equal(`postgres://${url.username}@${server}${url.pathname}?application_name=other`);
    await database.close();
    expect(serverAddress("postgresql://u:p%40@h/d?password=x&sslmode=require").shown).to.equal(
      "postgresql://u@h/d?sslmode=require",
    );
  });

  it("lets the process end at once when it is closed", async () => {
    const child = runModule(
      `import { openDatabase } from "./connector/database/open/open-database.ts";
       const database = await openDatabase(process.argv.at(-1));
       await Promise.all([1, 2, 3].map(() => database.query("select 1")));
       await database.close();
       const closed = performance.now();
       process.on("exit", () => console.log("ended by itself", performance.now() - closed < 2000));`,
      location,
    );
    expect(await child.ended).to.deep.equal({ code: 0, output: "ended by itself true\n", errors: "" });
  });

  it("that refuses the password", async () => {
    url.password = "not-the-password";
    expect(await refusal()).to.deep.equal({
      kind: "surroundings",
      message: `The database server ${server} refused the password of user "${url.username}".`,
      hint: "Check user and password in the database URL; characters such as @ / # % in the password are written %40 %2F %23 %25.",
    });
    url.password = "";
    expect((await refusal()).message).to.contain("refused the password");
  });

  it("that refuses us does not keep the process from ending", async () => {
    url.password = "";
    const child = runModule(
      `import { openDatabase } from "./connector/database/open/open-database.ts";
       await openDatabase(process.argv.at(-1)).catch((error) => console.log(error.message.slice(-30)));
       const told = performance.now();
       process.on("exit", () => console.log("ended by itself", performance.now() - told < 5000));`,
      url.href,
    );
    const { output } = await child.ended;
    expect(output).to.contain("ended by itself true");
    expect(output).to.contain("password of user");
  });

  it("that has no such database", async () => {
    url.pathname = "/no_such_database";
    expect(await refusal()).to.deep.equal({
      kind: "surroundings",
      message: `There is no database "no_such_database" on the server ${server}.`,
      hint: "Create it (createdb no_such_database), or name an existing one in the database URL.",
    });
  });

  it("that cannot be reached", async () => {
    const free = createServer().listen(0, "127.0.0.1");
    await once(free, "listening");
    url.port = String((free.address() as AddressInfo).port);
    free.close();
    await once(free, "close");
    expect(await refusal()).to.deep.equal({
      kind: "surroundings",
      message: `The database server ${url.host} cannot be reached (ECONNREFUSED).`,
      hint: "Check host and port in the database URL, and that the server runs and accepts connections from here.",
    });
    url.hostname = "no-such-host.invalid";
    expect((await refusal()).message).to.match(/cannot be reached \((ENOTFOUND|EAI_AGAIN)\)\.$/);
  });

  it("that speaks no TLS where the URL demands it", async () => {
    url.searchParams.set("sslmode", "no-verify");
    expect(await refusal()).to.deep.equal({
      kind: "surroundings",
      message: `The database server ${server} does not speak TLS, and the URL demands it.`,
      hint: "Have TLS switched on there (ssl = on), or, on a network that you trust, write sslmode=disable.",
    });
  });

  it("that demands TLS", () => {
    const error = Object.assign(
      new Error('no pg_hba.conf entry for host "10.0.0.1", user "u", database "d", no encryption'),
      { code: "28000" },
    );
    const failure = serverFailure(error, serverAddress("postgres://u:secret@db:5433/d")) as Failure;
    expect(failure).to.be.instanceOf(Failure);
    expect(failure.message).to.match(/^The database server db:5433 demands TLS \(/);
    expect(failure.hint).to.equal(
      "Add ?sslmode=verify-full to the database URL, with sslrootcert=<file> where its authority is not a public one.",
    );
  });

  it("whose certificate is not trusted", () => {
    const error = Object.assign(new Error("self-signed certificate"), { code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
    const failure = serverFailure(error, serverAddress("postgres://u:secret@db/d")) as Failure;
    expect(failure.message).to.equal(
      "The certificate of the database server db:5432 is not trusted (self-signed certificate).",
    );
  });

  it("that is too old, or whose database stores no Unicode", async () => {
    const answers = [
      { version: 130009, name: "13.9", encoding: "UTF8" },
      { version: 150001, name: "15.1", encoding: "LATIN1" },
    ];
    const messages: string[] = [];
    for (const answer of answers) {
      const query = stub(pg.Client.prototype, "query").resolves({ rows: [answer] });
      try {
        messages.push((await caughtFailure(openDatabase(location))).message);
      } finally {
        query.restore();
      }
    }
    expect(messages).to.deep.equal([
      `The server ${server} is Postgres 13.9, and Postgres 14 or newer is needed.`,
      `The database ${url.pathname.slice(1)} stores text as LATIN1, which cannot hold every character.`,
    ]);
  });

  it("that gives a statement up", () => {
    const told = (code: string, text: string) => {
      const error = Object.assign(new Error(text), { code });
      const failure = serverFailure(error, serverAddress("postgres://u:secret@db/d")) as Failure;
      // A batch is retried only after a conflict with another session.
      expect(isOutdated(failure)).to.equal(code === "40P01");
      return [failure.kind, failure.message, failure.hint?.split(";")[0]];
    };
    const again = "Run it again";
    expect(told("40P01", "deadlock detected")).to.deep.equal([
      "surroundings",
      "A lock conflict with another session on db:5432 ended the transaction (deadlock detected).",
      again,
    ]);
    expect(told("57014", "canceling statement due to statement timeout")).to.deep.equal([
      "surroundings",
      "The database server db:5432 ended a statement (canceling statement due to statement timeout).",
      again,
    ]);
    expect(told("58030", "could not read block 7: Input/output error")).to.deep.equal([
      "surroundings",
      "The database server db:5432 failed (could not read block 7: Input/output error).",
      "Check its log, fix the cause, run it again. Committed work is kept.",
    ]);
  });

  it("whose URL is none", async () => {
    expect(await caughtFailure(openDatabase("postgres://u%ZZ:secret@host/d"))).to.deep.equal({
      kind: "usage",
      message: "The database URL cannot be read.",
      hint: "It is postgres://user:password@host:5432/database; characters such as @ / # % in the password are written %40 %2F %23 %25.",
    });
    for (const unescaped of [
      "postgres://user:a/b@host/d",
      "postgres://user:12/b@host/d",
      "postgres://user:12#b@host/d",
    ]) {
      expect((await caughtFailure(openDatabase(unescaped))).message).to.equal("The database URL cannot be read.");
    }
  });

  it("whose user may not make tables", async () => {
    const empty = await emptyLocation("server");
    const owner = await openRaw(empty);
    await owner.query("create role pipedrive_planhat_reader login password 'reader-password'");
    try {
      const reader = new URL(empty);
      reader.username = "pipedrive_planhat_reader";
      reader.password = "reader-password";
      const { kind, message, hint } = await caughtFailure(openDatabase(reader.href));
      expect(kind).to.equal("surroundings");
      expect(message).to.equal(
        `User "pipedrive_planhat_reader" lacks a right on the database "${reader.pathname.slice(1)}" (permission denied for database ${reader.pathname.slice(1)}).`,
      );
      expect(hint).to.contain("grant create, temporary on database");
    } finally {
      await owner.query("drop role pipedrive_planhat_reader");
      await owner.end();
      await removeLocation(empty);
    }
  });

  describe("that ends the connection", () => {
    let database: Database;
    before(async () => {
      database = await openDatabase(location);
    });
    after(() => database.close());

    const backend = "select pg_backend_pid() as pid";
    async function terminate(pid: number): Promise<void> {
      const other = await openRaw(location);
      await other.query("select pg_terminate_backend($1)", [pid]);
      await other.end();
    }

    it("in the middle of a transaction rolls it back, says so, and is used again afterwards", async () => {
      const failing = database.transaction(async (transaction) => {
        await transaction.query("insert into connector.catalog (key) values ('lost')");
        const [{ pid } = { pid: 0 }] = await transaction.query<{ pid: number }>(backend);
        await terminate(pid);
        await transaction.query("select 1");
      });
      const { kind, message, hint } = await caughtFailure(failing);
      expect(kind).to.equal("surroundings");
      expect(message).to.match(new RegExp(`^The connection to the database server ${server} was lost \\(.+\\)\\.$`));
      expect(hint).to.equal("Run it again; committed work is kept.");
      expect(await database.query("select from connector.catalog")).to.deep.equal([]);
    });

    it("while it lies idle does not harm", async () => {
      const [{ pid } = { pid: 0 }] = await database.query<{ pid: number }>(backend);
      await terminate(pid);
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(await database.query("select 1 as one")).to.deep.equal([{ one: 1 }]);
    });
  });
});

async function openRaw(location: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: location });
  await client.connect();
  return client;
}
