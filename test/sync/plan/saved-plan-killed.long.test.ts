import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { type PlanhatSync, planhatSync } from "../../planhat-sync.ts";
import { wonDeal } from "../../sandbox-sync.ts";

const preload = `--import ${new URL("../../both-ways/die-at-step.mjs", import.meta.url).href}`;
const organizations = `stream: organizations
model: company
direction: both
prefer: planhat
fields:
  - {planhat: name, pipedrive: name}
  - {planhat: web, pipedrive: website}
`;
const deals = `stream: deals
model: license
start_date: [won_time]
fields:
  - {planhat: value, pipedrive: value}
  - {planhat: _currency, pipedrive: currency}
  - {planhat: fromDate, pipedrive: $start_date}
`;

/** An account with a plan in plan.json: a send, new and changed rows, and their objects; returns the edited company. */
async function planned(setting: PlanhatSync): Promise<number> {
  setting.map({ "organizations.yaml": organizations, "deals.yaml": deals });
  const { organizationId, dealId } = wonDeal(setting.sandbox, { title: "One" }, { name: "One", website: "one.test" });
  await setting.sync();
  setting.sandbox.store.update("deals", dealId, { value: 200 });
  wonDeal(setting.sandbox, { title: "Two" }, { name: "Two", website: "two.test" });
  await setting.look("update planhat.companies set web = 'edited.test' where source_id = $1", [String(organizationId)]);
  const plan = await setting.run(["plan", "--out", "plan.json", "--yes", "--exit-code"]);
  expect(plan.status, plan.stderr).to.equal(10);
  return organizationId;
}

async function state(setting: PlanhatSync, organizationId: number) {
  const rows = await setting.look(
    `select source_id, web, null as value from planhat.companies
     union all select source_id, null, value from planhat.licenses order by 1, 2, 3`,
  );
  const objects = ["companies", "licenses"].map((path) =>
    [...setting.objects(path)].sort().map(([key, { web = null, value = null }]) => ({ key, web, value })),
  );
  const { website } = setting.sandbox.store.get("organizations", organizationId) as { website: unknown };
  return { rows, objects, website, pending: await setting.look("select * from connector.pending") };
}

describe("a kept plan whose run is killed between any two steps", function () {
  this.timeout(3_600_000);

  it("was not carried out, or its sends and publication are made up for by the next sync", async () => {
    const carryOut = ["sync", "--plan", "plan.json", "--yes"];
    const steps = (file: string) => ({
      NODE_OPTIONS: preload,
      COUNT_FROM: "insert into connector.runs",
      STEPS_LOG: file,
    });
    const undisturbed = await planhatSync("server");
    let all: string[];
    let expected: Awaited<ReturnType<typeof state>>;
    try {
      const log = join(undisturbed.place.folder, "steps");
      const organizationId = await planned(undisturbed);
      const { status, stderr } = await undisturbed.run(carryOut, undefined, steps(log));
      expect(status, stderr).to.equal(0);
      all = readFileSync(log, "utf8").trimEnd().split("\n");
      expected = await state(undisturbed, organizationId);
    } finally {
      await undisturbed.close();
    }
    expect(expected.website).to.equal("edited.test");
    // The commit of the plan comes before the first request that writes.
    const writes = all.findIndex((step) => /^before (PATCH|PUT|POST)/.test(step));
    const commit = all.findIndex((step) => /^commit/i.test(step));
    expect([commit >= 0, writes > commit]).to.deep.equal([true, true]);
    for (let step = 1; step <= all.length; step++) {
      const setting = await planhatSync("server");
      try {
        const id = await planned(setting);
        const before = await state(setting, id);
        const killed = await setting.run(carryOut, undefined, { ...steps("/dev/null"), DIE_AT_STEP: String(step) });
        expect(killed.signal, `step ${step}: ${all[step - 1]}`).to.equal("SIGKILL");
        const applied = await setting.look("select value from connector.catalog where key = 'applied plans'");
        if (applied.length === 0) expect(await state(setting, id), `step ${step}`).to.deep.equal(before);
        const again = await setting.run(carryOut);
        expect(again.status, `step ${step}: ${again.stderr}`).to.equal(0);
        // Once it is committed, the plan is not carried out again; what is left of it is the next sync's.
        if (applied.length > 0) expect(again.stdout).to.include("This plan is carried out already");
        await setting.sync();
        expect(await state(setting, id), `step ${step}: ${all[step - 1]}`).to.deep.equal(expected);
      } finally {
        await setting.close();
      }
    }
  });
});
