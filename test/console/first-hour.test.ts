import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { consoleApp } from "../../connector/console/console-app.ts";
import type { ConsoleHost } from "../../connector/console/console-host.ts";
import { createLive } from "../../connector/console/live.ts";
import { onePerson } from "../../connector/console/people.ts";
import type {
  FirstAccountAnswer,
  FirstFilesAnswer,
  FirstPlanAnswer,
  FirstTenantAnswer,
} from "../../connector/console/routes/first-hour.ts";
import { sessionsInMemory } from "../../connector/console/sessions.ts";
import { Throttle } from "../../connector/console/throttle.ts";
import { type Sandbox, startSandbox } from "../../connector/sandbox/server.ts";
import { makeWorkplace, runBin, type Workplace } from "../run-bin.ts";
import { wonDeal } from "../sandbox-sync.ts";

const origin = "http://127.0.0.1:8090";
const token = "0123456789abcdef0123456789abcdef01234567";

describe("the first hour in the console", function () {
  this.timeout(180_000);
  let sandbox: Sandbox;
  let place: Workplace;
  let restarts: number;
  before(async () => {
    const sizes = { organizations: 3, persons: 4, deals: 9, notes: 2 };
    sandbox = await startSandbox({ ...sizes, burstLimit: 1000, token });
    wonDeal(sandbox, { pipeline_id: 2 });
  });
  after(() => sandbox.close());
  beforeEach(() => {
    place = makeWorkplace();
    restarts = 0;
  });
  afterEach(() => place.remove());

  /** Returns a way to send requests as the person of `console`, in a folder without a config. */
  async function signedIn(role: "editor" | "operator" = "editor") {
    const person = { name: "ana", role } as const;
    const sessions = sessionsInMemory();
    const host: ConsoleHost = {
      command: "console",
      configFile: join(place.folder, "config.yaml"),
      basePath: "/console",
      hosts: [],
      signIn: { people: onePerson(person), sessions, throttle: new Throttle() },
      live: createLive(() => undefined),
      service: () => undefined,
      async restart() {
        restarts++;
      },
      onDefect(error) {
        throw error;
      },
    };
    const app = consoleApp(host);
    const { secret, token: header } = await sessions.open(person.name);
    return async <Body>(path: string, body: object): Promise<{ status: number; text: string; body: Body }> => {
      const answer = await app.request(`${origin}/console/api/first-hour/${path}`, {
        method: "POST",
        body: JSON.stringify(body),
        headers: {
          host: "127.0.0.1:8090",
          origin,
          "content-type": "application/json",
          cookie: `planhat_console_8090=${secret}`,
          "x-console-token": header,
        },
      });
      const text = await answer.text();
      return { status: answer.status, text, body: JSON.parse(text) as Body };
    };
  }
  const files = (folder: string) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => statSync(join(folder, name)).isFile())
      .sort();

  it("counts the account, offers its pipelines and dates, and plans what plan would, without a file", async () => {
    const ask = await signedIn();
    const signIn = { company_url: sandbox.url, api_token: token };
    const { status, text, body } = await ask<FirstAccountAnswer>("account", signIn);
    expect(status, text).to.equal(200);
    expect(text).not.to.contain(token);
    const { store } = sandbox;
    const alive = store.find("deals", ({ deleted }) => !deleted);
    const won = alive.filter((one) => one["status"] === "won");
    expect(body.won).to.equal(won.length);
    expect(body.objects.find(({ stream }) => stream === "deals")).to.deep.equal({
      stream: "deals",
      count: alive.length,
      isExact: true,
    });
    expect(body.pipelines[1]!.won).to.equal(won.filter((one) => one["pipeline_id"] === 2).length);
    const start = body.startDates.find(({ label }) => label === "Contract start")!;
    expect(start.field).to.equal("Contract start");
    expect(start.samples).to.have.lengthOf(Math.min(3, won.length));
    expect(body.startDates.at(-1)).to.include({ field: null, label: "Won time" });
    const deals = { pipelines: [body.pipelines[1]!.select], start_date: "Contract start" };
    const planned = await ask<FirstPlanAnswer>("plan", { ...signIn, deals });
    expect(planned.status, planned.text).to.equal(200);
    expect(files(place.folder), "planned without a file").to.deep.equal([]);
    const { status: initStatus, stderr } = await init("--pipelines", String(deals.pipelines[0]));
    expect(initStatus, stderr).to.equal(0);
    const { stdout } = await runBin(place.folder, ["plan", "--json"]);
    const { streams, models } = JSON.parse(stdout) as FirstPlanAnswer;
    expect({ streams: planned.body.streams, models: planned.body.models }).to.deep.equal({ streams, models });
    expect(planned.body.requests.tokens).to.be.greaterThan(0);
  });

  const init = (...more: string[]) =>
    runBin(place.folder, ["init", "--company-url", sandbox.url, "--start-date-field", "Contract start", ...more], {
      env: { PIPEDRIVE_API_TOKEN: token },
    });

  it("writes byte for byte what init writes with the same answers, and starts the service", async () => {
    const ask = await signedIn();
    const planhat = { api_token: sandbox.planhat.token, api_url: sandbox.planhat.url };
    const signIn = { company_url: `${sandbox.url}/v1`, api_token: ` ${token} ` };
    const tried = await ask<FirstTenantAnswer>("tenant", { ...signIn, planhat });
    expect(tried.body.kind, tried.text).to.equal("licenses");
    expect(tried.body.found).to.match(/^127\.0\.0\.1:\d+, with License and Sale: may read and write /);
    const deals = { pipelines: ["Sales", "Renewals"], start_date: "Contract start" };
    const { status, text, body } = await ask<FirstFilesAnswer>("write", { ...signIn, planhat, deals });
    expect(status, text).to.equal(200);
    for (const secret of [token, planhat.api_token]) expect(tried.text + text).not.to.contain(secret);
    expect(restarts).to.equal(1);
    expect(body.files.map(({ action }) => action)).to.deep.equal(["written", "written", "written"]);
    const inConsole = place;
    place = makeWorkplace();
    try {
      place.write("planhat.token", planhat.api_token);
      const options = ["--planhat-token-file", "planhat.token", "--planhat-url", planhat.api_url];
      const done = await init("--pipelines", "Sales,Renewals", ...options);
      expect(done.status, done.stderr).to.equal(0);
      const written = files(place.folder).filter((name) => name !== "planhat.token");
      expect(files(inConsole.folder)).to.deep.equal(written);
      expect(written).to.include.members([".env", ".gitignore", "config.yaml", "mappings/deals.yaml"]);
      for (const name of written)
        expect(readFileSync(join(inConsole.folder, name), "utf8"), name).to.equal(
          readFileSync(join(place.folder, name), "utf8"),
        );
      expect(statSync(join(inConsole.folder, ".env")).mode & 0o777).to.equal(0o600);
    } finally {
      inConsole.remove();
    }
  });

  it("gives the program's own sentences for what is wrong, and writes nothing", async () => {
    const ask = await signedIn();
    const fails = async (path: string, body: object) => {
      const answer = await ask<{ error: { message: string; hint?: string } }>(path, body);
      return [answer.status, answer.body.error.message, answer.body.error.hint ?? ""] as const;
    };
    const signIn = { company_url: sandbox.url, api_token: token };
    const [refused, why] = await fails("account", { ...signIn, api_token: "wrong-token-wrong" });
    expect(refused).to.equal(503);
    expect(why)
      .to.match(/refused the API token \(401/)
      .and.not.contain("wrong-token");
    const [misspelt, , nearest] = await fails("account", { ...signIn, company_url: "acme.pipedrvie.com" });
    expect([misspelt, nearest]).to.deep.equal([400, "Did you mean https://acme.pipedrive.com?"]);
    const [away, down] = await fails("account", { ...signIn, company_url: "http://127.0.0.1:1" });
    expect(away).to.equal(503);
    expect(down).to.match(/cannot be reached|did not answer|Could not connect|connect/);
    const planhat = { api_token: "wrong-planhat-token", api_url: sandbox.planhat.url };
    const [tenant, noTenant] = await fails("write", { ...signIn, planhat });
    expect([tenant, noTenant.replace(/127\S+(?=\))/, "host")]).to.deep.equal([
      503,
      "Planhat (host) does not accept `planhat.api_token` (401).",
    ]);
    const [pipeline] = await fails("write", { ...signIn, deals: { pipelines: ["Salse"] } });
    expect(pipeline).to.equal(400);
    const [database, noDatabase] = await fails("write", { ...signIn, database: "." });
    expect([database, noDatabase]).to.deep.equal([
      400,
      "The database needs a folder of its own, and . holds the config or mapping.",
    ]);
    expect(files(place.folder)).to.deep.equal([]);
    expect(restarts).to.equal(0);
  });

  it("takes everything back if one file cannot be written", async () => {
    const ask = await signedIn();
    writeFileSync(join(place.folder, ".gitignore"), "mine\n");
    writeFileSync(join(place.folder, "mappings"), "a file, not a folder\n");
    const { status, text } = await ask("write", { company_url: sandbox.url, api_token: token });
    expect(status, text).to.equal(503);
    expect(text).to.contain("cannot be written");
    expect(files(place.folder)).to.deep.equal([".gitignore", "mappings"]);
    expect(readFileSync(join(place.folder, ".gitignore"), "utf8")).to.equal("mine\n");
  });

  it("is for editors, and ends where there is a config", async () => {
    const signIn = { company_url: sandbox.url, api_token: token };
    const operator = await signedIn("operator");
    expect((await operator("write", signIn)).status).to.equal(403);
    const ask = await signedIn();
    place.write("config.yaml", "company_url: https://acme.pipedrive.com\n");
    for (const path of ["account", "tenant", "plan", "write"]) {
      const body = path === "tenant" ? { ...signIn, planhat: { api_token: "some-token" } } : signIn;
      const { status, text } = await ask(path, body);
      expect([status, text.includes("is there already, and init replaces no file.")], text).to.deep.equal([400, true]);
    }
    expect(existsSync(join(place.folder, ".env"))).to.equal(false);
  });
});
