import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { openDatabase } from "../../../connector/database/open/open-database.ts";
import { packageRoot } from "../../../connector/package-root.ts";
import { onServerFirst } from "../../databases.ts";
import { emptyAccount, type SandboxSync, sandboxSync } from "../../sandbox-sync.ts";

const odd = '=HYPERLINK("http://x")\n\u009bTōkyō, "日本"';

describe("query and export", function () {
  this.timeout(180_000);
  onServerFirst((kind) => {
    let setting: SandboxSync;
    before(async () => {
      setting = await sandboxSync(kind, emptyAccount);
      const database = await openDatabase(setting.location);
      await database.query(
        `insert into planhat.companies (source_id, name, city, custom)
         select n::text, case n when 7 then $1 else 'Company ' || n end,
           case n % 3 when 0 then null when 1 then '' else '-5' end,
           jsonb_build_object('Tier', n) from generate_series(1, 1500) n`,
        [odd],
      );
      await database.query(
        "insert into planhat.licenses (source_id, company_id, value) select '1', 1, 1234567890123456.78",
      );
      await database.close();
    });
    after(() => setting.close());

    const started = (args: readonly string[], input = "") => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [`${packageRoot}dist/main.js`, ...args], {
        cwd: setting.place.folder,
        input,
        encoding: "utf8",
        env: { PATH: process.env["PATH"], HOME: setting.place.folder },
      });
      return { status, stdout, stderr };
    };

    it("query reads a statement from stdin, and prints every row of it exactly", () => {
      const sql = `-- which
        select c.id, c.name, c.city, c.custom, l.value, l.company_id as id,
          date '2026-11-30' as day, array[true, null] as list
        from planhat.companies c left join planhat.licenses l on l.company_id = c.id order by c.id;`;
      const { status, stdout, stderr } = started(["query", "--format", "jsonl"], sql);
      expect([status, stderr]).to.deep.equal([0, ""]);
      const rows = stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line));
      expect(rows).to.have.length(1500);
      const same = { day: "2026-11-30", list: [true, null] };
      expect(rows[0]).to.deep.equal({
        ...same,
        id: 1,
        name: "Company 1",
        city: "",
        custom: { Tier: 1 },
        value: "1234567890123456.78",
        id_2: 1,
      });
      expect(rows[6]).to.deep.include({ name: odd, city: "", value: null, id_2: null });
      expect(rows[2]).to.deep.include({ city: null });
    });

    it("query ends with 2 for what is wrong or writes, 1 after its time, 0 for a reader that leaves", () => {
      const wrong = started(["query", "select nam\nfrom planhat.companies"]);
      expect(wrong.status).to.equal(2);
      expect(wrong.stdout).to.equal("");
      expect(wrong.stderr).to.match(
        /^Error: statement:1:8: error: Column "nam" does not exist\.\n {2}1 \| select nam\n {13}\^\n.*companies\.name/,
      );
      const writes = started(["query"], "update planhat.companies set name = null");
      expect([writes.status, writes.stdout]).to.deep.equal([2, ""]);
      expect(writes.stderr).to.contain("UPDATE is not a reading statement.");
      const endless = "with recursive n(n) as (values (1) union all select 1 from n) select count(*) from n";
      const late = started(["query", "--timeout", "1", endless]);
      expect([late.status, late.stdout]).to.deep.equal([1, ""]);
      expect(late.stderr).to.contain("Error: The statement took longer than 1 s and was stopped.");
      const bin = `${process.execPath} ${packageRoot}dist/main.js`;
      const head = `set -o pipefail; ${bin} query "select generate_series(1, 1000000000) as n" | head -2`;
      const piped = spawnSync("bash", ["-c", head], { cwd: setting.place.folder, encoding: "utf8" });
      expect([piped.status, piped.stdout, piped.stderr]).to.deep.equal([0, "n\r\n1\r\n", ""]);
    });

    it("query is stopped by Ctrl-C, quickly and with 130", async () => {
      let began = 0;
      const { status, stderr } = await setting.run(["query", "select generate_series(1, 1000000000) as n"], (child) => {
        child.stdout!.once("data", () => {
          began = Date.now();
          child.kill("SIGINT");
        });
      });
      expect([status, stderr]).to.deep.equal([130, "Stopped by SIGINT. Nothing was changed.\n"]);
      expect(Date.now() - began).to.be.lessThan(20_000);
    });

    it("export writes the tables that are named, all as of one moment, for spreadsheets or as JSON Lines", () => {
      const folder = join(setting.place.folder, "out", "deep");
      const { status, stdout, stderr } = started(["export", "--to", folder, "--json"]);
      expect([status, stderr]).to.deep.equal([0, ""]);
      const told = JSON.parse(stdout) as {
        at: string;
        files: { table: string; file: string; rows: number; bytes: number }[];
      };
      expect(told.at).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      expect(readdirSync(folder).sort()).to.deep.equal(told.files.map(({ file }) => file).sort());
      expect(told.files[0]).to.deep.include({ table: "planhat.companies", file: "companies.csv", rows: 1500 });
      for (const { file, bytes } of told.files) expect(readFileSync(join(folder, file)).length).to.equal(bytes);
      const text = readFileSync(join(folder, "companies.csv"), "utf8");
      expect(text).to.match(/^\ufeffid,planhat_id,source_id,/);
      expect(text).to.contain(`,"'=HYPERLINK(""http://x"")\n\u009bTōkyō, ""日本""",`);
      expect(text).to.contain(`"{""Tier"": 2}"`).and.to.contain(",-5,");
      const again = started(["export", "Company", "planhat.licenses", "--format", "jsonl", "--to", folder]);
      expect(again.status, again.stderr).to.equal(0);
      expect(again.stdout).to.contain("companies.jsonl  1500").and.to.contain("licenses.jsonl      1");
      const [license] = readFileSync(join(folder, "licenses.jsonl"), "utf8").trimEnd().split("\n");
      expect(JSON.parse(license!)).to.deep.include({ source_id: "1", company_id: 1, value: "1234567890123456.78" });
    });
  });
});

