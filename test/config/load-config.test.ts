import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { loadConfig } from "../../connector/config/load-config.ts";
import { Failure } from "../../connector/failure.ts";

describe("the config file", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "config-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const load = (text: string, environment: Record<string, string> = {}) => {
    const file = join(folder, "config.yaml");
    writeFileSync(file, text, { mode: 0o600 });
    return loadConfig(file, environment);
  };
  const failureOf = async (text: string, environment: Record<string, string> = {}) => {
    try {
      await load(text, environment);
    } catch (error) {
      expect(error).to.be.instanceOf(Failure);
      expect((error as Failure).exitStatus).to.equal(2);
      return (error as Failure).message.replaceAll(folder, "");
    }
    throw new Error("the config was accepted");
  };

  it("needs two lines, and the rest has defaults", async () => {
    const { config } = await load("company_url: acme\napi_token: abcd1234\n");
    expect(config).to.include({ company_url: "acme", database: join(folder, "planhat-data"), follow_changes: false });
    expect(config.mappings).to.match(/mappings$/);
    expect(config).not.to.have.property("start_date");
  });

  it("may be JSON", async () => {
    const { config } = await load('{"company_url": "acme", "api_token": "abcd1234", "database": "postgres://u:p@h/d"}');
    expect(config.database).to.equal("postgres://u:p@h/d");
  });

  it("takes environment variables within any string, and keeps their values secret", async () => {
    const { config, secrets } = await load("company_url: https://${COMPANY}.pipedrive.com\napi_token: ${TOKEN}\n", {
      COMPANY: "acme",
      TOKEN: "abcd1234",
    });
    expect(config.company_url).to.equal("https://acme.pipedrive.com");
    expect(secrets).to.deep.equal(["abcd1234"]);
  });

  it("keeps a database password secret, as written and as decoded", async () => {
    const { secrets } = await load("company_url: acme\napi_token: abcd1234\ndatabase: postgres://u:p%40ss@h/d\n");
    expect(secrets).to.have.members(["abcd1234", "p%40ss", "p@ss"]);
  });

  it("refuses the URL of another database than Postgres, and does not repeat it", async () => {
    const message = await failureOf("company_url: acme\napi_token: abcd1234\ndatabase: mysql://u:secret@h/d\n");
    expect(message).to.equal(
      [
        "The config has 1 problem.",
        "",
        "/config.yaml:3:11: error: `database` must be a folder, or the postgres:// URL of a Postgres server.",
        "  3 | database: ********************",
        "                ^",
        "  Write it as postgres://user:${PASSWORD}@host/database.",
      ].join("\n"),
    );
  });

  it("says all that is wrong at once, each with its line and column and the way out", async () => {
    const message = await failureOf(
      "company_ulr: acme\napi_token: ${PIPEDRIVE_API_TOKEN}\nstart_date: yesterday\ndaily_token_budget: lots\nplanhat:\n  api_token: x\n  api_url: http://planhat.example\n",
    );
    expect(message).to.equal(
      [
        "The config has 6 problems.",
        "",
        "/config.yaml:1:1: error: Unknown key `company_ulr`.",
        "  1 | company_ulr: acme",
        "      ^",
        "  Did you mean `company_url`?",
        "",
        "/config.yaml:1:1: error: The config lacks `company_url`.",
        "  1 | company_ulr: acme",
        "      ^",
        "  Write the address that the browser shows in Pipedrive: company_url: https://acme.pipedrive.com.",
        "",
        "/config.yaml:2:12: error: The environment variable PIPEDRIVE_API_TOKEN is not set.",
        "  2 | api_token: ${PIPEDRIVE_API_TOKEN}",
        "                 ^",
        "  Write PIPEDRIVE_API_TOKEN=… into .env beside this file, or export it.",
        "",
        "/config.yaml:3:13: error: `start_date` must look like 2020-01-01T00:00:00Z.",
        "  3 | start_date: yesterday",
        "                  ^",
        "  Write a day that there is and a time, as start_date: 2024-01-31T00:00:00Z.",
        "",
        "/config.yaml:4:21: error: `daily_token_budget` must be a whole number.",
        "  4 | daily_token_budget: lots",
        "                          ^",
        "",
        "/config.yaml:7:12: error: `planhat.api_url` must be an https:// address; plain http is for this machine only.",
        "  7 |   api_url: http://planhat.example",
        "                 ^",
      ].join("\n"),
    );
  });

  it("has a brake with limits of its own, or off, and says of anything else what to write", async () => {
    const brake = async (written: string) =>
      (await load(`company_url: acme\napi_token: abcd1234\nbrake: ${written}\n`)).config.brake;
    expect(await brake("off")).to.equal("off");
    expect(await brake('"off"')).to.equal("off");
    expect(await brake("{share: 0.2}")).to.deep.equal({ share: 0.2, rows: 100 });
    expect(await brake("{rows: 0}")).to.deep.equal({ share: 0.5, rows: 0 });
    const faults = async (written: string) =>
      (await failureOf(`company_url: acme\napi_token: abcd1234\nbrake: ${written}\n`)).match(
        /^(?:.*error: .*| {2}[A-Z].*)$/gm,
      );
    const how = "  Write brake: {share: 0.5, rows: 100}, or brake: off for none.";
    const share = "  It is a part of a model's rows: 0.5 is half of them.";
    for (const wrong of ["on", "false", "50"]) {
      const message = "/config.yaml:3:8: error: `brake` must be `off` or `key: value` lines.";
      expect(await faults(wrong), wrong).to.deep.equal([message, how]);
    }
    expect(await faults("{share: 50, rows: 1.5, row: 3}")).to.deep.equal([
      "/config.yaml:3:16: error: `brake.share` must be at most 1.",
      share,
      "/config.yaml:3:26: error: `brake.rows` must be a whole number.",
      "  It is a whole number of rows, such as 100.",
      "/config.yaml:3:31: error: Unknown key `row`.",
      "  Did you mean `rows`?",
    ]);
    expect(await faults("{share: -1, rows: -1}")).to.deep.equal([
      "/config.yaml:3:16: error: `brake.share` must be at least 0.",
      share,
      "/config.yaml:3:26: error: `brake.rows` must be at least 0.",
      "  It is a whole number of rows, such as 100.",
    ]);
  });

  it("a variable that is not set is one problem, whatever its value would have to be", async () => {
    const message = await failureOf(
      "company_url: acme\napi_token: x\nsync_token: ${SYNC_TOKEN}\nschedule: ${SCHEDULE}\nstart_date: ${START}\n",
    );
    expect(message.match(/error: .*/g)).to.deep.equal(
      ["SYNC_TOKEN", "SCHEDULE", "START"].map((name) => `error: The environment variable ${name} is not set.`),
    );
  });

  it("without a token says where to find it", async () => {
    expect(await failureOf("company_url: acme\n"))
      .to.contain("The config lacks `api_token`")
      .and.to.contain("Personal preferences > API");
  });

  it("with broken YAML names the line", async () => {
    expect(await failureOf("company_url: acme\n  api_token: [x\n")).to.match(/config\.yaml:\d+:\d+: error: /);
  });

  it("that is no mapping of keys says what is expected", async () => {
    expect(await failureOf("just text")).to.contain("list of `key: value` lines");
  });

  it("that is missing says how to name one", async () => {
    try {
      await loadConfig(join(folder, "nowhere.yaml"), {});
      throw new Error("accepted");
    } catch (error) {
      expect((error as Failure).message).to.match(/nowhere\.yaml does not exist\.$/);
      expect((error as Failure).hint).to.contain("--config <file>");
    }
  });

  it("with a token that others may read is noticed", async () => {
    const file = join(folder, "config.yaml");
    writeFileSync(file, "company_url: acme\napi_token: abcd1234\n");
    chmodSync(file, 0o644);
    expect((await loadConfig(file, {})).notices).to.have.length(1);
    chmodSync(file, 0o600);
    expect((await loadConfig(file, {})).notices).to.have.length(0);
  });

  it("with mapping files beside it that it does not name, or a start_date to come, is noticed", async () => {
    const file = join(folder, "config.yaml");
    mkdirSync(join(folder, "mappings"));
    const write = (more: string) =>
      writeFileSync(file, `company_url: acme\napi_token: \${TOKEN}\n${more}`, { mode: 0o600 });
    const notices = async () =>
      (await loadConfig(file, { TOKEN: "acme" })).notices.map((notice) => notice.replaceAll(folder, ""));
    write("");
    expect(await notices(), "an empty folder").to.deep.equal([]);
    writeFileSync(join(folder, "mappings", "deals.yaml"), "stream: deals\n");
    expect(await notices()).to.deep.equal([
      "The mapping files in /mappings are not used: the config has no `mappings`. Add `mappings: ./mappings`.",
    ]);
    write("mappings: ./mappings\nstart_date: 2099-01-01T00:00:00Z\n");
    expect(await notices()).to.deep.equal([
      "`start_date` 2099-01-01T00:00:00Z is in the future: until then every deal is before it, and none syncs.",
    ]);
  });

  it("with a webhook's address that others may read is noticed", async () => {
    const file = join(folder, "config.yaml");
    const url = "https://hooks.slack.com/services/T0/B0/not-for-everybody";
    writeFileSync(file, `company_url: acme\napi_token: \${TOKEN}\nalerts: [{url: ${url}, format: slack}]\n`);
    chmodSync(file, 0o644);
    const { notices } = await loadConfig(file, { TOKEN: "acme" });
    expect(notices.map((notice) => notice.replace(folder, ""))).to.deep.equal([
      `/config.yaml holds a secret and other users of this machine may read it: chmod 600 ${file}, or write \${NAME}.`,
    ]);
    const named = 'company_url: acme\napi_token: ${TOKEN}\nalerts: [{url: "${SLACK}", format: slack}]\n';
    writeFileSync(file, named);
    expect((await loadConfig(file, { TOKEN: "acme", SLACK: url })).notices).to.deep.equal([]);
  });
});
