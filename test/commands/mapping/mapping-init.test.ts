import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { type Sandbox, startSandbox } from "../../../connector/sandbox/server.ts";
import { makeWorkplace, runBin, type Workplace } from "../../run-bin.ts";

describe("mapping init", () => {
  let sandbox: Sandbox;
  let place: Workplace;
  before(async () => {
    sandbox = await startSandbox({ organizations: 0, persons: 0, deals: 0, notes: 0, burstLimit: 1000 });
  });
  beforeEach(() => {
    place = makeWorkplace();
    place.write("config.yaml", `company_url: ${sandbox.url}\napi_token: ${sandbox.token}\n`);
  });
  afterEach(() => place.remove());
  after(() => sandbox.close());
  const run = (...args: string[]) => runBin(place.folder, ["mapping", ...args]);
  const read = (name: string) => readFileSync(join(place.folder, "mappings", name), "utf8");

  it("writes the four files beside the config, says what to add to it, and what they hold passes mapping check", async () => {
    const { status, stdout, stderr } = await run("init");
    expect(stderr).to.equal("");
    expect(status).to.equal(0);
    expect(stdout).to.equal(`mappings/deals.yaml: written, with 17 custom fields of the account to choose from
mappings/organizations.yaml: written, with 17 custom fields of the account to choose from
mappings/persons.yaml: written, with 17 custom fields of the account to choose from
mappings/notes.yaml: written

Add this line to config.yaml:

  mappings: ./mappings

Then: pipedrive-planhat mapping check
`);
    const organizations = read("organizations.yaml");
    expect(organizations).to.contain(
      "  # - planhat: custom.Tier\n  #   pipedrive: Tier  # one of: Gold | Silver | Bronze\n",
    );
    expect(read("deals.yaml")).to.contain("# The account has: Sales (1), Renewals (2), Partners (3).\npipelines: []");
    const [, schema] = /\$schema=(.*)/.exec(organizations)!;
    expect(schema, "it works in git, in a container and on another machine").to.equal("mapping.schema.json");
    expect(existsSync(join(place.folder, "mappings", schema!)), "editors find the schema").to.equal(true);
    // The schema of an older version is renewed; a file of the user's is not touched.
    const renewed = read(schema!);
    place.write(`mappings/${schema}`, renewed.replace("organizations", "organisations"));
    expect((await run("init")).status).to.equal(0);
    expect(read(schema!)).to.equal(renewed);
    place.write(`mappings/${schema}`, "{}");
    expect((await run("init")).status).to.equal(0);
    expect(read(schema!)).to.equal("{}");
    place.write(
      "config.yaml",
      `company_url: ${sandbox.url}\napi_token: ${sandbox.token}\nmappings: ./mappings\ndatabase: ./none\n`,
    );
    const checked = await run("check");
    expect(checked.status, checked.stdout).to.equal(0);
    expect(checked.stdout).to.contain("The mapping has no errors and no warnings.");
    const again = await run("init");
    expect(again.stdout)
      .to.contain("mappings/deals.yaml: already as it would be written\n")
      .and.not.contain("Add this line");
  });

  it("keeps every file that was changed, comments and order and all, and names the custom fields that it lacks", async () => {
    mkdirSync(join(place.folder, "mappings"));
    const mine = "# Mine\nstream: persons\nfields:\n  - {planhat: custom.Role, pipedrive: Role} # yes\n";
    place.write("mappings/persons.yml", mine);
    const { status, stdout } = await run("init", "--json");
    expect(status).to.equal(0);
    expect(read("persons.yml")).to.equal(mine);
    expect(readdirSync(join(place.folder, "mappings")).sort()).to.deep.equal([
      "deals.yaml",
      "mapping.schema.json",
      "notes.yaml",
      "organizations.yaml",
      "persons.yml",
    ]);
    const persons = JSON.parse(stdout).files[2];
    expect(persons).to.include({ file: "mappings/persons.yml", action: "kept" });
    expect(persons.not_named).to.include("Interests").and.not.include("Role");
    expect((await run("init")).stdout).to.contain(
      "mappings/persons.yml: kept, because it differs from what would be written (--force replaces it and keeps a copy)\n  It names none of these custom fields: Interests, Date of birth,",
    );
  });

  it("with --force replaces it, and what was there stays as a copy, each time", async () => {
    await run("init");
    const starter = read("notes.yaml");
    for (const [text, copy] of [
      ["# first\n", "notes.yaml.bak"],
      ["# second\n", "notes.yaml.bak2"],
    ] as const) {
      place.write("mappings/notes.yaml", text);
      const { stdout } = await run("init", "--force");
      expect(stdout).to.contain(`mappings/notes.yaml: replaced; what was there is in mappings/${copy}\n`);
      expect(read("notes.yaml")).to.equal(starter);
      expect(read(copy)).to.equal(text);
    }
  });

  it("writes nothing when the account cannot be asked or the folder is none", async () => {
    place.write("config.yaml", `company_url: ${sandbox.url}\napi_token: not-the-token\n`);
    const refused = await run("init");
    expect(refused.status).to.equal(3);
    expect(refused.stderr)
      .to.match(/^Error: .*refused/)
      .and.not.contain("not-the-token");
    expect(readdirSync(place.folder)).to.deep.equal(["config.yaml"]);
    place.write("maps", "");
    place.write("config.yaml", `company_url: ${sandbox.url}\napi_token: ${sandbox.token}\nmappings: ./maps\n`);
    const { status, stdout, stderr } = await run("init");
    expect(status).to.equal(2);
    expect(stdout).to.equal("");
    expect(stderr.replaceAll(place.folder, "")).to.equal(
      "Error: The mappings folder /maps is a file, not a folder.\n`mappings` in the config names it.\n",
    );
  });
});