describe("export", function () {
  this.timeout(120_000);
  let setting: SandboxSync;
  before(async () => {
    setting = await sandboxSync("server", { organizations: 3, persons: 3, deals: 5, notes: 3 });
    await setting.sync();
  });
  after(() => setting.close());

  it("refuses a table that is none, and a place that cannot be written, and leaves what is there", async () => {
    const folder = join(setting.place.folder, "out");
    mkdirSync(join(folder, "notes.csv"), { recursive: true });
    writeFileSync(join(folder, "companies.csv"), "mine");
    writeFileSync(join(folder, "other.txt"), "other");
    const near = await setting.run(["export", "companys", "--to", folder]);
    expect([near.status, near.stderr]).to.deep.equal([
      2,
      "Error: There is no Planhat table companys.\nDid you mean `companies`?\n",
    ]);
    const taken = await setting.run(["export", "--to", folder]);
    expect([taken.status, taken.stderr.split("\n")[0]]).to.deep.equal([
      3,
      `Error: ${join(folder, "notes.csv")} is there already, and is no file that could be replaced.`,
    ]);
    const file = await setting.run(["export", "companies", "--to", join(folder, "other.txt")]);
    expect([file.status, file.stderr]).to.deep.equal([
      3,
      `Error: ${join(folder, "other.txt")} is a file, or lies below one, and \`--to\` names a folder.\nName another folder: --to <folder>.\n`,
    ]);
    writeFileSync(join(setting.place.folder, "full"), "");
    const full = await setting.run(["export", "companies", "--to", folder], undefined, {
      FULL_DISK_WHILE: join(setting.place.folder, "full"),
      NODE_OPTIONS: `--import ${import.meta.resolve("../../faults/full-disk-writes.mjs")}`,
    });
    expect([full.status, full.stderr]).to.deep.equal([
      3,
      `Error: The disk with the folder ${folder} is full.\nMake room, or name a folder elsewhere. No file was changed.\n`,
    ]);
    expect(readdirSync(folder).sort()).to.deep.equal(["companies.csv", "notes.csv", "other.txt"]);
    expect(readFileSync(join(folder, "companies.csv"), "utf8")).to.equal("mine");
    const replaced = await setting.run(["export", "companies", "licenses", "--to", folder, "--raw"]);
    expect(replaced.status, replaced.stderr).to.equal(0);
    expect(readFileSync(join(folder, "companies.csv"), "utf8"))
      .to.match(/^id,planhat_id/)
      .and.to.not.contain("\r");
    expect(readFileSync(join(folder, "other.txt"), "utf8")).to.equal("other");
  });

  it("and query say what to do where nothing was synced, and where a terminal gives no statement", async () => {
    setting.place.write(
      "empty.yaml",
      `company_url: https://acme.pipedrive.com\napi_token: x1234567\ndatabase: ./none\n`,
    );
    for (const args of [
      ["query", "select 1"],
      ["export", "--to", "x"],
    ]) {
      const { status, stderr } = await setting.run([...args, "--config", "empty.yaml"]);
      expect([status, stderr]).to.deep.equal([
        3,
        `Error: Nothing has been synced into ${join(setting.place.folder, "none")} yet.\nRun a first sync: pipedrive-planhat sync.\n`,
      ]);
    }
    expect(existsSync(join(setting.place.folder, "none"))).to.equal(false);
  });

  it("query on a terminal is a table", async function () {
    // `script` gives a program a terminal; not every system has it.
    if (spawnSync("script", ["-qec", "true", "/dev/null"]).status !== 0) return this.skip();
    const statement = `select 1 as one, null as none, chr(27) || '[2J' as text`;
    const command = `stty cols 80; ${process.execPath} ${packageRoot}dist/main.js query "${statement}"`;
    const shown = execFileSync("script", ["-qec", command, "/dev/null"], {
      cwd: setting.place.folder,
      env: { PATH: process.env["PATH"], TERM: "xterm", NO_COLOR: "1" },
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"],
    });
    expect(shown.replaceAll("\r\n", "\n")).to.equal("one  none  text\n  1  NULL   [2J\n(1 row)\n");
  });
});
