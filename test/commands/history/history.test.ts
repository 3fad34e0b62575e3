import { userInfo } from "node:os";
import { expect } from "chai";
import type { JsonObject } from "../../../connector/mapping/value.ts";
import { onServerFirst } from "../../databases.ts";
import { type PlanhatSync, planhatSync } from "../../planhat-sync.ts";
import { wonDeal } from "../../sandbox-sync.ts";

const organizations = `stream: organizations
direction: both
fields:
  - {planhat: name, pipedrive: name}
  - {planhat: web, pipedrive: website}
`;
const fields = (product: string) => `    fields:
      - {planhat: _currency, pipedrive: currency}
      - {planhat: product, pipedrive: title${product}}
`;
const deals = (product: string, sale = "") => `stream: deals
start_date: [won_time]
models:
${sale}  - model: license
${fields(product)}      - {planhat: fromDate, pipedrive: $start_date}
`;
const sale = `  - model: sale
    when: {field: value, greater: 1000}
${fields("")}      - {planhat: salesDate, pipedrive: $start_date}
      - {planhat: value, pipedrive: value}
`;

interface ToldChange {
  [key: string]: unknown;
  action: string;
  fields: Record<string, { from?: unknown; to?: unknown }>;
}

onServerFirst((kind) => {
  describe("runs and history", () => {
    let setting: PlanhatSync;
    let deal: number;
    let acme: number;
    const runIds: string[] = [];
    before(async () => {
      setting = await planhatSync(kind);
      setting.map({ "organizations.yaml": organizations, "deals.yaml": deals("") });
      const { store } = setting.sandbox;
      ({ dealId: deal, organizationId: acme } = wonDeal(setting.sandbox, { title: "Big deal" }, { website: "a.test" }));
      const sync = async (...options: string[]) => void runIds.push((await setting.sync(...options)).run);
      await sync("--yes");
      store.update("organizations", acme, { name: "Acme Ltd" });
      store.update("deals", deal, { title: "Bigger deal" });
      await sync();
      await setting.look("update planhat.companies set web = 'b.test'");
      await sync();
      setting.map({ "deals.yaml": deals(", transform: [uppercase]") });
      const remapped = await setting.run(["remap", "--json"]);
      expect(remapped.status, remapped.stderr).to.equal(0);
      runIds.push(JSON.parse(remapped.stdout).run as string);
      setting.map({ "deals.yaml": deals(", transform: [uppercase]", sale) });
      store.update("deals", deal, { value: 5000 });
      await sync();
    });
    after(() => setting.close());

    const told = async (...args: string[]) => {
      const { status, stdout, stderr } = await setting.run(args);
      expect(status, stderr).to.equal(0);
      return stdout;
    };
    const refused = async (...args: string[]) => {
      const { status, stdout, stderr } = await setting.run(args);
      expect([status, stdout]).to.deep.equal([2, ""]);
      return stderr;
    };
    const changesOf = async (run: string): Promise<ToldChange[]> =>
      (JSON.parse(await told("runs", run, "--json")) as { changes: ToldChange[] }).changes;

    it("runs tells who started each run and what it changed, by model", async () => {
      const { username } = userInfo();
      const lines = (await told("runs")).split("\n");
      expect(lines[0]).to.match(/^run +when +mode +who +status +changed$/);
      expect(lines.slice(1, 6).map((line) => line.slice(0, 8))).to.deep.equal(
        [...runIds].reverse().map((id) => id.slice(0, 8)),
      );
      expect(lines[5])
        .to.include(`sync by ${username}`)
        .and.to.include("company 1 created")
        .and.to.include("license 1 created");
      expect(lines[2]).to.include(`remap by ${username}`).and.to.include("license 1 updated");
      expect(lines[3]).to.include("company 1 sent");
      const listed = JSON.parse(await told("runs", "--json", "--limit", "2")) as JsonObject[];
      expect(listed).to.have.length(2);
      expect(listed[1]).to.deep.include({
        ...{ run: runIds[3], mode: "incremental", status: "succeeded", undoes: null, changes_kept: "all" },
        started_by: { by: "command", command: "remap", user: username },
      });
      expect(listed[1]!["mapping"])
        .to.match(/^[\da-f]+/)
        .and.not.equal(listed[0]!["mapping"]);
    });

    it("runs <run> shows the changes of one, field by field, and why", async () => {
      const company = { model: "company", source_id: String(acme) };
      const license = { model: "license", source_id: String(deal) };
      const first = await changesOf(runIds[0]!);
      expect(first.map(({ action, model }) => `${action} ${String(model)}`)).to.deep.equal([
        "create company",
        "create license",
        "publish company",
        "publish license",
      ]);
      expect(first[2]!["because"]).to.deep.equal({ by: "created" });
      const because = { deals: [deal] };
      const second = await changesOf(runIds[1]!.slice(0, 8));
      expect(second[0]).to.deep.include({ action: "update", ...company, because });
      expect(second[0]!.fields).to.deep.equal({ name: { from: "Acme", to: "Acme Ltd" } });
      expect(second[1]).to.deep.include({ action: "update", ...license, because });
      expect(second.slice(2).map((one) => [one["because"], one.fields])).to.deep.equal([
        [{ by: "updated" }, { name: { from: "Acme", to: "Acme Ltd" } }],
        [{ by: "updated" }, { product: { from: "Big deal", to: "Bigger deal" } }],
      ]);
      const sent = (await changesOf(runIds[2]!)).filter(({ action }) => action === "send");
      expect(sent).to.have.length(1);
      expect(sent[0]).to.deep.include({ ...company, fields: { web: { from: "a.test", to: "b.test" } } });
      const [remapped] = await changesOf(runIds[3]!);
      expect(remapped).to.deep.include({ action: "update", ...license, because: { mapping: true } });
      const moved = await changesOf("last");
      expect(moved.map(({ action, model }) => `${action} ${String(model)}`)).to.deep.equal([
        "remove license",
        "create sale",
        "publish sale",
        "publish license",
      ]);
      expect(moved[0]!.fields["product"]).to.deep.equal({ from: "BIGGER DEAL" });
      expect(moved[3]!["because"]).to.deep.equal({ by: "removed" });
      const text = await told("runs", runIds[1]!);
      expect(text).to.include(
        `company ${acme} Acme Ltd: changed (deal ${deal} "Bigger deal")\n    name: "Acme" → "Acme Ltd"\n`,
      );
      expect(await told("runs", "last", "--limit", "1")).to.include("The first 1; --limit shows more");
    });

    it("history tells in one screen when a value changed, from what to what, and why", async () => {
      const text = await told("history", "deals", String(deal));
      expect(text.split("\n")[0]).to.match(new RegExp(`^deals ${deal}: sale row \\d+, Bigger deal$`));
      const [created, changed, remapped, removed, sold] = [
        "license created",
        `deal ${deal} "Bigger deal"\n    product: "Big deal" → "Bigger deal"`,
        `the mapping changed\n    product: "Bigger deal" → "BIGGER DEAL"`,
        "license removed: it is a sale now",
        "sale created",
      ].map((one) => text.indexOf(one));
      expect([created, changed, remapped, removed, sold]).to.not.include(-1);
      expect([created, changed, remapped, removed, sold]).to.deep.equal(
        [created, changed, remapped, removed, sold].sort((one, other) => one! - other!),
      );
      expect(text).to.include(`run ${runIds[1]!.slice(0, 8)} (incremental, sync by ${userInfo().username})`);
      const company = JSON.parse(await told("history", "company", String(acme), "--json")) as {
        rows: JsonObject[];
        events: (ToldChange & { started_by: JsonObject })[];
      };
      expect(company.rows[0]).to.include({ model: "company", name: "Acme Ltd" });
      expect(company.events.map(({ action }) => action)).to.deep.equal([
        "create",
        "publish",
        "update",
        "publish",
        "send",
        "publish",
      ]);
      expect(company.events[2]).to.deep.include({ deals: [{ id: deal, title: "Bigger deal" }], run: runIds[1] });
      expect(company.events[2]!.started_by).to.include({ by: "command", command: "sync" });
      expect(await told("history", "organizations", String(acme), "--limit", "1")).to.include("5 earlier are left out");
    });

    it("an unknown or ambiguous run and a record without a story are one sentence each", async () => {
      expect(await refused("runs", "00000000")).to.include('There is no run "00000000".');
      expect(await refused("runs", "x")).to.include('There is no run "x".');
      await setting.look(
        `insert into connector.runs (id, mode, status, started_at)
         select id::uuid, 'full', 'failed', timestamptz '2020-01-01' from unnest($1::text[]) as new (id)`,
        [
          [
            "aaaaaaaa-0000-4000-8000-000000000000",
            "aaaaaaaa-0000-4000-8000-000000000001",
            "aaaaaaab-0000-4000-8000-000000000000",
          ],
        ],
      );
      expect(await refused("runs", "aaaaaaaa")).to.match(
        /Several runs begin with aaaaaaaa: aaaaaaaa-0000-4000-8000-00000000000[01], /,
      );
      expect(await told("runs", "aaaaaaab")).to.include("Its changes were not kept: an earlier version ran it");
      expect(await refused("history", "deals", "999")).to.include(
        'There is no row of deals "999", and no history of one.',
      );
      expect(await refused("history", "dealz", "1")).to.include("Did you mean deals?");
    });

    it("with keep_days: 0 nothing is kept from then on, and what was is forgotten", async () => {
      setting.configure("history: {keep_days: 0}\n");
      setting.sandbox.store.update("organizations", acme, { name: "Acme Inc" });
      setting.sandbox.store.update("deals", deal, { title: "Third" });
      const { run } = await setting.sync();
      expect((await setting.look("select count(*)::int as n from connector.changes"))[0]).to.deep.equal({ n: 0 });
      expect(await told("runs", run)).to.include("Its changes were not kept");
      expect(await told("runs", runIds[1]!)).to.include("Its changes are forgotten: they are older than they are kept");
      expect(await told("history", "deals", String(deal))).to.include("How its row came to be is not kept");
    });
  });
});
