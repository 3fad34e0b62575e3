import { expect } from "chai";
import { modelColumns } from "../../../connector/database/bulk/model-columns.ts";
import { allMigrations } from "../../../connector/database/migrations/all-migrations.ts";
import { migrate } from "../../../connector/database/migrations/migrate.ts";
import { openDatabase } from "../../../connector/database/open/open-database.ts";
import { type ModelName, modelNames, tableOf } from "../../../connector/model-name.ts";
import { caughtFailure } from "../../caught-failure.ts";
import { eachDatabase, emptyLocation, removeLocation } from "../../databases.ts";
import { runModule } from "../embedded/child-process.ts";

const openAndClose = `
import { openDatabase } from "./connector/database/open/open-database.ts";
await (await openDatabase(process.argv.at(-1), { waitSeconds: 60 })).close();
`;

/** SQL that returns the content of the database as comparable text. */
const catalogQuery = `
  select n.nspname || '.' || c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
         || case when a.attnotnull then ' not null' else '' end as line
  from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
  where n.nspname in ('pipedrive', 'planhat', 'connector') and c.relkind = 'r' and a.attnum > 0
  order by 1`;

describe("the schema", () => {
  eachDatabase((open, kind) => {
    it("has the tables of the contract", async () => {
      const database = await open();
      const tables = await database.query<{ name: string }>(
        `select schemaname || '.' || tablename as name from pg_tables
         where schemaname in ('pipedrive', 'planhat', 'connector') order by 1`,
      );
      expect(tables.map(({ name }) => name)).to.deep.equal([
        "connector.account",
        "connector.alerts",
        "connector.backups",
        "connector.bookmarks",
        "connector.budget",
        "connector.catalog",
        "connector.changes",
        "connector.conflicts",
        "connector.consents",
        "connector.console_sessions",
        "connector.creations",
        "connector.edited_companies",
        "connector.fence",
        "connector.forgetting",
        "connector.forgotten",
        "connector.gathered",
        "connector.generations",
        "connector.harm",
        "connector.holds",
        "connector.kept",
        "connector.links",
        "connector.mapped_fields",
        "connector.migrations",
        "connector.operators",
        "connector.pending",
        "connector.planned_runs",
        "connector.product_deals",
        "connector.published",
        "connector.rejections",
        "connector.replaced",
        "connector.runs",
        "connector.sends",
        "connector.tenants",
        "connector.unseen",
        "connector.waiting",
        "connector.webhook_password",
        "connector.webhooks",
        "pipedrive.deal_products",
        "pipedrive.deals",
        "pipedrive.notes",
        "pipedrive.organizations",
        "pipedrive.persons",
        "planhat.companies",
        "planhat.deals",
        "planhat.endusers",
        "planhat.licenses",
        "planhat.lineitems",
        "planhat.notes",
        "planhat.sales",
      ]);
    });

    it("has a column of the right type for every property of the models", async () => {
      const database = await open();
      const columns = await database.query<{ name: string; type: string }>(
        `select table_name || '.' || column_name as name, data_type as type from information_schema.columns
         where table_schema = 'planhat'`,
      );
      const types = new Map(columns.map(({ name, type }) => [name, type]));
      const own = (model: ModelName) => [
        ["id", "bigint"],
        ["planhat_id", "text"],
        ["source_id", "text"],
        ["external_id", "text"],
        ...(model === "company" ? [] : [["company_id", "bigint"]]),
        ["custom", "jsonb"],
        ["created_at", "timestamp with time zone"],
        ["updated_at", "timestamp with time zone"],
      ];
      const expected = modelNames.flatMap((model) => [
        ...own(model).map(([name, type]) => [`${tableOf[model]}.${name}`, type]),
        ...modelColumns[model].map(({ name, type }) => [
          `${tableOf[model]}.${name}`,
          type === "timestamptz" ? "timestamp with time zone" : type,
        ]),
      ]);
      expect([...types].sort()).to.deep.equal(expected.sort());
      expect(types.get("licenses.currency")).to.equal("text");
      expect(types.get("licenses.from_date")).to.equal("date");
      expect(types.get("sales.value")).to.equal("numeric");
      expect(types.get("notes.date")).to.equal("timestamp with time zone");
      expect(types.get("endusers.first_name")).to.equal("text");
      expect(types.get("companies.tags")).to.equal("jsonb");
    });

    it("gains the column of a new property, and keeps what users added and what left the models", async () => {
      const database = await open();
      await database.query("alter table planhat.sales drop column product, add column mine text");
      await database.query("create view planhat.my_view as select mine from planhat.sales");
      await database.query("insert into planhat.sales (source_id, mine) values ('1', 'kept')");
      await migrate(database);
      expect(await database.query("select product, mine from planhat.sales")).to.deep.equal([
        { product: null, mine: "kept" },
      ]);
      expect(await database.query("select * from planhat.my_view")).to.deep.equal([{ mine: "kept" }]);
    });

    it("is left alone when it is up to date", async () => {
      const database = await open();
      const written = () => database.query("select xmin::text from connector.migrations");
      const before = await written();
      await migrate(database);
      expect(await written()).to.deep.equal(before);
    });

    it("takes further migrations one by one, each whole or not at all", async () => {
      const database = await open();
      const last = allMigrations.at(-1)!.number;
      const second = { number: last + 1, name: "second", sql: "create table connector.second (id integer)" };
      const broken = {
        number: last + 2,
        name: "broken",
        sql: "create table connector.third (id integer); select nonsense",
      };
      const failing = migrate(database, [...allMigrations, second, broken]);
      expect(await failing.catch((error: Error) => error.message)).to.equal('column "nonsense" does not exist');
      expect(await database.query("select number, name from connector.migrations order by number")).to.deep.equal(
        [...allMigrations, second].map(({ number, name }) => ({ number, name })),
      );
      expect(await database.query("select to_regclass('connector.third') as third")).to.deep.equal([{ third: null }]);
      await migrate(database, [
        ...allMigrations,
        second,
        { ...broken, sql: "create table connector.third (id integer)" },
      ]);
      expect(await database.query("select from connector.third")).to.deep.equal([]);
    });

    it("that is newer than this program is not touched", async () => {
      const database = await open();
      await database.query("insert into connector.migrations (number, name) values (99, 'from-the-future')");
      await database.query("alter table planhat.sales drop column product");
      const before = await database.query(catalogQuery);
      expect(await caughtFailure(migrate(database))).to.deep.equal({
        kind: "surroundings",
        message: `The database ${database.location} has schema 99 (from-the-future), and this version of pipedrive-planhat knows up to ${allMigrations.at(-1)!.number}.`,
        hint: "A newer version has used it. Install that version or a later one; nothing was written.",
      });
      expect(await database.query(catalogQuery)).to.deep.equal(before);
    });

    it("is made once by three processes that start at the same time", async () => {
      const location = await emptyLocation(kind);
      const children = [1, 2, 3].map(() => runModule(openAndClose, location));
      for (const { ended } of children) expect(await ended).to.deep.equal({ code: 0, output: "", errors: "" });
      const database = await openDatabase(location);
      expect(await database.query("select number from connector.migrations order by number")).to.deep.equal(
        allMigrations.map(({ number }) => ({ number })),
      );
      await database.close();
      await removeLocation(location);
    });

    it("is finished by the next process when one is killed in the middle", async () => {
      const location = await emptyLocation(kind);
      const child = runModule(
        `import { writeSync } from "node:fs";
         import { allMigrations } from "./connector/database/migrations/all-migrations.ts";
         import { migrate } from "./connector/database/migrations/migrate.ts";
         const location = process.argv.at(-1);
         const database = location.startsWith("postgres")
           ? await (await import("./connector/database/server/open-server.ts")).openServer(location)
           : await (await import("./connector/database/embedded/open-embedded.ts")).openEmbedded(location, {});
         const [first] = allMigrations;
         writeSync(1, "migrating");
         await migrate(database, [{ ...first, sql: first.sql + "; select pg_sleep(60)" }]);`,
        location,
      );
      await child.prints("migrating");
      // The embedded database blocks its process, which cannot detect the sleep.
      if (kind === "server") await untilAsleep(location);
      else await new Promise((resolve) => setTimeout(resolve, 500));
      child.process.kill("SIGKILL");
      await child.ended;
      const database = await openDatabase(location);
      expect(await database.query("select number from connector.migrations order by number")).to.deep.equal(
        allMigrations.map(({ number }) => ({ number })),
      );
      await database.close();
      await removeLocation(location);
    });
  });
});

/** Waits until a migration on the server sleeps. */
async function untilAsleep(location: string): Promise<void> {
  const { default: pg } = await import("pg");
  const client = new pg.Client({ connectionString: location });
  await client.connect();
  const sleeping = "select from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'";
  while ((await client.query(sleeping)).rows.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  await client.end();
}
