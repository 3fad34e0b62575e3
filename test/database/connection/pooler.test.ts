import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import pg from "pg";
import { openDatabase } from "../../../connector/database/open/open-database.ts";
import { acquireRunLock } from "../../../connector/database/open/run-lock.ts";
import { caughtFailure } from "../../caught-failure.ts";
import { migratedLocation, removeLocation } from "../../databases.ts";
import { itLong } from "../../long.ts";
import { type PgBouncer, startPgBouncer } from "../../pgbouncer.ts";
import { dealEvent, freePort, startServe, unsubscribe, webhookConfig } from "../../running-service.ts";
import { type SandboxSync, sandboxSync, wonDeal } from "../../sandbox-sync.ts";

/** Queries a server with a client that knows nothing of the connector. */
async function ask<Row extends object>(location: string, ...statements: string[]): Promise<Row[]> {
  const client = new pg.Client({ connectionString: location });
  await client.connect();
  try {
    let rows: Row[] = [];
    for (const statement of statements) rows = (await client.query<Row>(statement)).rows;
    return rows;
  } finally {
    await client.end();
  }
}

const advisory = `select count(*)::int as held from pg_locks where locktype = 'advisory'
  and database = (select oid from pg_database where datname = current_database())`;

for (const mode of ["transaction", "session"] as const) {
  describe(`behind PgBouncer, which pools by ${mode}`, function () {
    this.timeout(300_000);
    // A session that stays the client's own is as without a pooler; one that others get between has more to show.
    const further = mode === "session" ? itLong : it;
    let setting: SandboxSync;
    let pooler: PgBouncer;
    let pooled: string;
    before(async () => {
      setting = await sandboxSync("server");
      // The session settings differ here from those that the connector needs.
      const name = new URL(setting.location).pathname.slice(1);
      await ask(
        setting.location,
        `alter database ${name} set timezone to 'Asia/Kolkata'`,
        `alter database ${name} set datestyle to 'SQL, DMY'`,
        `alter database ${name} set idle_in_transaction_session_timeout to '500ms'`,
      );
      pooler = await startPgBouncer(setting.location, mode);
      pooled = pooler.through(setting.location);
      use(pooled);
    });
    after(async () => {
      await pooler?.stop();
      await setting?.close();
    });

    const use = (location: string) => {
      const { url, token } = setting.sandbox;
      setting.place.write(
        "config.yaml",
        `company_url: ${url}\napi_token: ${token}\ndatabase: ${location}\n${webhookConfig(9)}`,
      );
    };

    further("check finds all it needs", async () => {
      const { status, stdout, stderr } = await setting.run(["check"]);
      expect(stdout, stderr).to.contain('"status":"SUCCEEDED"');
      expect(status).to.equal(0);
    });

    it("every sync runs, and stores what it does without a pooler", async () => {
      const direct = await migratedLocation("server");
      try {
        const first = await setting.sync("--full");
        expect(first.status).to.equal("succeeded");
        expect((await setting.sync()).status).to.equal("succeeded");
        expect((await setting.run(["plan"])).status).to.equal(0);
        expect((await setting.run(["remap"])).status).to.equal(0);
        const audit = await setting.run(["audit"]);
        expect(audit.status, audit.stdout + audit.stderr).to.equal(0);
        use(direct);
        await setting.sync("--full");
        const row = "(to_jsonb(t) - 'id' - 'company_id' - 'created_at' - 'updated_at')";
        const rows = `select md5(string_agg(${row}::text, '' order by source_id)) as rows, count(*)::int as count
          from planhat.licenses as t`;
        const read = (location: string) =>
          ask<{ count: number }>(location, "set datestyle to iso", "set timezone to utc", rows);
        const [stored] = await read(setting.location);
        expect(stored!.count).to.be.greaterThan(0);
        expect([stored]).to.deep.equal(await read(direct));
      } finally {
        use(pooled);
        await removeLocation(direct);
      }
    });

    further("query and export read as without a pooler, and a statement that takes too long ends", async () => {
      const { rows, moment } = (
        await ask<{ rows: number; moment: string }>(
          setting.location,
          "set timezone to utc",
          `select count(*)::int as rows, rtrim(to_char(max(updated_at), 'YYYY-MM-DD"T"HH24:MI:SS.US'), '0.') as moment
           from planhat.companies`,
        )
      )[0]!;
      const query = async (...args: string[]) => setting.run(["query", ...args]);
      const found = await query("select count(*) as rows, max(updated_at) as moment from planhat.companies");
      expect(found.stderr).to.equal("");
      const [head, line] = found.stdout.replaceAll("\r", "").split("\n");
      // In UTC, whatever zone the server's sessions have.
      expect([head, line]).to.deep.equal(["rows,moment", `${rows},${moment}Z`]);
      const long = await query("--timeout", "1", "select count(*) from generate_series(1, 100000000000)");
      expect(long.status, long.stderr).to.equal(1);
      expect(long.stderr).to.include("took longer than 1 s");
      const exported = await setting.run(["export", "companies", "--to", "out", "--json"]);
      expect(exported.status, exported.stderr).to.equal(0);
      expect(exported.stdout).to.include(`"rows":${rows}`);
      const after = await query("select 1 as one");
      expect([after.status, after.stdout.replaceAll("\r", "")]).to.deep.equal([0, "one\n1\n"]);
    });

    it("nothing stays behind in the server's sessions", async () => {
      expect(await ask(setting.location, advisory)).to.deep.equal([{ held: 0 }]);
      const left = await ask(
        pooled,
        `select current_setting('TimeZone') as zone, current_setting('IntervalStyle') as style, current_setting('jit') as jit,
                current_user = session_user as own, current_setting('transaction_read_only') as reads,
                current_setting('statement_timeout') as timeout,
                (select count(*)::int from pg_class where relpersistence = 't' and relkind = 'r') as tables`,
      );
      expect(left).to.deep.equal([
        { zone: "Asia/Kolkata", style: "postgres", jit: "on", own: true, reads: "off", timeout: "0", tables: 0 },
      ]);
    });

    further(
      "one sync runs at a time, whichever way each goes, and rests longer than the server lets others",
      async () => {
        for (const [holder, other] of [
          [pooled, setting.location],
          [setting.location, pooled],
        ] as const) {
          const database = await openDatabase(holder);
          const lock = await acquireRunLock(database);
          await sleep(1_500);
          use(other);
          const { status, stderr } = await setting.run(["sync"]);
          expect([status, stderr]).to.deep.equal([3, stderr]);
          expect(stderr).to.contain("Another sync is running on this database");
          await lock.release();
          expect((await setting.sync()).status).to.equal("succeeded");
          await database.close();
        }
        use(pooled);
      },
    );

    further("a run that is killed leaves nothing that the next one waits for", async () => {
      const killed = await setting.run(["sync", "--full"], async (child) => {
        while (child.exitCode === null && child.signalCode === null) {
          const [row] = await ask<{ held: number }>(setting.location, advisory);
          if (row!.held > 0) child.kill("SIGKILL");
          await sleep(20);
        }
      });
      expect(killed.signal).to.equal("SIGKILL");
      const { status, stderr } = await setting.run(["sync", "--wait", "30"]);
      expect(status, stderr).to.equal(0);
    });

    further("serve takes deliveries and works them off", async () => {
      const port = await freePort();
      setting.place.write(
        "config.yaml",
        `company_url: ${setting.sandbox.url}\napi_token: ${setting.sandbox.token}\ndatabase: ${pooled}\n${webhookConfig(port)}`,
      );
      const service = await startServe(setting, port);
      await unsubscribe(setting);
      const { dealId } = wonDeal(setting.sandbox, { title: "Made behind a pooler" });
      expect((await service.deliver(dealEvent(dealId, "create"))).status).to.equal(200);
      await service.settled();
      const { status, stderr } = await service.end();
      expect(status, stderr).to.equal(143);
      const rows = "select source_id from planhat.licenses union all select source_id from planhat.sales";
      const made = await ask(setting.location, `select from (${rows}) as t where source_id = '${dealId}'`);
      expect(made).to.have.length(1);
      expect(await ask(setting.location, advisory)).to.deep.equal([{ held: 0 }]);
    });
  });
}

