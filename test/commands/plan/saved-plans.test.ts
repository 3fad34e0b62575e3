import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import type { PlanDifference } from "../../../connector/sync/plan/compare-plan.ts";
import type { Summary } from "../../../connector/sync/summary.ts";
import { onServerFirst } from "../../databases.ts";
import { type PlanhatSync, planhatSync } from "../../planhat-sync.ts";
import { wonDeal } from "../../sandbox-sync.ts";
import { everyTable } from "../every-table.ts";

const organizations = `stream: organizations
model: company
direction: both
prefer: pipedrive
fields:
  - {planhat: name, pipedrive: name}
  - {planhat: web, pipedrive: website}
`;
const deals = `stream: deals
model: license
start_date: [won_time]
fields:
  - {planhat: product, pipedrive: title}
  - {planhat: value, pipedrive: value}
  - {planhat: _currency, pipedrive: currency}
  - {planhat: fromDate, pipedrive: $start_date}
`;

/** The header of a saved plan, and its changes. */
interface Kept {
  id: string;
  version: number;
  made_by: string;
  options: object;
  summary: Summary;
  changes: {
    model: string;
    source_id: string;
    action: string;
    fields: Record<string, { from: unknown; to: unknown }>;
  }[];
  objects: { model: string; source_id: string; action: string }[];
}

/** The output of `sync --plan --json`. */
interface Applied extends Summary {
  plan: string;
  differences: PlanDifference[];
  error: { kind: string; message: string };
  again?: true;
}

