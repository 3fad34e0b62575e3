import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { inLockedDatabase } from "../../connector/database/open/in-locked-database.ts";
import { openDatabase } from "../../connector/database/open/open-database.ts";
import type { JsonObject } from "../../connector/mapping/value.ts";
import { type Sandbox, startSandbox } from "../../connector/sandbox/server.ts";
import type { Summary } from "../../connector/sync/summary.ts";
import { copyLocation, type DatabaseKind, migratedLocation, removeLocation } from "../databases.ts";
import { everything } from "../everything.ts";
import { type BinResult, makeWorkplace, runBin } from "../run-bin.ts";
import { emptyAccount, wonDeal } from "../sandbox-sync.ts";
import { connectPlanhat, syncBothWays } from "./in-process.ts";

const organizations = `stream: organizations
model: company
direction: both
create_in_pipedrive: CREATE
fields:
  - {planhat: name, pipedrive: name}
  - {planhat: city, pipedrive: address.locality}
  - {planhat: web, pipedrive: website}
`;
const others = {
  "persons.yaml":
    "stream: persons\nfields:\n  - {planhat: email, pipedrive: emails.primary}\n  - {planhat: firstName, pipedrive: first_name}\n",
  "notes.yaml":
    "stream: notes\nfields:\n  - {planhat: description, pipedrive: content}\n  - {planhat: date, pipedrive: add_time}\n",
  "deals.yaml": `stream: deals
start_date: [won_time]
models:
  - model: sale
    when: {field: title, is: One-off}
    fields:
      - {planhat: _currency, pipedrive: currency}
      - {planhat: salesDate, pipedrive: $start_date}
      - {planhat: value, pipedrive: value}
  - model: license
    fields:
      - {planhat: _currency, pipedrive: currency}
      - {planhat: fromDate, pipedrive: $start_date}
      - {planhat: value, pipedrive: value}
`,
};
const preload = `--import ${new URL("./die-at-step.mjs", import.meta.url).href}`;
const paths = ["companies", "endusers", "licenses", "sales", "conversations"];

/** The changes of a scenario in Pipedrive, Planhat and the tables, before the run that is killed. */
interface Scenario {
  creates: boolean;
  changeOutside(sandbox: Sandbox): void;
  /** Statements for the database. */
  edits: readonly string[];
}

/** A database after a first sync, and Planhat's objects at that moment. */
interface Prepared {
  location: string;
  planhat: [path: string, objects: JsonObject[]][];
}

/** Starts a scenario's initial state: a synced account with three won deals. */
async function startAccount(): Promise<Sandbox> {
  const now = new Date("2026-11-02T08:00:00Z");
  const sandbox = await startSandbox({ ...emptyAccount, now, clock: () => now, burstLimit: Number.POSITIVE_INFINITY });
  for (const name of ["One", "Two", "Three"]) addDeal(sandbox, name);
  return sandbox;
}

function addDeal(sandbox: Sandbox, name: string): void {
  const { organizationId, dealId } = wonDeal(sandbox, { title: name }, { name, website: `https://${name}.test` });
  const { id } = sandbox.store.create("persons", {
    name: `Kim ${name}`,
    org_id: organizationId,
    emails: [{ value: `kim@${name}.test`, primary: true }],
  });
  sandbox.store.create("notes", { content: `<p>${name}</p>`, deal_id: dealId, person_id: id! });
}

/** Creates a folder in which the bin runs with a sandbox and a database of its own. */
async function makePlace(location: string, sandbox: Sandbox, creates: boolean) {
  const place = makeWorkplace();
  place.write(
    "config.yaml",
    `company_url: ${sandbox.url}\napi_token: ${sandbox.token}\ndatabase: ${location}\nmappings: ./mappings\nplanhat: {api_token: ${sandbox.planhat.token}, api_url: "${sandbox.planhat.url}"}\n`,
  );
  mkdirSync(join(place.folder, "mappings"));
  place.write("mappings/organizations.yaml", organizations.replace("CREATE", String(creates)));
  for (const [name, text] of Object.entries(others)) place.write(`mappings/${name}`, text);
  const run = (env: Record<string, string> = {}): Promise<BinResult> =>
    runBin(place.folder, ["sync", "--json", "--yes"], { env });
  return {
    folder: place.folder,
    run,
    /** Runs an undisturbed sync, in this process because there are many. */
    async sync(): Promise<Summary> {
      const { signal } = new AbortController();
      const texts = { "organizations.yaml": organizations.replace("CREATE", String(creates)), ...others };
      return inLockedDatabase(location, { signal, waitSeconds: 30 }, async (database) =>
        syncBothWays(database, sandbox, texts, { followChanges: false, planhat: await connectPlanhat(sandbox) }),
      );
    },
    remove: () => place.remove(),
  };
}

