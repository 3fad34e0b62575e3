import { expect } from "chai";
import type { Difference } from "../../../connector/sync/audit/differences.ts";
import type { AuditOutcome } from "../../../connector/sync/audit/run-audit.ts";
import { type PlanhatSync, planhatSync } from "../../planhat-sync.ts";
import { wonDeal } from "../../sandbox-sync.ts";

type Audited = AuditOutcome & {
  complete: boolean;
  differences: Difference[];
  unexplained: number;
  status: string;
  exit: number;
  error: object;
};

/** The shipped mapping, with a Planhat in which objects are removed and added by hand. */
describe("audit, where the config names Planhat", function () {
  this.timeout(240_000);
  let setting: PlanhatSync;

  before(async () => {
    setting = await planhatSync("server");
    for (const name of ["Acme", "Bolt", "Cato"]) wonDeal(setting.sandbox, { title: name }, { name });
    const { store } = setting.sandbox;
    store.create("notes", { content: "A note", org_id: store.find("organizations", () => true)[0]!.id! });
    await setting.sync();
    setting.writes();
  });
  after(() => setting.close());

  async function audit(status: number): Promise<Audited> {
    const { status: given, stdout, stderr } = await setting.run(["audit", "--json", "--log-level", "warn"]);
    expect(given, stderr + stdout).to.equal(status);
    return JSON.parse(stdout) as Audited;
  }
  const ofPlanhat = ({ differences }: Audited) =>
    differences.filter(({ kind }) => ["not_in_planhat", "only_in_planhat", "made_in_planhat"].includes(kind));

  it("counts its objects, finds nothing after a sync, and writes nothing there", async () => {
    const outcome = await audit(0);
    expect(outcome.complete).to.equal(true);
    for (const [model, count] of [
      ["company", 3],
      ["license", 3],
      ["note", 1],
      ["enduser", 0],
    ] as const) {
      expect(outcome.models[model], model).to.include({ rows: count, planhat: count });
    }
    expect(ofPlanhat(outcome)).to.deep.equal([]);
    expect(outcome.planhat!.requests.count).to.be.greaterThan(3);
    expect(setting.writes()).to.deep.equal([]);
  });

  it("tells what one side lacks, and why where that is known", async () => {
    const { store } = setting.planhat;
    const [acme, bolt] = await setting.look<{ source_id: string }>(
      "select source_id from planhat.licenses order by source_id::bigint",
    );
    const planted = setting.objects("licenses").get(acme!.source_id)!;
    expect(store.delete("licenses", String(planted["_id"]))).to.equal(true);
    await setting.look("delete from planhat.licenses where source_id = $1", [bolt!.source_id]);
    await setting.look(`insert into planhat.companies (source_id, name) values ('777', 'New')`);
    await setting.look(
      `insert into connector.rejections (stream, record_id, model, stage, reason, run_id)
       select 'organizations', 777, 'company', 'publish', 'Planhat refused it: no', id from connector.runs limit 1`,
    );
    await setting.look(`insert into planhat.companies (source_id, name) values ('778', 'Newer')`);
    store.create("companies", { name: "Made by a program", sourceId: "crm-1" });
    const made = String(store.create("companies", { name: "Made by hand" })["_id"]);
    const outcome = await audit(1);
    const { exit, error } = outcome;
    expect([outcome.status, exit]).to.deep.equal(["failed", 1]);
    expect(error).to.deep.equal({
      kind: "run",
      message: `${outcome.unexplained} differences are unexplained.`,
      hint: "pipedrive-planhat sync --full reads and maps everything again.",
    });
    const reason = "unexplained";
    expect(ofPlanhat(outcome)).to.have.deep.members([
      { model: "license", id: Number(acme!.source_id), kind: "not_in_planhat", reason },
      { model: "license", id: Number(bolt!.source_id), kind: "only_in_planhat", reason },
      { model: "company", id: 777, kind: "not_in_planhat", reason: "rejected: Planhat refused it: no" },
      { model: "company", id: 778, kind: "not_in_planhat", reason: "pending: it has not been published yet" },
      { model: "company", id: "crm-1", kind: "only_in_planhat", reason: "this connector did not publish it" },
      { model: "company", id: `Planhat ${made}`, kind: "made_in_planhat", reason: "it has no source_id" },
    ]);
    expect(outcome.models.company.planhat).to.equal(5);
    expect(setting.writes()).to.deep.equal([]);
  });

  it("exits with Planhat's failure when it cannot be read, and tells what was compared nevertheless", async () => {
    setting.manners.intercept = ({ path }) =>
      path === "/licenses" ? Response.json({ error: "Forbidden" }, { status: 403 }) : undefined;
    const { status, stdout, stderr } = await setting.run(["audit", "--json", "--log-level", "warn"]);
    const outcome = JSON.parse(stdout) as Audited;
    expect(outcome.complete).to.equal(false);
    expect(outcome.models.license.planhat).to.equal(null);
    expect(outcome.models.company.planhat).to.equal(5);
    expect(outcome.streams.deals.pipedrive).to.equal(3);
    expect(status, stderr).to.equal(3);
    expect(stderr).to.match(/licenses/);
  });
});
