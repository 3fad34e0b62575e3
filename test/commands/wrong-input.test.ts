import { chmodSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { openDatabase } from "../../connector/database/open/open-database.ts";
import { type Sandbox, startSandbox } from "../../connector/sandbox/server.ts";
import { migratedLocation, removeLocation } from "../databases.ts";
import { inTestLong } from "../long.ts";
import { makeWorkplace, runBin, type Workplace } from "../run-bin.ts";

describe("wrong input ends in one clear sentence, before anything is written", () => {
  let sandbox: Sandbox;
  let place: Workplace;
  before(async () => {
    sandbox = await startSandbox({ organizations: 3, persons: 3, deals: 3, notes: 3, burstLimit: 1000 });
  });
  beforeEach(() => {
    place = makeWorkplace();
  });
  afterEach(() => {
    chmodSync(place.folder, 0o700);
    place.remove();
  });
  after(() => sandbox.close());

  const sync = async (config: string, ...options: string[]) => {
    place.write("config.yaml", config);
    const files = readdirSync(place.folder);
    const result = await runBin(place.folder, ["sync", ...options]);
    expect(result.stdout).to.equal("");
    expect(readdirSync(place.folder), "nothing is left behind").to.deep.equal(files);
    return {
      status: result.status,
      stderr: result.stderr.replaceAll(place.folder, "").replaceAll(sandbox.url, "http://sandbox"),
    };
  };
  const good = () => `company_url: ${sandbox.url}\napi_token: ${sandbox.token}\n`;

  it("a missing config", async () => {
    const { status, stderr } = await runBin(place.folder, ["sync"]);
    expect(status).to.equal(2);
    expect(stderr).to.equal(
      "Error: The config file config.yaml does not exist.\nWrite one with `pipedrive-planhat init`, or name yours with --config <file> or PIPEDRIVE_PLANHAT_CONFIG.\n",
    );
  });

  it("an unknown key of the config", async () => {
    expect(await sync(`${good()}databse: ./x\n`)).to.deep.equal({
      status: 2,
      stderr:
        "Error: The config has 1 problem.\n\nconfig.yaml:3:1: error: Unknown key `databse`.\n  3 | databse: ***\n      ^\n  Did you mean `database`?\n",
    });
  });

  it("a company URL that names no company", async () => {
    const { status, stderr } = await sync("company_url: my company\napi_token: abcdefgh\n");
    expect(status).to.equal(2);
    expect(stderr).to.equal(
      "Error: company_url is my company, which is not the address of a Pipedrive account.\nCopy the address that the browser shows while you are signed in to Pipedrive, such as https://acme.pipedrive.com.\n",
    );
  });

  it("plain http to another machine", async () => {
    const { status, stderr } = await sync("company_url: http://acme.pipedrive.com\napi_token: abcdefgh\n");
    expect(status).to.equal(2);
    expect(stderr).to.match(/https/);
  });

  it("a URL where nothing answers", async () => {
    const { status, stderr } = await sync("company_url: http://127.0.0.1:9\napi_token: abcdefgh\n");
    expect(status).to.equal(3);
    expect(stderr).to.match(
      /^Error: No connection to Pipedrive at http:\/\/127\.0\.0\.1:9: .+\nCheck company_url and this machine's network, then run again\.\n$/,
    );
  });

  it("a token that Pipedrive refuses, which is never shown", async () => {
    const { status, stderr } = await sync(`company_url: ${sandbox.url}\napi_token: not-the-token-1234\n`);
    expect(status).to.equal(3);
    expect(stderr)
      .to.match(/^Error: .*refused.*token.*\n.+\n$/i)
      .and.not.contain("not-the-token-1234");
  });

  it("a mappings folder that does not exist", async () => {
    const { status, stderr } = await sync(`${good()}mappings: ./maps\n`);
    expect(status).to.equal(2);
    expect(stderr).to.match(/^Error: The mappings folder \/maps does not exist\.\n/);
  });

  it("a mapping key, a field and a pipeline that do not exist, all at once, each with its place and the nearest word", async () => {
    mkdirSync(join(place.folder, "maps"));
    place.write(
      "maps/deals.yaml",
      `stream: deals
directon: receive
pipelines: [Slaes]
models:
  - model: license
    fields:
      - {planhat: _currency, pipedrive: currency}
      - {planhat: fromDate, pipedrive: $start_date}
      - {planhat: custom.Type, pipedrive: Deal tpye}
`,
    );
    place.write("config.yaml", `${good()}mappings: ./maps\n`);
    const { status, stderr, stdout } = await runBin(place.folder, ["sync"]);
    expect(status).to.equal(2);
    expect(stdout).to.equal("");
    expect(stderr)
      .to.match(/maps\/deals\.yaml:2:1: error: .*directon.*\n/)
      .and.contain("direction");
  });

  it("a mapping that names what this account does not have", async () => {
    mkdirSync(join(place.folder, "maps"));
    place.write(
      "maps/deals.yaml",
      `stream: deals
direction: receive
start_date: [won_time]
pipelines: [Slaes]
models:
  - model: license
    fields:
      - {planhat: _currency, pipedrive: currency}
      - {planhat: fromDate, pipedrive: $start_date}
      - {planhat: custom.Type, pipedrive: Deal tpye}
`,
    );
    place.write("config.yaml", `${good()}mappings: ./maps\n`);
    const { status, stderr } = await runBin(place.folder, ["sync"]);
    expect(status).to.equal(2);
    expect(stderr)
      .to.match(/maps\/deals\.yaml:4:13: error: .*Slaes/)
      .and.contain("Sales");
    expect(stderr)
      .to.match(/maps\/deals\.yaml:10:\d+: error: .*Deal tpye/)
      .and.contain("Deal type");
  });

  it("a database server that cannot be reached, without its password", async () => {
    const { status, stderr } = await sync(`${good()}database: postgres://user:hush-hush@127.0.0.1:9/planhat\n`);
    expect(status).to.equal(3);
    expect(stderr)
      .to.match(/^Error: .+127\.0\.0\.1:9.+\n/)
      .and.not.contain("hush-hush");
  });

  it("a database folder that holds something else", async () => {
    mkdirSync(join(place.folder, "pictures"));
    place.write("pictures/cat.txt", "meow");
    const { status, stderr } = await sync(`${good()}database: ./pictures\n`);
    expect(status).to.equal(3);
    expect(stderr).to.match(/^Error: .*\/pictures.+\n/);
    expect(readdirSync(join(place.folder, "pictures"))).to.deep.equal(["cat.txt"]);
  });

  for (const kind of inTestLong ? (["embedded", "server"] as const) : (["server"] as const)) {
    it(`a database whose schema is newer than the program (${kind})`, async () => {
      const location = await migratedLocation(kind);
      const database = await openDatabase(location);
      await database.query("insert into connector.migrations (number, name) values (9999, 'from-the-future')");
      await database.close();
      const { status, stderr } = await sync(`${good()}database: ${location}\n`);
      expect(status).to.equal(3);
      expect(stderr).to.match(
        /^Error: The database .* has schema 9999 \(from-the-future\), and this version .+\n.+nothing was written\.\n$/,
      );
      await removeLocation(location);
    });
  }

  it("wrong options", async () => {
    for (const args of [
      ["sync", "--company", "abc"],
      ["sync", "--ful"],
      ["synk"],
      ["sync", "--full", "--company", "1"],
      [],
    ]) {
      const { status, stdout, stderr } = await runBin(place.folder, args);
      expect(status, args.join(" ")).to.equal(2);
      expect(stdout).to.equal("");
      expect(stderr).not.to.equal("");
    }
    expect((await runBin(place.folder, ["synk"])).stderr).to.contain("(Did you mean sync?)");
  });

  it("an organization that does not exist", async () => {
    const location = await migratedLocation("server");
    place.write("config.yaml", `${good()}database: ${location}\n`);
    const { status, stderr } = await runBin(place.folder, ["sync", "--company", "999999"]);
    expect(status).to.equal(1);
    expect(stderr).to.contain("Pipedrive has no organization 999999");
    await removeLocation(location);
  });

  it("status before the first sync", async () => {
    place.write("config.yaml", good());
    const { status, stderr } = await runBin(place.folder, ["status"]);
    expect(status).to.equal(3);
    expect(stderr).to.contain("The first sync makes it: pipedrive-planhat sync.");
    expect(existsSync(join(place.folder, "planhat-data"))).to.equal(false);
  });
});
