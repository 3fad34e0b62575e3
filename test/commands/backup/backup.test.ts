import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { expect } from "chai";
import { hubTables } from "../../../connector/database/backup/hub-tables.ts";
import { openDatabase } from "../../../connector/database/open/open-database.ts";
import { type DatabaseKind, emptyLocation, removeLocation } from "../../databases.ts";
import { emptyAccount, type SandboxSync, sandboxSync, wonDeal } from "../../sandbox-sync.ts";

type Content = Record<string, string[]>;

/** Runs a statement on the database at a location, whatever its kind. */
async function look<Row extends object>(location: string, sql: string): Promise<Row[]> {
  const database = await openDatabase(location);
  try {
    return await database.query<Row>(sql);
  } finally {
    await database.close();
  }
}

/** Reads every row of every table of the hub as text. */
async function contentOf(location: string): Promise<Content> {
  const texts = hubTables.map((table) => `select '${table}' as name, t::text as row from ${table} as t`);
  const content: Content = {};
  for (const { name, row } of await look<{ name: string; row: string }>(location, texts.join(" union all "))) {
    content[name] = [...(content[name] ?? []), row];
  }
  for (const rows of Object.values(content)) rows.sort();
  return content;
}

const bytesOf = (text: string) => Buffer.from(text, "latin1");

