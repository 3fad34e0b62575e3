import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { type PlanhatSync, planhatSync } from "../../planhat-sync.ts";
import { wonDeal } from "../../sandbox-sync.ts";

const preload = `--import ${new URL("../../both-ways/die-at-step.mjs", import.meta.url).href}`;
const organizations = (source: string) =>
  `stream: organizations\nfields:\n  - {planhat: name, pipedrive: name}\n  - {planhat: web, pipedrive: website}\n  - {planhat: city, pipedrive: ${source}}\n`;
const deals = (title: string) => `stream: deals
start_date: [won_time]
models:
  - model: sale
    when: {field: title, is: ${title}}
    fields:
      - {planhat: _currency, pipedrive: currency}
      - {planhat: salesDate, pipedrive: $start_date}
      - {planhat: value, pipedrive: value}
  - model: license
    fields:
      - {planhat: _currency, pipedrive: currency}
      - {planhat: fromDate, pipedrive: $start_date}
`;

/** Prepares an account in which a wrong mapping went live; returns the run. */
async function wrongRun(setting: PlanhatSync): Promise<string> {
  setting.map({ "organizations.yaml": organizations("website"), "deals.yaml": deals("none") });
  for (const title of ["One", "Two"])
    wonDeal(setting.sandbox, { title }, { name: title, website: `https://${title}.test` });
  await setting.sync();
  setting.map({ "organizations.yaml": organizations("name"), "deals.yaml": deals("Two") });
  wonDeal(setting.sandbox, { title: "Three" }, { name: "Three", website: "https://Three.test" });
  return (await setting.sync()).run;
}

async function state(setting: PlanhatSync) {
  const tables = ["companies", "licenses", "sales"];
  const rows = [];
  for (const table of tables) {
    rows.push(
      await setting.look(
        `select to_jsonb(t) - 'updated_at' - 'created_at' - 'planhat_id' as row from planhat.${table} as t order by id`,
      ),
    );
  }
  const holds = await setting.look(
    "select model, source_id, field, case jsonb_typeof(taken) when 'object' then taken - 'record' else taken end as taken, restored from connector.holds order by model, source_id, field",
  );
  const objects = ["companies", "licenses", "sales"].map((path) =>
    [...setting.objects(path)].sort().map(([key, { city = null, name = null }]) => ({ key, city, name })),
  );
  return { rows, holds, objects };
}

describe("an undo that is killed between any two steps", function () {
  this.timeout(3_600_000);

  it("has changed nothing, or is finished by the next runs: nothing is lost or done twice", async () => {
    const undisturbed = await planhatSync("server");
    const log = join(undisturbed.place.folder, "steps");
    const run = await wrongRun(undisturbed);
    const args = (id: string) => ["undo", id, "--created", "--yes"];
    const counting = { NODE_OPTIONS: preload, COUNT_FROM: "insert into connector.runs", STEPS_LOG: log };
    const { status, stderr } = await undisturbed.run(args(run), undefined, counting);
    expect(status, stderr).to.equal(0);
    expect(existsSync(log)).to.equal(true);
    const steps = readFileSync(log, "utf8").trimEnd().split("\n").length;
    rmSync(log);
    await undisturbed.sync();
    const expected = await state(undisturbed);
    await undisturbed.close();
    expect(steps).to.be.greaterThan(6);
    for (let step = 1; step <= steps; step++) {
      const setting = await planhatSync("server");
      try {
        const wrong = await wrongRun(setting);
        const before = (await state(setting)).rows;
        const killed = await setting.run(args(wrong), undefined, {
          ...counting,
          STEPS_LOG: "/dev/null",
          DIE_AT_STEP: String(step),
        });
        expect(killed.signal, `step ${step}`).to.equal("SIGKILL");
        const [held] = await setting.look<{ count: string }>("select count(*) as count from connector.holds");
        if (held!.count === "0") {
          expect((await state(setting)).rows, `step ${step}`).to.deep.equal(before);
          expect((await setting.run(args(wrong))).status, `step ${step}`).to.equal(0);
        }
        await setting.sync();
        expect(await state(setting), `step ${step}`).to.deep.equal(expected);
      } finally {
        await setting.close();
      }
    }
  });
});
