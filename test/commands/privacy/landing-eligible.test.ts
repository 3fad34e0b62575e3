import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { syncAgainTokens, tokensByIds } from "../../../bench/token-model.ts";
import type { Explanation } from "../../../connector/sync/inspect/explain-record.ts";
import { onServerFirst } from "../../databases.ts";
import { emptyAccount, type SandboxSync, sandboxSync, wonDeal } from "../../sandbox-sync.ts";

onServerFirst((kind) => {
  describe("landing: eligible", function () {
    this.timeout(300_000);
    let sync: SandboxSync;
    let reached: number;
    let hidden: number;
    let elsewhere: number;
    let openDeal: number;
    const names = ["Quillfeather", "quillfeather@hidden.example", "Marginalia"];
    before(async () => {
      sync = await sandboxSync(kind, { ...emptyAccount, organizations: 2, persons: 3 });
      const { store } = sync.sandbox;
      sync.configure("landing: eligible\n");
      const { organizationId } = wonDeal(sync.sandbox);
      const idOf = (record: { id?: unknown }) => record.id as number;
      reached = idOf(store.create("persons", { name: "Bo Reached", org_id: organizationId }));
      elsewhere = idOf(store.create("organizations", { name: "Elsewhere Inc" }));
      hidden = idOf(
        store.create("persons", {
          ...{ name: "Ida Quillfeather", org_id: elsewhere },
          emails: [{ value: "quillfeather@hidden.example", primary: true, label: "work" }],
        }),
      );
      store.create("notes", { content: "<p>Marginalia on Ida</p>", person_id: hidden });
      openDeal = idOf(
        store.create("deals", { title: "Still open", status: "open", org_id: elsewhere, person_id: hidden }),
      );
    });
    after(() => sync.close());

    const copies = async () =>
      Object.fromEntries(
        (
          await sync.look<{ id: string; lean: boolean; record: Record<string, unknown> }>(
            "select id, lean, record from pipedrive.persons",
          )
        ).map(({ id, lean, record }) => [id, { lean, name: record["name"] ?? null, org: record["org_id"] }]),
      );

    it("keeps of a person whom no deal brings no value in any byte of the tables", async () => {
      const { status, stdout } = await sync.run(["sync"]);
      expect(status).to.equal(0);
      expect(stdout).to.contain(
        "Kept lean, with ids, references and times only: 1 deal, 3 organizations, 4 persons, 1 note.",
      );
      const found = await copies();
      expect(found[reached]).to.include({ lean: false, name: "Bo Reached" });
      expect(found[hidden]).to.deep.equal({ lean: true, name: null, org: elsewhere });
      expect(Object.values(found).filter(({ lean }) => lean)).to.have.length(4);
      const files = await sync.look<{ name: string; found: string | null }>(
        `select c.relname as name, w.word as found
         from pg_class as c cross join unnest($1::text[]) as w (word)
         where c.relkind in ('r', 't', 'i') and pg_relation_filepath(c.oid) is not null and pg_relation_size(c.oid) > 0
           and position(convert_to(w.word, 'UTF8') in pg_read_binary_file(pg_relation_filepath(c.oid))) > 0
           and c.relnamespace in ('pipedrive'::regnamespace, 'planhat'::regnamespace, 'connector'::regnamespace,
                                  'pg_toast'::regnamespace)`,
        [names],
      );
      expect(files).to.deep.equal([]);
    });

    it("is told by explain, audit, mapping fields and privacy report", async () => {
      const explained = await sync.run(["explain", "persons", String(hidden)]);
      expect(explained.stdout.replace(/\s+/g, " ")).to.contain(
        "Its copy is lean: only ids, references, states and times are kept, because no deal brings it that may sync (landing: eligible).",
      );
      const asJson = async (id: number) =>
        JSON.parse((await sync.run(["explain", "persons", String(id), "--json"])).stdout) as Explanation;
      expect((await asJson(hidden)).landed?.lean).to.equal(true);
      expect((await asJson(hidden)).fields).to.deep.equal([]);
      expect((await asJson(reached)).landed?.lean).to.equal(false);
      const audit = await sync.run(["audit"]);
      expect(audit.status, audit.stdout).to.equal(0);
      expect(audit.stdout).to.match(/^stream +Pipedrive +landed +lean +deleted/m);
      expect(audit.stdout).to.match(/^persons +5 +5 +4 +0/m);
      const fields = await sync.run(["mapping", "fields", "persons"]);
      expect(fields.stdout).to.contain(
        "filled: in how many of the 1 persons that are kept whole; 4 more are kept lean (landing: eligible).",
      );
      const report = await sync.run(["privacy", "report"]);
      expect(report.stdout).to.contain("with `landing: eligible`");
    });

    it("costs nothing more in a second sync, and changes nothing", async () => {
      const { streams, models } = await sync.sync();
      expect(streams.persons.read).to.be.lessThan(3);
      expect(models.enduser.created + models.enduser.updated).to.equal(0);
      expect((await copies())[hidden]).to.include({ lean: true });
    });

    it("reads by ids what a deal brings that is won later", async () => {
      sync.sandbox.store.update("deals", openDeal, { status: "won", won_time: "2026-05-01T10:00:00Z" });
      const { models, requests } = await sync.sync();
      const byIds = tokensByIds("organizations", 1) + tokensByIds("persons", 1) + tokensByIds("notes", 1);
      const changed = { deals: 1, archivedDeals: 0, organizations: 0, persons: 0, notes: 0 };
      expect(requests.tokens).to.equal(syncAgainTokens(changed) + byIds);
      expect([models.enduser.created, models.note.created, models.license.created]).to.deep.equal([1, 1, 1]);
      expect((await copies())[hidden]).to.deep.equal({ lean: false, name: "Ida Quillfeather", org: elsewhere });
    });

    it("makes what another mapping needs wait for a sync, which remap says", async () => {
      const { store } = sync.sandbox;
      const organization = store.create("organizations", { name: "Later Inc" })["id"] as number;
      store.create("persons", { name: "Lou Later", org_id: organization });
      store.create("deals", { title: "Open still", status: "open", org_id: organization });
      await sync.sync();
      const rows = () => sync.look<{ name: string }>("select name from planhat.companies where name = 'Later Inc'");
      sync.map({
        "deals.yaml": `stream: deals
pipelines: []
statuses: [open, won]
start_date: [won_time, add_time]
models:
  - model: license
    fields:
      - {planhat: _currency, pipedrive: currency}
      - {planhat: fromDate, pipedrive: $start_date}
      - {planhat: value, pipedrive: value}
`,
        "organizations.yaml": "stream: organizations\nmodel: company\nfields:\n  - {planhat: name, pipedrive: name}\n",
        "persons.yaml":
          "stream: persons\nmodel: enduser\nfields:\n  - {planhat: lastName, pipedrive: last_name}\n  - {planhat: email, pipedrive: emails.primary}\n",
        "notes.yaml": "stream: notes\nmodel: note\nfields:\n  - {planhat: description, pipedrive: content}\n",
      });
      const said =
        "1 deal waits: of some records that it brings only ids, references and times are kept (landing: eligible). The next sync reads them.";
      const planned = await sync.run(["plan", "--remap"]);
      expect([planned.status, planned.stderr]).to.satisfy(
        ([status, text]: [number, string]) => status === 0 && text.includes(said),
        planned.stderr,
      );
      const remap = await sync.run(["remap", "--yes"]);
      expect(remap.status, remap.stderr).to.equal(0);
      expect(remap.stderr).to.contain(said);
      const audit = await sync.run(["audit"]);
      expect(audit.status, audit.stdout).to.equal(0);
      expect(audit.stdout).to.contain("it needs a record that is kept lean: the next sync reads it");
      expect(await rows()).to.deep.equal([]);
      await sync.sync("--yes");
      expect(await rows()).to.deep.equal([{ name: "Later Inc" }]);
      expect(await sync.look("select last_name from planhat.endusers where last_name = 'Later'")).to.have.length(1);
    });

    it("is refused by write, which cannot read by ids", async () => {
      const { status, stderr } = await sync.run(["write", "--format", "singer"]);
      expect(stderr).to.contain(
        "`write` does not work with `landing: eligible`: it cannot read records by their ids.\nSet landing: full in the config, or use `pipedrive-planhat sync`.",
      );
      expect(status).to.equal(2);
    });

    it("ends with landing: full: sync --full brings what was left out, and until then a run says so", async () => {
      const lean = async () => Object.values(await copies()).filter((one) => one.lean).length;
      expect(await lean()).to.equal(3);
      const config = readFileSync(join(sync.place.folder, "config.yaml"), "utf8");
      sync.place.write("config.yaml", config.replace("landing: eligible", "landing: full"));
      const { stderr } = await sync.run(["sync"]);
      expect(stderr).to.contain(
        "Of 5 records only ids, references and times are kept, since landing was eligible. What deals need is read by ids; `pipedrive-planhat sync --full` reads all whole.",
      );
      const summary = await sync.sync("--full");
      expect(summary).to.not.have.property("lean");
      expect(await lean()).to.equal(0);
    });
  });
});