describe("behind PgBouncer, which", function () {
  this.timeout(120_000);
  let location: string;
  before(async () => {
    location = await migratedLocation("server");
  });
  after(() => removeLocation(location));

  it("pools by statement: the sentence names the pooler", async () => {
    const pooler = await startPgBouncer(location, "statement");
    try {
      const { kind, message, hint } = await caughtFailure(openDatabase(pooler.through(location)));
      const { host } = new URL(pooler.through(location));
      expect([kind, message]).to.deep.equal([
        "surroundings",
        `The address ${host} is a pooler's (PgBouncer) that pools by statement, and so breaks every transaction apart.`,
      ]);
      expect(hint).to.contain("pool_mode = transaction or session");
    } finally {
      await pooler.stop();
    }
  });

  it("has too few connections of the server: the sentence says how many are needed", async () => {
    const pooler = await startPgBouncer(location, "transaction", { default_pool_size: 1, query_wait_timeout: 2 });
    try {
      const database = await openDatabase(pooler.through(location));
      const lock = await acquireRunLock(database);
      const { kind, message, hint } = await caughtFailure(database.query("select 1"));
      expect(kind).to.equal("surroundings");
      expect(message).to.contain("The pooler (PgBouncer) at 127.0.0.1:").and.to.contain("query_wait_timeout");
      expect(hint).to.contain("Raise its pool_size: sync needs 2 connections");
      await lock.release();
      await database.close();
    } finally {
      await pooler.stop();
    }
  });

  it("refuses a parameter of the URL: the sentence names both", async () => {
    const pooler = await startPgBouncer(location, "transaction");
    try {
      const { message } = await caughtFailure(openDatabase(`${pooler.through(location)}?statement_timeout=1000`));
      expect(message).to.match(
        /^The pooler \(PgBouncer\) at 127\.0\.0\.1:\d+ refuses the parameter statement_timeout /,
      );
    } finally {
      await pooler.stop();
    }
  });
});
