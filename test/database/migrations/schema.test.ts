import { readFileSync } from "node:fs";
import { expect } from "chai";
import type { Database } from "../../../connector/database/database.ts";
import { openEmbedded } from "../../../connector/database/embedded/open-embedded.ts";
import { migrate } from "../../../connector/database/migrations/migrate.ts";
import { firstTables } from "../../../connector/database/migrations/steps/0001-first-tables.ts";
import { openDatabase } from "../../../connector/database/open/open-database.ts";
import { openServer } from "../../../connector/database/server/open-server.ts";
import { type Sandbox, startSandbox } from "../../../connector/sandbox/server.ts";
import { type DatabaseKind, eachDatabase, emptyLocation, migratedLocation, removeLocation } from "../../databases.ts";
import { everything } from "../../everything.ts";
import { expectSame } from "../../faults/expect-same.ts";
import { syncInProcess } from "../../faults/in-process-sync.ts";
import { inTestLong } from "../../long.ts";
import { dumpSchema, schemaText } from "../../schema-dump.ts";

const fixture = (name: string) => readFileSync(new URL(`../../fixtures/${name}`, import.meta.url), "utf8");
const plan =
  "The schema has changed. If that is meant, it is a new migration: write the golden file anew with `node --import tsx test/write-schema.ts`.";

/** Every released schema, with its migrations. Their files never change; each release adds one. */
const released = [{ version: "0.1.0", migrations: [firstTables] }];

function openAsIs(kind: DatabaseKind, location: string): Promise<Database> {
  return kind === "embedded" ? openEmbedded(location, {}) : openServer(location);
}

/** Restores the state of a released version: its schema, and the rows of `from` in its columns. */
async function restore(database: Database, version: string, from: Database): Promise<void> {
  await database.query(fixture(`released-schemas/${version}.sql`));
  const tables = await database.query<{ name: string; columns: string }>(
    `select n.nspname || '.' || c.relname as name, string_agg(quote_ident(a.attname), ', ' order by a.attnum) as columns
     from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
     where n.nspname in ('pipedrive', 'planhat', 'connector') and c.relkind = 'r' and c.relname <> 'migrations'
     group by 1 order by 1`,
  );
  for (const { name, columns } of tables) {
    // As text: a rejected record keeps every digit and its order of keys.
    const [{ rows } = { rows: null }] = await from.query<{ rows: string | null }>(
      `select json_agg(t)::text as rows from (select ${columns} from ${name}) as t`,
    );
    await database.query(
      `insert into ${name} (${columns}) overriding system value select ${columns} from json_populate_recordset(null::${name}, $1::json)`,
      [rows ?? "[]"],
    );
  }
  const identities = ["companies", "endusers", "notes", "licenses", "sales"].map((table) => `planhat.${table}`);
  for (const table of [...identities, "connector.rejections", "connector.conflicts"]) {
    await database.query(
      `select setval(pg_get_serial_sequence('${table}', 'id'), greatest((select max(id) from ${table}), 1))`,
    );
  }
}

describe("the schema of a new database", function () {
  this.timeout(600_000);
  eachDatabase((open) => {
    it("is the planned one, to the last index", async () => {
      expect(schemaText(await dumpSchema(await open())), plan).to.equal(fixture("schema.sql"));
    });
  });
});

for (const { version, migrations } of released) {
  describe(`a database of version ${version}`, function () {
    this.timeout(600_000);
    let sandbox: Sandbox;
    before(async () => {
      const sizes = { organizations: 12, persons: 25, deals: 40, notes: 30 };
      sandbox = await startSandbox({ ...sizes, burstLimit: 100_000, dailyTokens: Number.POSITIVE_INFINITY });
    });
    after(() => sandbox?.close());

    for (const kind of inTestLong ? (["embedded"] as const) : (["server"] as const)) {
      it(`is brought up to date with its rows, and syncs on (${kind})`, async () => {
        const [now, then] = [await migratedLocation(kind), await emptyLocation(kind)];
        const at = (location: string) => ({ url: sandbox.url, token: sandbox.token, location });
        try {
          await syncInProcess(at(now));
          const [current, old] = [await openDatabase(now), await openAsIs(kind, then)];
          await restore(old, version, current);
          for (const { number, name } of migrations)
            await old.query("insert into connector.migrations (number, name) values ($1, $2)", [number, name]);
          await current.close();
          await old.close();

          const migrated = await openDatabase(then);
          expect(schemaText(await dumpSchema(migrated))).to.equal(fixture("schema.sql"));
          await migrated.close();
          expectSame(await everything({ location: then }), await everything({ location: now }));

          const [license] = (await everything({ location: now }))["planhat.licenses"] as {
            row: { source_id: string };
          }[];
          sandbox.store.update("deals", Number(license?.row.source_id), { title: "Changed", value: 4711 });
          for (const location of [now, then]) await syncInProcess(at(location));
          const after = await everything({ location: then });
          expectSame(after, await everything({ location: now }));
          expect(JSON.stringify(after["planhat.licenses"])).to.contain('"value":4711');
        } finally {
          for (const location of [now, then]) await removeLocation(location);
        }
      });
    }

    it("is what its migrations still make: what is released does not change", async () => {
      const location = await emptyLocation("embedded");
      const database = await openEmbedded(location, {});
      await migrate(database, migrations);
      // The columns of the models come from the schemas, which may gain some.
      const lasting = (text: string) =>
        text
          .split(";\n\n")
          .filter((statement) => !/^create table planhat/i.test(statement))
          .join(";\n\n");
      const made = lasting(schemaText(await dumpSchema(database)));
      await database.close();
      await removeLocation(location);
      expect(made).to.equal(lasting(fixture(`released-schemas/${version}.sql`)));
    });
  });
}
