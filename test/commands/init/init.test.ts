import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { parse } from "yaml";
import { refuseOtherAddress } from "../../../connector/commands/init/answers.ts";
import { nextSteps } from "../../../connector/commands/init/describe-init.ts";
import { type TextFile, writeTogether } from "../../../connector/commands/mapping/write-together.ts";
import { parseCompanyUrl } from "../../../connector/pipedrive/client/company-url.ts";
import { type Sandbox, startSandbox } from "../../../connector/sandbox/server.ts";
import { urlSecrets } from "../../../connector/server-url.ts";
import { caughtFailure } from "../../caught-failure.ts";
import { migratedLocation, removeLocation } from "../../databases.ts";
import { hasTerminals, runOnTerminal } from "../../pseudo-terminal.ts";
import { makeWorkplace, runBin, type Workplace } from "../../run-bin.ts";

const token = "0123456789abcdef0123456789abcdef01234567";
const nothing = "Nothing was written.\n";

describe("init", function () {
  this.timeout(120_000);
  let sandbox: Sandbox;
  let place: Workplace;
  before(async () => {
    const sizes = { organizations: 3, persons: 3, deals: 6, notes: 3 };
    sandbox = await startSandbox({ ...sizes, burstLimit: 1000, token });
  });
  beforeEach(() => {
    place = makeWorkplace();
  });
  afterEach(() => place.remove());
  after(() => sandbox.close());
  const run = (args: readonly string[], env: Record<string, string> = { PIPEDRIVE_API_TOKEN: token }) =>
    runBin(place.folder, args, { env });
  const init = (...args: string[]) => run(["init", "--company-url", sandbox.url, ...args]);
  const read = (name: string) => readFileSync(join(place.folder, name), "utf8");
  const names = () => readdirSync(place.folder).sort();

  it("and then sync is all that a new user needs, also in a copy of the folder elsewhere", async () => {
    const { status, stdout, stderr } = await init("--yes");
    expect(status, stderr).to.equal(0);
    expect(stderr).to.equal("");
    expect(stdout.replaceAll(place.folder, "").replace(/^(account|token of|may read|pipelines) .*\n/gm, "")).to.equal(
      `database   embedded, in /planhat-data

config.yaml: written
.env: written, with the API token, for this user alone
.gitignore: written, so that git leaves out .env and planhat-data/
mappings/deals.yaml: written, with 17 custom fields of the account to choose from
mappings/organizations.yaml: written, with 17 custom fields of the account to choose from
mappings/persons.yaml: written, with 17 custom fields of the account to choose from
mappings/notes.yaml: written

Next:
  pipedrive-planhat plan  what a first sync would do; it writes nothing
  pipedrive-planhat sync  the first sync: everything once, then only what changed
`,
    );
    expect(parse(read("config.yaml"))).to.deep.equal({
      company_url: sandbox.url,
      api_token: `\${PIPEDRIVE_API_TOKEN}`,
      mappings: "./mappings",
      database: "./planhat-data",
    });
    expect(read(".env")).to.contain(`\nPIPEDRIVE_API_TOKEN=${token}\n`);
    expect(statSync(join(place.folder, ".env")).mode & 0o777).to.equal(0o600);
    expect(read(".gitignore")).to.contain("\n/.env\n/planhat-data/\n");
    const other = makeWorkplace();
    try {
      cpSync(place.folder, other.folder, { recursive: true });
      const [, schema] = /\$schema=(\S+)/.exec(readFileSync(join(other.folder, "mappings/deals.yaml"), "utf8"))!;
      expect(schema, "without a way out of the folder").not.to.match(/[/\\]/);
      expect(JSON.parse(readFileSync(join(other.folder, "mappings", schema!), "utf8"))).to.have.property("allOf");
      const synced = await runBin(other.folder, ["sync", "--json"]);
      expect(synced.status, synced.stderr).to.equal(0);
      expect(JSON.parse(synced.stdout).models.company.created).to.be.greaterThan(0);
    } finally {
      other.remove();
    }
    const again = await init("--yes");
    expect(again.status).to.equal(2);
    expect(again.stderr).to.equal(
      `Error: config.yaml is there already, and init replaces no file.\nChange it by hand, or name a new one: --config other/config.yaml. \`mapping init\` writes the mapping alone.\n${nothing}`,
    );
  });

  it("without answers and a terminal says what it needs, and writes nothing", async () => {
    const { status, stderr } = await run(["init"], {});
    expect(status).to.equal(2);
    expect(stderr).to.equal(
      `Error: There is no terminal to ask on, so it needs --company-url <address> and the API token (in PIPEDRIVE_API_TOKEN or --token-file <file>).\n${nothing}See: pipedrive-planhat help init\n`,
    );
    expect(names()).to.deep.equal([]);
  });

  const wrong: [string, number, RegExp, string[], Record<string, string>?][] = [
    ["a token that Pipedrive refuses", 3, /refused the API token \(401/, [], { PIPEDRIVE_API_TOKEN: "not-the-token" }],
    ["an address that is none", 2, /is not the address of a Pipedrive account/, ["--company-url", "a b"]],
    [
      "a misspelt domain",
      2,
      /Did you mean https:\/\/acme\.pipedrive\.com/,
      ["--company-url", "http://acme.pipedrvie.com"],
    ],
    [
      "a database server that is away",
      3,
      /cannot be reached/,
      ["--database", "postgres://u:pass-word-12@127.0.0.1:1/d"],
    ],
    ["another kind of database", 2, /must be a folder, or the postgres/, ["--database", "mysql://h/d"]],
    ["the folder itself for the database", 2, /needs a folder of its own/, ["--database", "."]],
    ["a home that no shell replaced", 2, /Write the whole path/, ["--database", "~/data"]],
    ["a token file that is missing", 2, /token file none does not exist/, ["--token-file", "none"], {}],
    ["a config that would be JSON", 2, /ending \.yaml/, ["--config", "config.json"]],
  ];
  for (const [what, exit, message, args, env] of wrong) {
    it(`refuses ${what}, and writes nothing`, async () => {
      const { status, stdout, stderr } = await run(["init", "--company-url", sandbox.url, ...args], env);
      expect(status, stderr).to.equal(exit);
      expect(stderr)
        .to.match(message)
        .and.satisfy((text: string) => text.endsWith(nothing));
      expect(stdout).to.equal("");
      expect(names()).to.deep.equal([]);
    });
  }

  it("refuses the address of another account, with both addresses", async () => {
    const account = { user: { name: "A", email: null, isAdmin: true }, companyId: 1, companyName: "Acme" };
    const failure = await caughtFailure(() =>
      refuseOtherAddress(parseCompanyUrl("https://other.pipedrive.com"), { ...account, companyDomain: "acme" }),
    );
    expect(failure).to.deep.equal({
      kind: "usage",
      message: "The token is that of Acme (acme.pipedrive.com), and the company URL is https://other.pipedrive.com.",
      hint: "Give https://acme.pipedrive.com, or a token that was made in other.pipedrive.com.",
    });
    refuseOtherAddress(parseCompanyUrl("https://api.pipedrive.com"), { ...account, companyDomain: "acme" });
  });

  it("adds to the files of the user and keeps every line", async () => {
    place.write(".env", "OTHER=1");
    place.write(".gitignore", "node_modules\r\n.env\r\n");
    mkdirSync(join(place.folder, "mappings"));
    place.write("mappings/notes.yml", "stream: notes\n");
    const all = () => [...names(), read(".env"), read(".gitignore"), ...readdirSync(join(place.folder, "mappings"))];
    const was = all();
    mkdirSync(join(place.folder, "mappings/mapping.schema.json"));
    const failed = await init();
    expect(failed.status).to.equal(3);
    expect(failed.stderr).to.match(/cannot be written: a folder has the name of a file/);
    rmSync(join(place.folder, "mappings/mapping.schema.json"), { recursive: true });
    expect(all()).to.deep.equal(was);

    const { status, stdout, stderr } = await init("--json", "--database", "data here");
    expect(status, stderr).to.equal(0);
    const { files, next } = JSON.parse(stdout);
    expect(files.slice(0, 3)).to.deep.equal([
      { file: "config.yaml", action: "written" },
      { file: ".env", action: "extended" },
      { file: ".gitignore", action: "extended" },
    ]);
    expect(files.at(-1)).to.include({ file: "mappings/notes.yml", action: "kept" });
    expect(next).to.deep.equal(["pipedrive-planhat plan", "pipedrive-planhat sync"]);
    expect(read(".env")).to.match(/^OTHER=1\n\n# .*\nPIPEDRIVE_API_TOKEN=/);
    expect(read(".gitignore")).to.match(/^node_modules\r\n\.env\r\n\n# .*\n\/data here\/\n$/);
    expect(parse(read("config.yaml")).database).to.equal("data here");
  });

  it("keeps the password of a server out of the config", async () => {
    const location = await migratedLocation("server");
    try {
      const [password] = urlSecrets(location);
      const { status, stderr, stdout } = await init("--database", location, "--config", "hub/config.yaml");
      expect(status, stderr).to.equal(0);
      expect(stdout).to.contain("pipedrive-planhat sync --config hub/config.yaml");
      expect(read("hub/config.yaml")).to.contain("database: ${PIPEDRIVE_PLANHAT_DATABASE}").and.not.contain(password);
      expect(read("hub/.env")).to.contain(`PIPEDRIVE_PLANHAT_DATABASE=${location}`);
      const checked = await runBin(place.folder, ["--config", "hub/config.yaml", "check"]);
      expect(JSON.parse(checked.stdout).connectionStatus, checked.stdout).to.deep.equal({ status: "SUCCEEDED" });
    } finally {
      await removeLocation(location);
    }
  });

  it("takes the Planhat tenant and a choice of deals, each tried first", async () => {
    const { url, token: tenantToken } = sandbox.planhat;
    place.write("planhat.token", `${tenantToken}\n`);
    place.write("wrong.token", "not-the-planhat-token\n");
    const tenant = (file: string) => ["--planhat-token-file", file, "--planhat-url", url];
    const refused = await init(...tenant("wrong.token"));
    expect(refused.status).to.equal(3);
    expect(refused.stderr)
      .to.match(/^Error: Planhat \(\S+\) does not accept `planhat.api_token`/)
      .and.match(/Nothing was written\.\n$/);
    const unknown = await init("--pipelines", "Salse");
    expect(unknown.status).to.equal(2);
    expect(unknown.stderr)
      .to.contain("Salse")
      .and.match(/Nothing was written\.\n$/);
    expect(names()).to.deep.equal(["planhat.token", "wrong.token"]);
    const choice = ["--pipelines", "Sales", "--start-date-field", "Contract start"];
    const { status, stdout, stderr } = await init(...tenant("planhat.token"), ...choice);
    expect(status, stderr).to.equal(0);
    expect(stdout).to.match(/^planhat +\S+, with License and Sale: may read and write .*companies/m);
    expect(stdout).to.contain(".env: written, with the API token and the token of Planhat, for this user alone");
    expect(parse(read("config.yaml")).planhat).to.deep.equal({ api_token: "${PLANHAT_API_TOKEN}", api_url: url });
    expect(read(".env")).to.contain(`\nPLANHAT_API_TOKEN=${tenantToken}\n`);
    const deals = read("mappings/deals.yaml");
    expect(deals).to.match(/^pipelines: \[Sales\] +# names or ids/m);
    expect(deals).to.match(/^start_date: \[Contract start, local_won_date, won_time\]$/m);
    const checked = await run(["check"], {});
    expect(JSON.parse(checked.stdout).connectionStatus, checked.stdout).to.deep.equal({ status: "SUCCEEDED" });
    rmSync(join(place.folder, "config.yaml"));
    const kept = await init(...tenant("planhat.token"), "--pipelines", "Partners");
    expect(kept.stderr).to.match(/deals\.yaml is there already, so no choice of deals can be written into it/);
  });

  it("takes every file and folder back if a later one fails", () => {
    const path = (name: string) => join(place.folder, name);
    const all = () =>
      [...readdirSync(place.folder, { recursive: true })].sort().concat(read("a"), read("b"), read("c"));
    for (const name of ["a", "b", "c"]) place.write(name, `mine ${name}\n`);
    const was = all();
    const files: TextFile[] = [
      { path: path("a"), text: "more\n", how: "append", mode: 0o600 },
      { path: path("b"), text: "other\n", how: { copy: path("b.bak") } },
      { path: path("c"), text: "other\n", how: "renew" },
      { path: path("new/deep/d"), text: "d\n", how: "create" },
    ];
    expect(() => writeTogether([...files, { path: path("a"), text: "x", how: "create" }])).to.throw(/EEXIST/);
    expect(all()).to.deep.equal(was);
    writeTogether(files);
    expect(read("a")).to.equal("mine a\nmore\n");
    expect([read("b"), read("b.bak"), read("c"), read("new/deep/d")]).to.deep.equal([
      "other\n",
      "mine b\n",
      "other\n",
      "d\n",
    ]);
  });

  it("names the commands as they are called: with npx, or without", () => {
    const [plan] = nextSteps("config.yaml", { npm_command: "exec" });
    expect(plan!.call).to.equal("npx pipedrive-planhat plan");
    expect(nextSteps("my hub.yaml", {})[1]!.call).to.equal("pipedrive-planhat sync --config 'my hub.yaml'");
  });
});

describe("init on a terminal", function () {
  this.timeout(120_000);
  let sandbox: Sandbox;
  let place: Workplace;
  before(async function () {
    if (!hasTerminals) this.skip();
    const none = { organizations: 0, persons: 0, deals: 0, notes: 0 };
    sandbox = await startSandbox({ ...none, burstLimit: 1000, token, planhat: { revenue: "deals" } });
  });
  beforeEach(() => {
    place = makeWorkplace();
  });
  afterEach(() => place.remove());
  after(() => sandbox?.close());
  const names = () => readdirSync(place.folder).sort();
  const question = {
    company: "signed in to Pipedrive",
    token: "not shown): ",
    database: "[./planhat-data]: ",
    planhat: "the tables alone): ",
  };

  it("asks again after a wrong answer, and never shows the token", async () => {
    const { answer, ended } = runOnTerminal(place.folder, ["init", "--planhat-url", sandbox.planhat.url]);
    await answer(question.company, "pipedrvie.com");
    await answer(question.company, sandbox.url);
    await answer(question.token, "wrong-token-wrong");
    await answer(`[${sandbox.url}]: `, "");
    await answer(question.token, ` ${token} `);
    await answer(question.database, "postgres://u:pass-word-12@127.0.0.1:1/d");
    await answer(question.database, "");
    await answer(question.planhat, "wrong-planhat-token");
    await answer(question.planhat, sandbox.planhat.token);
    const { status, stdout } = await ended;
    expect(status, stdout).to.equal(0);
    for (const secret of [token, "wrong-token", "wrong-planhat", sandbox.planhat.token])
      expect(stdout).not.to.contain(secret);
    expect(stdout).to.match(
      /Did you mean https:\/\/pipedrive\.com\?[\s\S]*refused the API token[\s\S]*cannot be reached/,
    );
    expect(stdout).to.match(/Planhat \(\S+\) does not accept `planhat.api_token`[\s\S]*Deal and\s+Line/);
    expect(readFileSync(join(place.folder, ".env"), "utf8")).to.contain(`PLANHAT_API_TOKEN=${sandbox.planhat.token}\n`);
    expect(readdirSync(join(place.folder, "mappings"))).to.include("deal_products.yaml");
    expect(names()).to.deep.equal([".env", ".gitignore", "config.yaml", "mappings"]);
  });

  it("leaves nothing behind after Ctrl-C, Ctrl-D, SIGTERM or a terminal that closes", async () => {
    const interrupted = runOnTerminal(place.folder, ["init", "--company-url", sandbox.url]);
    await interrupted.answer(question.token, { key: "\x03" });
    const { status, stdout } = await interrupted.ended;
    expect(stdout).to.match(/Stopped by SIGINT\. Nothing was written\.\n$/);
    expect(status).to.equal(130);

    const ended = runOnTerminal(place.folder, ["init"]);
    await ended.answer(question.company, { key: "\x04" });
    const end = await ended.ended;
    expect(end.status).to.equal(2);
    expect(end.stdout).to.contain("The input ended before the last answer.\nRun init again.\nNothing was written.\n");

    const closed = runOnTerminal(place.folder, ["init"]);
    await closed.answer(question.company, sandbox.url);
    await closed.answer(question.token, token);
    await closed.see(question.database);
    closed.hangUp();
    await closed.ended;
    expect(names()).to.deep.equal([]);
  });
});
