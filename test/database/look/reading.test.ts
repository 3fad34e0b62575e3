import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import type { Database } from "../../../connector/database/database.ts";
import type { Reading, TextRow } from "../../../connector/database/look/reading.ts";
import { openDatabase } from "../../../connector/database/open/open-database.ts";
import { openToRead } from "../../../connector/database/open/open-existing.ts";
import { caughtFailure } from "../../caught-failure.ts";
import { type DatabaseKind, migratedLocation, removeLocation } from "../../databases.ts";
import { fencedBlocks } from "../../fenced-blocks.ts";
import { asOwner, makeRole, type ServerRole } from "../../server-role.ts";

/** Statements that change something, or try to, with the expected message of each. */
const hostile: [statement: string, told: RegExp][] = [
  ["insert into planhat.companies (name) values ('x')", /INSERT is not a reading statement/],
  ["update planhat.companies set name = 'x'", /UPDATE is not a reading/],
  ["DELETE from planhat.companies", /DELETE is not a reading/],
  ["merge into planhat.companies c using (select 1) s on true when matched then delete", /MERGE is not a reading/],
  ["truncate planhat.companies cascade", /TRUNCATE is not a reading/],
  ["drop schema planhat cascade", /DROP is not a reading/],
  ["create temp table t (a int)", /CREATE is not a reading/],
  ["alter table planhat.companies add x int", /ALTER is not a reading/],
  ["grant all on planhat.companies to public", /GRANT is not a reading/],
  ["comment on table planhat.companies is 'x'", /COMMENT is not a reading/],
  ["commit", /COMMIT is not a reading/],
  ["rollback", /ROLLBACK is not a reading/],
  ["set transaction read write", /SET is not a reading/],
  ["set session characteristics as transaction read write", /SET is not a reading/],
  ["set session authorization default", /SET is not a reading/],
  ["reset all", /RESET is not a reading/],
  ["do $$ begin delete from planhat.companies; end $$", /DO is not a reading/],
  ["call planhat.harm()", /CALL is not a reading/],
  ["copy planhat.companies to '/tmp/pipedrive-planhat-look'", /COPY is not a reading/],
  ["copy (select 1) to program 'touch /tmp/pipedrive-planhat-look'", /COPY is not a reading/],
  ["copy planhat.companies from stdin", /COPY is not a reading/],
  ["listen x", /LISTEN is not a reading/],
  ["lock table planhat.companies", /LOCK is not a reading/],
  ["vacuum", /VACUUM is not a reading/],
  ["checkpoint", /CHECKPOINT is not a reading/],
  ["load 'plpgsql'", /LOAD is not a reading/],
  ["prepare p as delete from planhat.companies", /PREPARE is not a reading/],
  ["discard all", /DISCARD is not a reading/],
  ["-- a comment\n/* and /* another */ */ ((delete from planhat.companies))", /DELETE is not a reading/],
  ["with x as (select 1) insert into planhat.companies (name) select 'x'", /INSERT is not a reading/],
  ["with x as (delete from planhat.companies returning 1) select * from x", /A WITH of this statement writes/],
  ["select * into planhat.copied from planhat.companies", /SELECT INTO makes a table/],
  ["select * from planhat.companies for update", /would write \(cannot execute SELECT FOR UPDATE/],
  ["explain analyze delete from planhat.companies", /would write \(cannot execute DELETE/],
  ["explain (analyze) create table planhat.made as select 1", /CREATE is not a reading/],
  ["select 1; delete from planhat.companies", /statement:1:11: error: The input has more than one statement/],
  ["select 1; commit; drop schema planhat cascade", /more than one statement/],
  [";;select 1;;commit;", /more than one statement/],
  ["select E'a'\n'\\'x' , pg_notify('a', 'b') , 'y'", /a function that acts: pg_notify/],
  ["select planhat.harm()", /would write \(cannot execute DELETE/],
  ["select planhat.unlock()", /transaction read-write mode/i],
  ["select nextval('planhat.companies_id_seq')", /acts: nextval/],
  ["select setval('planhat.companies_id_seq', 1)", /acts: setval/],
  ["select set_config('transaction_read_only', 'off', false)", /acts: set_config/],
  ["select pg_terminate_backend(pid) from pg_stat_activity", /acts: pg_terminate_backend/],
  ['select "pg_cancel_backend"(pg_backend_pid())', /acts: pg_cancel_backend/],
  ["select pg_catalog . PG_Notify /* here */ ('a', 'b')", /acts: pg_notify/],
  ["select U&\"pg\\005fnotify\"('a', 'b')", /names of code points/],
  ["select * from pg_advisory_lock(1)", /acts: pg_advisory_lock/],
  ["select lo_create(0), lo_export(1, '/tmp/pipedrive-planhat-look')", /functions that act: lo_create, lo_export/],
  ["select lo_import('/etc/passwd')", /acts: lo_import/],
  ["select pg_read_file('/etc/passwd')", /acts: pg_read_file/],
  ["select pg_reload_conf()", /acts: pg_reload_conf/],
  ["select pg_logical_emit_message(false, 'x', 'y')", /acts: pg_logical_emit_message/],
  ["select query_to_xml('delete from planhat.companies', true, true, '')", /acts: query_to_xml/],
  ["select * from ts_stat('select to_tsvector(name) from planhat.companies')", /acts: ts_stat/],
  ["select $1", /has parameters/],
  ["select 'a\0'; delete from planhat.companies", /NUL character/],
  ["", /There is no statement/],
  [" -- nothing\n;", /There is no statement/],
];

const harmless: [statement: string, rows: TextRow[]][] = [
  ["select 1;", [["1"]]],
  ["((select 1)) -- ; commit", [["1"]]],
  [
    "select ';', $$; commit$$, $a$ $$ $a$, E'\\';', \"d;\" from (values (2)) t(\"d;\") /* ; */;",
    [[";", "; commit", " $$ ", "';", "2"]],
  ],
  ["table planhat.sales", []],
  [
    "values (1, null), (2, '')",
    [
      ["1", null],
      ["2", ""],
    ],
  ],
  [
    "with recursive n(n) as (values (1) union all select n + 1 from n where n < 3) select n from n",
    [["1"], ["2"], ["3"]],
  ],
  ["show transaction_read_only", [["on"]]],
  ["select from planhat.companies", [[], []]],
  ["select pg_sleep(0) is null, random() < 2, pg_relation_size('planhat.companies') > 0", [["f", "t", "t"]]],
];

const countAll = `select (select count(*) from planhat.companies) as companies, (select count(*) from pg_class) as tables,
  (select last_value from planhat.companies_id_seq) as drawn`;

/** Functions as a user may have created them. */
const functions = [
  `create function planhat.harm() returns int language plpgsql as $$ begin delete from planhat.companies; return 1; end $$`,
  `create function planhat.unlock() returns int language plpgsql as
   $$ begin set transaction read write; delete from planhat.companies; return 1; end $$`,
];

async function allRows(reading: Reading, sql: string, limit?: number): Promise<TextRow[]> {
  return reading.snapshot(async (snapshot) => {
    const { pieces } = await snapshot.rows(sql, limit);
    const rows: TextRow[] = [];
    for await (const piece of pieces) rows.push(...piece);
    return rows;
  });
}

describe("a statement for reading", function () {
  this.timeout(120_000);
  for (const [title, kind, ordinary] of [
    ["in the embedded database", "embedded", false],
    ["on a server, as a superuser", "server", false],
    ["on a server, as the owner of the tables", "server", true],
  ] as [string, DatabaseKind, boolean][]) {
    describe(title, () => {
      let location: string;
      let role: ServerRole | undefined;
      let address: string;
      const within = async <Result>(work: (database: Database) => Promise<Result>): Promise<Result> => {
        const database = await openDatabase(location);
        try {
          return await work(database);
        } finally {
          await database.close();
        }
      };
      const opened = async <Result>(work: (reading: Reading) => Promise<Result>, signal?: AbortSignal) => {
        const reading = (await openToRead(address, signal))!;
        try {
          return await work(reading);
        } finally {
          await reading.close();
        }
      };
      before(async () => {
        location = await migratedLocation(kind);
        if (ordinary) role = await makeRole(location);
        await within(async (database) => {
          await database.query("insert into planhat.companies (name) values ('Acme'), ('Beta')");
          for (const statement of functions) await database.query(statement);
          if (role === undefined) return;
          const objects = await database.query<{ kind: string; name: string }>(
            `select case c.relkind when 'S' then 'sequence' else 'table' end as kind, c.oid::regclass::text as name
             from pg_class c join pg_namespace n on n.oid = c.relnamespace
             where n.nspname in ('planhat', 'pipedrive', 'connector') and c.relkind = 'r'`,
          );
          for (const { name } of objects) await database.query(`alter table ${name} owner to ${role.name}`);
          for (const schema of ["planhat", "pipedrive", "connector"]) {
            await database.query(`alter schema ${schema} owner to ${role.name}`);
          }
        });
        address = role === undefined ? location : role.as(location);
      });
      after(async () => {
        await role?.remove(location);
        await removeLocation(location);
      });

      it("changes nothing, whatever it tries, and says in a sentence why not", async () => {
        const before = await within((database) => database.query(countAll));
        await opened(async (reading) => {
          for (const [statement, told] of hostile) {
            const { kind: refused, message } = await caughtFailure(allRows(reading, statement));
            expect(message, statement).to.match(told);
            expect(refused, `${statement}: ${message}`).to.equal("usage");
          }
          // Nothing of it remains in the session.
          expect(await allRows(reading, "select count(*) from pg_locks where locktype = 'advisory'")).to.deep.equal([
            ["0"],
          ]);
          expect(await allRows(reading, "show default_transaction_read_only")).to.deep.equal([["off"]]);
        });
        expect(await within((database) => database.query(countAll))).to.deep.equal(before);
      });

      it("reads whatever reads", async () => {
        await opened(async (reading) => {
          for (const [statement, rows] of harmless)
            expect(await allRows(reading, statement), statement).to.deep.equal(rows);
          const explained = await allRows(reading, "explain analyze select * from planhat.companies");
          expect(explained[0]![0]).to.match(/Seq Scan on companies/);
        });
      });

      it("shows the place of a mistake, whatever stands before it", async () => {
        const { message, hint } = await opened((reading) =>
          caughtFailure(allRows(reading, "select '𝕏é', id,\n\t nam\nfrom planhat.companies")),
        );
        expect(message).to.equal('statement:2:3: error: Column "nam" does not exist.\n  2 | \t nam\n      \t ^');
        expect(hint).to.match(/companies\.name/);
        for (const [statement, told] of [
          ["select 1 / (select count(*) from planhat.sales)", "Division by zero."],
          ["select '{\"a\":\"x\\u0000\"}'::json->>'a'", /^A text in JSON holds a NUL character/],
          ["select (", /^statement:1:9: error: Syntax error at end of input\./],
          ["selct 1", /^statement:1:1: error: Syntax error at or near "selct"\./],
        ] as [string, string | RegExp][]) {
          const caught = await opened((reading) => caughtFailure(allRows(reading, statement)));
          if (typeof told === "string") expect(caught.message).to.equal(told);
          else expect(caught.message).to.match(told);
          expect(caught.kind).to.equal("usage");
        }
      });

      it("that never ends is stopped, by time and by whoever waits", async () => {
        const endless = "with recursive n(n) as (values (1) union all select 1 from n) select count(*) from n";
        const { kind: refused, message } = await opened((reading) => caughtFailure(allRows(reading, endless, 400)));
        expect([refused, message]).to.deep.equal(["run", "The statement took longer than 0.4 s and was stopped."]);
        const stop = new AbortController();
        const reason = new Error("Nobody waits.");
        setTimeout(() => stop.abort(reason), 400);
        const thrown = await opened(
          (reading) => allRows(reading, endless).catch((error: unknown) => error),
          stop.signal,
        );
        expect(thrown).to.equal(reason);
        // Its temporary files on the disk are gone.
        const gathering = "select count(*) from generate_series(1, 1000000000) n";
        expect((await opened((reading) => caughtFailure(allRows(reading, gathering, 1500)))).kind).to.equal("run");
        if (kind === "embedded") {
          expect(existsSync(join(location, "postgres", "base", "pgsql_tmp"))).to.equal(false);
        }
        // The database is unchanged, and no statement runs.
        expect(await opened((reading) => allRows(reading, "select count(*) from planhat.companies"))).to.deep.equal([
          ["2"],
        ]);
        if (kind === "server") {
          const busy = await within((database) =>
            database.query(`select query from pg_stat_activity where datname = current_database() and state = 'active'
              and query like '%with recursive n(n)%' and pid <> pg_backend_pid()`),
          );
          expect(busy).to.deep.equal([]);
        }
      });
    });
  }

  it("is taken from a role that may do nothing else, made as the guide says", async () => {
    const location = await migratedLocation("server");
    const role = await makeRole(location);
    try {
      const [statements] = fencedBlocks("looking.md").filter(({ language }) => language === "sql");
      const granted = statements!.text.split("\n").slice(1).join("\n").replaceAll("planhat_reader", role.name);
      expect(granted).to.contain("grant select on all tables");
      await asOwner(location, granted, "create table planhat.later (a int)", "insert into planhat.later values (7)");
      const reading = (await openToRead(role.as(location)))!;
      try {
        expect(
          await allRows(reading, "select a, (select count(*) from connector.runs) from planhat.later"),
        ).to.deep.equal([["7", "0"]]);
      } finally {
        await reading.close();
      }
      const write = await asOwner(role.as(location), "delete from planhat.later").catch(
        (error: Error) => error.message,
      );
      expect(write).to.equal("permission denied for table later");
    } finally {
      await role.remove(location);
      await removeLocation(location);
    }
  });
});