onServerFirst((kind) => {
  describe("a plan that is kept", function () {
    this.timeout(300_000);
    let setting: PlanhatSync;
    let acme: ReturnType<typeof wonDeal>;
    let beta: ReturnType<typeof wonDeal>;
    const keep = async (file: string, ...options: string[]): Promise<Kept> => {
      const { status, stderr } = await setting.run(["plan", "--out", file, "--exit-code", ...options]);
      expect(status, stderr).to.equal(10);
      return JSON.parse(readFileSync(join(setting.place.folder, file), "utf8")) as Kept;
    };
    const carryOut = async (file: string, ...options: string[]) => {
      const { status, stdout, stderr } = await setting.run(["sync", "--plan", file, "--json", ...options]);
      return { status, stderr, result: (stdout === "" ? {} : JSON.parse(stdout)) as Applied };
    };
    const licenses = () =>
      setting.look("select source_id, product, value, company_id from planhat.licenses order by source_id");

    before(async () => {
      setting = await planhatSync(kind);
      setting.map({ "organizations.yaml": organizations, "deals.yaml": deals });
      acme = wonDeal(setting.sandbox, { title: "One" }, { name: "Acme" });
      beta = wonDeal(setting.sandbox, { title: "Two" }, { name: "Beta" });
    });
    after(() => setting?.close());

    it("of a first sync is carried out whole, rows and objects, once", async () => {
      const plan = await keep("first.json");
      expect(plan)
        .to.include({ version: 1 })
        .and.deep.include({ options: { full: false, companies: [] } });
      expect(plan.changes.map(({ model, action }) => `${action} ${model}`)).to.deep.equal([
        "create company",
        "create company",
        "create license",
        "create license",
      ]);
      // Companies are named by their organizations: row ids are drawn when the plan is executed.
      expect(plan.changes[2]!.fields["companyId"]).to.deep.equal({ from: null, to: String(acme.organizationId) });
      expect(plan.objects).to.have.length(4);
      expect(statSync(join(setting.place.folder, "first.json")).mode & 0o777).to.equal(0o600);
      expect(await setting.look("select id from planhat.companies")).to.deep.equal([]);

      const { status, stderr, result } = await carryOut("first.json");
      expect(status, stderr).to.equal(0);
      expect(result.models).to.deep.include({ ...created("company", 2), ...created("license", 2) });
      expect(result.planhat?.published.company).to.include({ created: 2 });
      expect(setting.objects("companies").size).to.equal(2);
      const [row] = await licenses();
      expect(row).to.include({ source_id: String(acme.dealId), product: "One" });

      setting.sandbox.requests.reset();
      const before = await everyTable(setting, { versions: true });
      const again = await carryOut("first.json");
      expect(again.status).to.equal(0);
      expect(again.result).to.include({ plan: plan.id, run: result.run, again: true });
      expect(setting.sandbox.requests.count).to.equal(0);
      expect(await everyTable(setting, { versions: true })).to.deep.equal(before);
      const text = await setting.run(["sync", "--plan", "first.json"]);
      expect(text.stdout).to.include(`This plan is carried out already, by run ${result.run}`);
      expect((await setting.run(["plan", "--exit-code"])).status).to.equal(0);
    });

    it("is refused with what changed since, and then nothing is changed", async () => {
      const { store } = setting.sandbox;
      store.update("deals", acme.dealId, { title: "One and more", value: 150 });
      await setting.look("update planhat.companies set web = 'beta.example' where source_id = $1", [
        String(beta.organizationId),
      ]);
      const plan = await keep("second.json");
      expect(plan.changes.map(({ action, source_id }) => `${action} ${source_id}`)).to.deep.equal([
        `update ${acme.dealId}`,
        `send ${beta.organizationId}`,
      ]);
      setting.writes();
      let before = await everyTable(setting, { versions: false });
      const refused = async (what: string): Promise<PlanDifference[]> => {
        const { status, stderr, result } = await carryOut("second.json");
        expect(status, what).to.equal(1);
        expect(stderr).to.include("Nothing was changed");
        expect(result.error).to.deep.include({ kind: "run" });
        return result.differences;
      };

      store.update("deals", acme.dealId, { title: "Renamed" });
      expect(await refused("a renamed deal")).to.deep.equal([
        {
          what: `license ${acme.dealId}`,
          field: "product",
          planned: { from: "One", to: "One and more" },
          now: { from: "One", to: "Renamed" },
        },
      ]);
      const text = await setting.run(["sync", "--plan", "second.json"]);
      expect(text.stdout).to.include(
        `license ${acme.dealId} product: planned "One" → "One and more", now "One" → "Renamed"`,
      );
      store.update("deals", acme.dealId, { title: "One and more" });
      expect(await everyTable(setting, { versions: false })).to.deep.equal(before);

      const { dealId, organizationId } = wonDeal(setting.sandbox, { title: "Three" }, { name: "Gamma" });
      const differences = await refused("a new won deal");
      expect(differences.map(({ what, planned }) => ({ what, planned }))).to.deep.include.members([
        { what: `company ${organizationId}`, planned: null },
        { what: `license ${dealId}`, planned: null },
      ]);
      store.update("deals", dealId, { status: "lost" });
      expect(await everyTable(setting, { versions: false })).to.deep.equal(before);

      const set = "update planhat.companies set web = $2 where source_id = $1";
      await setting.look(set, [String(beta.organizationId), "other.example"]);
      expect((await refused("a company edited by hand"))[0]).to.deep.include({
        what: `organization ${beta.organizationId} in Pipedrive`,
        field: "web",
        now: { from: null, to: "other.example" },
      });
      await setting.look(set, [String(beta.organizationId), "beta.example"]);
      before = await everyTable(setting, { versions: false });

      setting.map({
        "deals.yaml": deals.replace("pipedrive: value}", "pipedrive: value, transform: [{multiply: 2}]}"),
      });
      const mapped = await carryOut("second.json");
      expect(mapped.status).to.equal(2);
      expect(mapped.stderr).to.include("was made with another mapping than there is now");
      setting.map({ "deals.yaml": deals });
      const contradicted = await carryOut("second.json", "--company", String(acme.organizationId));
      expect(contradicted.status).to.equal(2);
      expect(contradicted.stderr).to.include("--company contradicts the plan second.json, which was made without it");
      const config = readFileSync(join(setting.place.folder, "config.yaml"), "utf8");
      setting.place.write("config.yaml", `${config}follow_changes: true\n`);
      expect((await carryOut("second.json")).stderr).to.include(
        "another `follow_changes` in the config: false, and now",
      );
      setting.place.write("config.yaml", config);
      expect(setting.writes()).to.deep.equal([]);
      expect(await everyTable(setting, { versions: false })).to.deep.equal(before);
    });

    it("of what nobody agreed to waits for --yes though it is carried out", async () => {
      const { store } = setting.sandbox;
      const { summary, changes } = await keep("third.json");
      expect(summary.held.map(({ what, count }) => `${count} ${what}`)).to.deep.equal([
        "1 organizations to change in Pipedrive",
      ]);
      expect(changes.map(({ action }) => action)).to.deep.equal(["update", "send"]);
      const rows = await carryOut("third.json");
      expect(rows.status, rows.stderr).to.equal(0);
      expect(rows.result.held).to.have.length(1);
      // Its changes are stored like those of any run, and can be undone.
      const kept = "select action, model, source_id from connector.changes where run_id = $1 order by id";
      expect(await setting.look(kept, [rows.result.run])).to.deep.include({
        ...{ action: "update", model: "license", source_id: String(acme.dealId) },
      });
      expect((await licenses())[0]).to.include({ product: "One and more", value: "150" });
      expect(setting.objects("licenses").get(String(acme.dealId))).to.include({ product: "One and more" });
      expect(store.get("organizations", beta.organizationId)?.["website"] ?? null).to.equal(null);

      const rest = await keep("fourth.json", "--yes");
      expect(rest.changes.map(({ action, fields }) => ({ action, fields }))).to.deep.equal([
        { action: "send", fields: { web: { from: null, to: "beta.example" } } },
      ]);
      const sent = await carryOut("fourth.json", "--yes");
      expect(sent.status, sent.stderr).to.equal(0);
      expect(sent.result.sent.organizations).to.include({ updated: 1 });
      expect(store.get("organizations", beta.organizationId)?.["website"]).to.equal("beta.example");
      expect((await setting.run(["sync", "--dry-run", "--exit-code"])).status).to.equal(0);
    });

    it("is carried out with what it rejects, and --fail-on-rejections makes that a failure", async () => {
      wonDeal(setting.sandbox, { title: "No currency", currency: null }, { name: "Gamma" });
      await keep("rejecting.json");
      const { status, result } = await carryOut("rejecting.json", "--fail-on-rejections");
      expect(status).to.equal(1);
      expect(result).to.deep.include({ status: "partial", exit: 1 });
      expect(result.error.message).to.equal(
        "Records or fields were rejected, which --fail-on-rejections makes a failure.",
      );
      expect(result.models.company.created).to.equal(1);
      expect(result.models.license.rejected).to.equal(1);
    });

    it("leaves no file where it cannot be kept, and asks nothing", async () => {
      setting.sandbox.requests.reset();
      const { status, stderr } = await setting.run(["plan", "--out", "nowhere/plan.json"]);
      expect(status).to.equal(2);
      expect(stderr).to.match(/^Error: The plan cannot be saved in nowhere\/plan\.json: there is no folder /);
      const misplaced = await setting.run(["sync", "--out", "plan.json"]);
      expect([misplaced.status, misplaced.stderr.split("\n")[0]]).to.deep.equal([
        2,
        "error: --out and --exit-code are for plan, or for sync --dry-run",
      ]);
      expect(existsSync(join(setting.place.folder, "plan.json"))).to.equal(false);
      expect(setting.sandbox.requests.count).to.equal(0);
    });
  });
});

function created(model: string, count: number) {
  return { [model]: { created: count, updated: 0, unchanged: 0, rejected: 0, fields_rejected: 0 } };
}