describe("a backup", function () {
  this.timeout(600_000);
  let setting: SandboxSync;
  let content: Content;
  let file: string;
  const made: string[] = [];

  before(async () => {
    setting = await sandboxSync("server", emptyAccount);
    setting.map({
      "organizations.yaml":
        "stream: organizations\nmodel: company\ndirection: both\nprefer: planhat\nfields:\n  - {planhat: name, pipedrive: name}\n",
      "deals.yaml":
        "stream: deals\nmodel: license\nstart_date: [won_time]\nfields:\n  - {planhat: value, pipedrive: value}\n  - {planhat: _currency, pipedrive: currency}\n  - {planhat: fromDate, pipedrive: $start_date}\n  - {planhat: product, pipedrive: title}\n",
    });
    for (const title of ["One", "A\ttab, a \\ and a\nline", "\\.", "Zoë 𠮷"])
      wonDeal(setting.sandbox, { title }, { name: title });
    await setting.sync();
    setting.sandbox.store.update("deals", 1, { value: 7 });
    await setting.sync();
    await setting.look("alter table planhat.companies add column tier numeric(6,2)");
    await setting.look("update planhat.companies set tier = 1.50, name = 'Edited' where source_id = '1'");
    file = join(setting.place.folder, "one.gz");
  });
  after(async () => {
    await setting.close();
    for (const location of made) await removeLocation(location);
  });

  const place = async (kind: DatabaseKind) => {
    const location = await emptyLocation(kind);
    made.push(location);
    return location;
  };
  /** Runs a command with another database than the config's. */
  const withDatabase = (location: string, ...args: string[]) => {
    const config = readFileSync(join(setting.place.folder, "config.yaml"), "utf8");
    setting.place.write("other.yaml", config.replace(/^database: .*$/m, `database: ${location}`));
    return setting.run([...args, "--config", "other.yaml"]);
  };

  it("holds every table, is its owner's alone, and says what is in it", async () => {
    const tables = await setting.look<{ name: string }>(
      "select schemaname || '.' || tablename as name from pg_tables where schemaname in ('connector', 'pipedrive', 'planhat')",
    );
    const ofJobs = /^connector\.(job|queue|archive|schedule|subscription|version|j[0-9a-f]{20,})/;
    const own = tables.map(({ name }) => name).filter((name) => name !== "connector.migrations" && !ofJobs.test(name));
    expect(own).to.have.members([...hubTables, "connector.console_sessions"]);
    await setting.look("create table planhat.own_notes (text text)");
    content = await contentOf(setting.location);
    const { status, stdout, stderr } = await setting.run(["backup", "one.gz"]);
    expect(status, stderr).to.equal(0);
    expect(stdout).to.match(/^planhat\.licenses +4$/m);
    expect(stdout).to.match(/rows as of \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ in \S+one\.gz \(\d+(\.\d)? k?B\)$/m);
    expect(stderr).to.contain("Not copied, because pipedrive-planhat did not make it: planhat.own_notes.");
    expect((statSync(file).mode & 0o777).toString(8)).to.equal("600");
    await setting.look("drop table planhat.own_notes");
  });

  it("restores into a folder, copies from there to a server, and each is the same; the next sync goes on", async () => {
    const folder = await place("embedded");
    const restored = await withDatabase(folder, "restore", "one.gz", "--json");
    expect(restored.status, restored.stderr).to.equal(0);
    expect(JSON.parse(restored.stdout)).to.include({ database: folder });
    expect(await contentOf(folder)).to.deep.equal(content);

    const server = await place("server");
    const copied = await withDatabase(folder, "database", "copy", server);
    expect(copied.status, copied.stderr).to.equal(0);
    expect(copied.stdout).to.contain("compared by hash.").and.not.to.contain(new URL(server).password);
    expect(await contentOf(server)).to.deep.equal(content);

    const requests = setting.sandbox.requests.count;
    const synced = await withDatabase(server, "sync", "--json");
    expect(synced.status, synced.stderr).to.equal(0);
    const { models, mode, sent } = JSON.parse(synced.stdout);
    expect(mode).to.equal("incremental");
    expect([models.license.created, models.license.updated]).to.deep.equal([0, 0]);
    expect(setting.sandbox.requests.count - requests).to.be.lessThan(16);
    expect(sent.organizations.updated, "an edit that was waiting for Pipedrive goes there").to.equal(1);
    wonDeal(setting.sandbox, { title: "Later" });
    const later = JSON.parse((await withDatabase(server, "sync", "--json")).stdout);
    expect(later.models.license.created, "its id follows on").to.equal(1);
  });

  it("is refused where it would replace something, and where it is damaged: nothing is changed", async () => {
    const whole = readFileSync(file);
    const text = gunzipSync(whole).toString("latin1");
    const write = (name: string, bytes: Buffer) => writeFileSync(join(setting.place.folder, name), bytes);
    write("cut.gz", whole.subarray(0, whole.length - 40));
    write("short.gz", gzipSync(bytesOf(text.slice(0, text.length - 30))));
    write("row.gz", gzipSync(bytesOf(text.replace(/^4\t.*\n/m, ""))));
    write("value.gz", gzipSync(bytesOf(text.replace("Edited", "Forged"))));
    write("newer.gz", gzipSync(bytesOf(text.replace(/"schema":\d+/, '"schema":9999'))));
    write("form.gz", gzipSync(bytesOf(text.replace("backup 1", "backup 2"))));
    write("table.gz", gzipSync(bytesOf(text.replace('"table":"planhat.companies"', '"table":"public.users"'))));
    write("type.gz", gzipSync(bytesOf(text.replace('"type":"numeric(6,2)"', '"type":"int; drop schema planhat"'))));
    write("no.gz", Buffer.from("PGDMP"));
    const empty = await place("server");
    for (const [name, exit, words] of [
      ["cut.gz", 1, "is damaged: it ends too early. Nothing was stored."],
      ["short.gz", 1, "is damaged: "],
      ["row.gz", 1, /is damaged: \S+ has \d+ rows of \d+/],
      ["value.gz", 1, "planhat.companies did not arrive as it was: 4 rows of 4, some with other values."],
      ["table.gz", 1, "is damaged: its first line does not describe the tables of a hub."],
      ["type.gz", 1, "The column tier (int; drop schema planhat) of planhat.companies could not be added"],
      ["newer.gz", 2, /The backup has schema 9999 \(version \S+\), and this version of pipedrive-planhat has \d+\./],
      ["form.gz", 2, 'has the form "pipedrive-planhat backup 2"'],
      ["no.gz", 2, "no.gz is not a backup of pipedrive-planhat."],
      ["nowhere.gz", 2, "nowhere.gz cannot be read: it does not exist."],
    ] as const) {
      const { status, stderr } = await withDatabase(empty, "restore", name);
      expect([name, status, stderr.includes("defect")], stderr).to.deep.equal([name, exit, false]);
      if (typeof words === "string") expect(stderr).to.contain(words);
      else expect(stderr).to.match(words);
    }
    const rows = await look<{ rows: string }>(
      empty,
      "select count(*)::text as rows from pg_tables t where schemaname = 'planhat' and (xpath('/row/c/text()', query_to_xml('select count(*) as c from planhat.' || quote_ident(tablename), false, true, '')))[1]::text <> '0'",
    );
    expect(rows).to.deep.equal([{ rows: "0" }]);

    const filled = await setting.run(["restore", "one.gz"]);
    expect(filled.status).to.equal(3);
    expect(filled.stderr).to.match(/is not empty: planhat\.companies has rows\./);
    const again = await setting.run(["backup", "one.gz"]);
    expect([again.status, again.stderr.includes("one.gz exists already.")], again.stderr).to.deep.equal([2, true]);
    const nowhere = await setting.run(["backup", "no/such/folder.gz"]);
    expect(nowhere.status).to.equal(3);
    expect(nowhere.stderr).to.contain("no/such/folder.gz cannot be written: its folder does not exist.");
    expect(readFileSync(file).equals(whole)).to.equal(true);
    const none = await withDatabase(join(setting.place.folder, "none"), "backup", "two.gz");
    expect([none.status, none.stderr.includes("Nothing has been synced into")], none.stderr).to.deep.equal([3, true]);
  });
});