for (const kind of ["embedded", "server"] as const) {
  describe(`killed between any two steps of sending and publishing, on ${kind === "embedded" ? "the embedded database" : "a server"}`, function () {
    this.timeout(1_200_000);
    let prepared: Prepared;
    before(async () => {
      const location = await migratedLocation(kind);
      const sandbox = await startAccount();
      const place = await makePlace(location, sandbox, false);
      await place.sync();
      prepared = { location, planhat: paths.map((path) => [path, sandbox.planhat.store.all(path)]) };
      place.remove();
      await sandbox.close();
    });
    after(() => removeLocation(prepared.location));

    it("one undisturbed sync leaves what it would have left anyway", async () => {
      const scenario: Scenario = {
        creates: false,
        changeOutside(sandbox) {
          addDeal(sandbox, "Four");
          sandbox.store.update("deals", 1, { title: "One-off" });
          sandbox.store.update("notes", 2, { content: "<p>changed</p>" });
          sandbox.planhat.store.update("companies", "srcid-2", { city: "Tartu" });
        },
        edits: ["update planhat.companies set name = 'Three Ltd', web = null where source_id = '3'"],
      };
      await killAtEachStep(kind, prepared, scenario, async ({ step, place, sandbox, location, expected }) => {
        await place.sync();
        const found = await whatIsThere(sandbox, location);
        expect(found.organizations).to.deep.equal(expected.organizations);
        expect(found.planhat).to.deep.equal(expected.planhat);
        expect(found.hub).to.deep.equal(expected.hub);
        // The tables decide what the next run does, so its silence need not be checked every time.
        if (step % 8 > (kind === "server" ? 0 : 2)) return;
        sandbox.requests.reset();
        await place.sync();
        expect(sandbox.requests.writes).to.deep.equal([]);
      });
    });

    it("a company becomes one organization, or is reported where nobody can know whether it did", async () => {
      const scenario: Scenario = {
        creates: true,
        changeOutside() {},
        edits: ["insert into planhat.companies (name, web) values ('Born in Planhat', 'https://born.test')"],
      };
      let reported = 0;
      await killAtEachStep(kind, prepared, scenario, async ({ place, sandbox, location, expected }) => {
        const summary = await place.sync();
        const made = () => sandbox.store.find("organizations", ({ name }) => name === "Born in Planhat");
        if (made().length === 0) {
          reported++;
          expect(summary.status).to.equal("partial");
          await editAgain(location);
          await place.sync();
        }
        expect(made()).to.have.length(1);
        const { hub } = await whatIsThere(sandbox, location);
        expect(hub["planhat.companies"]).to.have.length((expected.hub["planhat.companies"] as unknown[]).length);
        expect(hub["rejections"]).to.deep.equal([]);
        await place.sync();
        expect(made()).to.have.length(1);
        // A company is published by the run after the one that creates it.
        expect(sandbox.planhat.store.all("companies").filter(({ name }) => name === "Born in Planhat")).to.have.length(
          1,
        );
      });
      // Only between the commit of the intent and the request.
      expect(reported).to.be.within(kind === "server" ? 1 : 0, 4);
    });
  });
}

interface Killed {
  step: number;
  place: Awaited<ReturnType<typeof makePlace>>;
  sandbox: Sandbox;
  location: string;
  expected: Awaited<ReturnType<typeof whatIsThere>>;
}

/** Runs a scenario undisturbed, and then once for each of its steps, killed before that step. */
async function killAtEachStep(
  kind: DatabaseKind,
  prepared: Prepared,
  scenario: Scenario,
  check: (killed: Killed) => Promise<void>,
): Promise<void> {
  const edited = await copyLocation(prepared.location);
  const database = await openDatabase(edited);
  for (const edit of scenario.edits) await database.query(edit);
  await database.close();
  const set = async () => {
    const location = await copyLocation(edited);
    const sandbox = await startAccount();
    const place = await makePlace(location, sandbox, scenario.creates);
    // Created in the same order, so that they have the same ids and times.
    for (const [path, objects] of prepared.planhat) {
      for (const { _id, ...object } of objects) expect(sandbox.planhat.store.create(path, object)["_id"]).to.equal(_id);
    }
    scenario.changeOutside(sandbox);
    sandbox.requests.reset();
    const remove = async () => {
      place.remove();
      await sandbox.close();
      await removeLocation(location);
    };
    return { location, sandbox, place, remove };
  };
  const env = { NODE_OPTIONS: preload, COUNT_FROM: "edited_companies" };
  const first = await set();
  const log = join(first.place.folder, "steps.log");
  const { status, stderr } = await first.place.run({ ...env, STEPS_LOG: log });
  expect(status, stderr).to.equal(0);
  expect(existsSync(log)).to.equal(true);
  const steps = readFileSync(log, "utf8").trim().split("\n");
  if (scenario.creates) await first.place.sync();
  const expected = await whatIsThere(first.sandbox, first.location);
  await first.remove();
  expect(steps.length, kind).to.be.greaterThan(20);
  const names = steps.join("\n");
  for (const part of scenario.creates
    ? ["answer POST /api"]
    : ["answer PATCH /api", "answer PUT /planhat/conversations"])
    expect(names).to.include(part);
  // All steps on a server. The embedded database takes ten times as long a step: it is killed at every third, from one
  // drawn at random, so that all are met in a few runs.
  const stride = kind === "server" ? 1 : 3;
  for (let step = 1 + Math.floor(Math.random() * stride); step <= steps.length; step += stride) {
    const { place, sandbox, location, remove } = await set();
    const killed = await place.run({ ...env, DIE_AT_STEP: String(step) });
    try {
      expect(killed.signal).to.equal("SIGKILL");
      await check({ step, place, sandbox, location, expected });
    } catch (error) {
      throw new Error(
        `killed before step ${step} of ${steps.length} (${steps[step - 1]}): ${(error as Error).message}`,
        {
          cause: error,
        },
      );
    }
    await remove();
  }
  await removeLocation(edited);
}

/** Returns all organizations, all objects in Planhat and the whole hub, without times. */
async function whatIsThere(sandbox: Sandbox, location: string) {
  const planhat = paths.map((path): [string, JsonObject[]] => [
    path,
    sandbox.planhat.store.all(path).map(({ createdAt: _created, updatedAt: _updated, ...object }) => object),
  ]);
  return {
    organizations: sandbox.store.find("organizations", () => true),
    planhat,
    hub: await everything({ location }),
  };
}

/** Edits a reported company, as a user would. */
async function editAgain(location: string): Promise<void> {
  const database = await openDatabase(location);
  await database.query("update planhat.companies set city = 'Riga' where name = 'Born in Planhat'");
  await database.close();
}
