import { expect } from "chai";
import type { Difference } from "../../../connector/sync/audit/differences.ts";
import type { AuditOutcome } from "../../../connector/sync/audit/run-audit.ts";
import { emptyAccount, type SandboxSync, sandboxSync, wonDeal } from "../../sandbox-sync.ts";
import { everyTable } from "../every-table.ts";

type Audited = Pick<AuditOutcome, "streams" | "models" | "requests"> & {
  complete: boolean;
  count: number;
  unexplained: number;
  differences: Difference[];
};

const mapping = {
  "organizations.yaml":
    "stream: organizations\nmodel: company\ndirection: both\nfields:\n  - {planhat: name, pipedrive: name}\n  - {planhat: web, pipedrive: website, direction: receive}\n  - {planhat: custom.Site, pipedrive: website, direction: receive}\n",
  "persons.yaml":
    "stream: persons\nmodel: enduser\ndirection: receive\nfields:\n  - {planhat: firstName, pipedrive: first_name}\n  - {planhat: email, pipedrive: emails.primary}\n",
  "notes.yaml":
    "stream: notes\nmodel: note\ndirection: receive\nfields:\n  - {planhat: description, pipedrive: content}\n  - {planhat: date, pipedrive: add_time}\n",
  "deals.yaml":
    "stream: deals\ndirection: receive\nstart_date: [won_time]\nmodel: license\nfields:\n  - {planhat: _currency, pipedrive: currency}\n  - {planhat: fromDate, pipedrive: $start_date}\n  - {planhat: value, pipedrive: value}\n  - {planhat: product, pipedrive: title}\n",
};

/** A planted difference, and how it must be reported. */
interface Planted {
  name: string;
  tells: Difference;
}

async function audited(setting: SandboxSync, status: number): Promise<Audited> {
  const result = await setting.run(["audit", "--json", "--log-level", "warn"]);
  expect(result.status, result.stderr + result.stdout).to.equal(status);
  return JSON.parse(result.stdout) as Audited;
}

for (const kind of ["embedded", "server"] as const) {
  describe(`audit finds everything that was planted, and nothing else (${kind})`, function () {
    this.timeout(1_200_000);
    let setting: SandboxSync;
    let minutes = 0;
    let result: Audited;
    let tables: { before: string; after: string };
    const planted = new Map<string, Difference>();
    const ids: Record<string, number> = {};

    before(async () => {
      setting = await sandboxSync(kind, {
        ...emptyAccount,
        clock: () => new Date(Date.parse("2026-11-01T00:00:00Z") + minutes * 60_000),
      });
      setting.map(mapping);
      const { sandbox } = setting;
      const { store } = sandbox;
      const id = (record: { id?: unknown }) => record.id as number;
      const deal = (name: string) => {
        const made = wonDeal(sandbox, { title: name }, { name: `Org of ${name}`, website: `https://${name}.test` });
        ids[name] = made.dealId;
        ids[`${name} org`] = made.organizationId;
        return made;
      };
      for (const name of ["gone", "value", "moved", "linkless", "twice", "changed", "left", "waits", "kept", "own"])
        deal(name);
      const home = deal("home").organizationId;
      const { id: _, ...copy } = store.get("deals", ids["home"]!)!;
      ids["second"] = id(store.create("deals", { ...copy, title: "second" }));
      for (const name of ["lost person", "person", "null person", "alone", "deleted person", "linkless person"]) {
        ids[name] = id(
          store.create("persons", {
            name: `Ann ${name}`,
            org_id: home,
            emails: [{ value: `${name.replace(" ", ".")}@acme.test`, primary: true, label: "work" }],
          }),
        );
      }
      ids["note"] = id(store.create("notes", { content: "A note", org_id: home }));
      ids["open"] = wonDeal(sandbox, { status: "open", won_time: null }).dealId;
      ids["orphan"] = deal("orphan").dealId;
      store.purge("organizations", ids["orphan org"]!);
      ids["broken"] = deal("broken").dealId;
      store.putText(
        "deals",
        JSON.stringify(store.get("deals", ids["broken"]!)).replace(/"org_id":\d+/, '"org_id":"Acme"'),
      );
      await setting.sync();

      minutes = 10;
      store.update("deals", ids["kept"]!, { status: "lost" });
      store.update("persons", ids["alone"]!, { name: "Bea alone" });
      await setting.sync();

      minutes = 20;
      const plant = async (name: string, tells: Difference, sql?: string, parameters: unknown[] = []) => {
        planted.set(name, tells);
        if (sql !== undefined) await setting.look(sql, parameters);
      };
      const of = (name: string) => String(ids[name]);
      const unexplained = "unexplained";
      await plant(
        "a row deleted by hand",
        { model: "license", id: ids["gone"]!, kind: "row_missing", reason: unexplained },
        "delete from planhat.licenses where source_id = $1",
        [of("gone")],
      );
      await plant(
        "a record lost from the landing",
        { stream: "persons", id: ids["lost person"]!, kind: "not_landed", reason: unexplained },
        "delete from pipedrive.persons where id = $1",
        [of("lost person")],
      );
      await plant(
        "a deal lost from the landing",
        { stream: "deals", id: ids["second"]!, kind: "not_landed", reason: unexplained },
        "delete from pipedrive.deals where id = $1",
        [of("second")],
      );
      await plant(
        "an id that only the landing has",
        { stream: "organizations", id: 99001, kind: "not_in_pipedrive", reason: unexplained },
        `insert into pipedrive.organizations (id, record, extracted_at) values (99001, '{"id":99001,"name":"No one"}', now())`,
      );
      await plant(
        "an id that only a table has",
        { model: "enduser", id: 99002, kind: "no_record", reason: unexplained },
        "insert into planhat.endusers (source_id, email) values ('99002', 'no.one@acme.test')",
      );
      await plant(
        "a row whose source_id is none of Pipedrive's",
        { model: "sale", id: "from elsewhere", kind: "no_record", reason: unexplained },
        "insert into planhat.sales (source_id) values ('from elsewhere')",
      );
      await plant(
        "a value changed in the tables",
        {
          model: "license",
          id: ids["value"]!,
          kind: "value_differs",
          fields: ["product", "value"],
          reason: unexplained,
        },
        "update planhat.licenses set value = value + 1, product = 'By hand' where source_id = $1",
        [of("value")],
      );
      await plant(
        "a custom value changed in the tables",
        {
          model: "company",
          id: ids["value org"]!,
          kind: "value_differs",
          fields: ["custom.Site"],
          reason: unexplained,
        },
        `update planhat.companies set custom = custom || '{"Site":"by hand"}' where source_id = $1`,
        [of("value org")],
      );
      await plant(
        "a value changed to NULL",
        { model: "enduser", id: ids["null person"]!, kind: "value_differs", fields: ["email"], reason: unexplained },
        "update planhat.endusers set email = null where source_id = $1",
        [of("null person")],
      );
      await plant(
        "a custom value taken away",
        { model: "company", id: ids["left org"]!, kind: "value_differs", fields: ["custom.Site"], reason: unexplained },
        "update planhat.companies set custom = custom - 'Site' where source_id = $1",
        [of("left org")],
      );
      await plant(
        "a row moved to another company",
        { model: "license", id: ids["moved"]!, kind: "value_differs", fields: ["companyId"], reason: unexplained },
        "update planhat.licenses set company_id = (select id from planhat.companies where source_id = $2) where source_id = $1",
        [of("moved"), String(home)],
      );
      await plant(
        "a landed record that is not as Pipedrive has it",
        { stream: "notes", id: ids["note"]!, kind: "record_differs", reason: unexplained },
        `update pipedrive.notes set record = record || '{"pinned_to_deal_flag":true}' where id = $1`,
        [of("note")],
      );
      await plant(
        "a landed record marked as deleted that is not",
        { stream: "persons", id: ids["person"]!, kind: "record_differs", reason: unexplained },
        "update pipedrive.persons set deleted = true where id = $1",
        [of("person")],
      );
      await plant(
        "a row without its link",
        { model: "enduser", id: ids["linkless person"]!, kind: "no_link", reason: unexplained },
        "delete from connector.links where stream = 'persons' and record_id = $1",
        [of("linkless person")],
      );
      await plant(
        "a link to a row that is not there",
        { model: "license", id: ids["open"]!, kind: "link_without_row", reason: unexplained },
        "insert into connector.links (stream, record_id, model, row_id) values ('deals', $1, 'license', 424242)",
        [of("open")],
      );
      await plant(
        "a deal with rows in two models",
        { model: "license", id: ids["twice"]!, kind: "duplicate", reason: unexplained },
        "insert into planhat.sales (source_id) values ($1)",
        [of("twice")],
      );
      await plant(
        "work that a sync left behind",
        {
          model: "license",
          id: ids["waits"]!,
          kind: "row_missing",
          reason: "pending: it has landed and is not applied yet",
        },
        "with gone as (delete from planhat.licenses where source_id = $1::text) insert into connector.pending (organization_id, stream, record_id) values ($2, 'deals', $1::text::bigint)",
        [of("waits"), ids["waits org"]],
      );
      await plant(
        "Planhat's own change of a company",
        {
          model: "company",
          id: ids["own org"]!,
          kind: "own_change",
          fields: ["name"],
          reason: "Planhat's own change is kept",
        },
        "update planhat.companies set name = 'By hand' where source_id = $1",
        [of("own org")],
      );
      const [made] = await setting.look<{ id: string }>(
        "insert into planhat.companies (name) values ('New') returning id",
      );
      await plant("a company made in Planhat", {
        model: "company",
        id: `row ${made!.id}`,
        kind: "made_in_planhat",
        reason: "it has no source_id",
      });
      await plant("a deal that was never won", {
        stream: "deals",
        id: ids["open"]!,
        kind: "does_not_sync",
        reason: "not_won",
      });
      await plant("a deal that stopped being eligible", {
        model: "license",
        id: ids["kept"]!,
        kind: "kept",
        reason: "kept though it does not sync any more: not_won",
      });
      await plant("a deal that waits for its company", {
        model: "license",
        id: ids["orphan"]!,
        kind: "rejected",
        reason: `rejected: organization ${ids["orphan org"]} has no company: no list that was read has brought it (is it deleted, or hidden from the token's user?)`,
      });
      const [rejection] = await setting.look<{ reason: string }>(
        "select reason from connector.rejections where record_id = $1",
        [ids["broken"]],
      );
      await plant("a record that could not be landed", {
        stream: "deals",
        id: ids["broken"]!,
        kind: "not_landed",
        reason: `rejected: ${rejection!.reason}`,
      });
      await plant("a person that changed without its deal", {
        model: "enduser",
        id: ids["alone"]!,
        kind: "value_differs",
        fields: ["firstName"],
        reason: "it changed without its deal (follow_changes is off): a change of the deal, or sync --full, takes it",
      });
      const saved = await setting.look<{ stream: string; at: string }>(
        `select stream, to_char(updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as at from connector.bookmarks`,
      );
      const since = (stream: string) =>
        `changed since the last sync at ${saved.find((one) => one.stream === stream)!.at}`;
      store.update("deals", ids["changed"]!, { value: 4711 });
      await plant("a record changed in Pipedrive since the last sync", {
        stream: "deals",
        id: ids["changed"]!,
        kind: "record_differs",
        reason: since("deals"),
      });
      ids["new org"] = id(store.create("organizations", { name: "New one" }));
      await plant("a record made in Pipedrive since the last sync", {
        stream: "organizations",
        id: ids["new org"],
        kind: "not_landed",
        reason: since("organizations"),
      });
      store.delete("deals", ids["left"]!);
      await plant("a deal deleted in Pipedrive and not marked", {
        stream: "deals",
        id: ids["left"]!,
        kind: "deleted_not_marked",
        reason: since("deals"),
      });
      store.delete("persons", ids["deleted person"]!);
      await plant("a person deleted in Pipedrive, whose lists do not tell of it", {
        stream: "persons",
        id: ids["deleted person"]!,
        kind: "deleted_not_marked",
        reason: "deleted in Pipedrive, whose lists do not tell of it",
      });
      const contents = async () => JSON.stringify(await everyTable(setting, { versions: kind === "server" }));
      const before = await contents();
      result = await audited(setting, 1);
      tables = { before, after: await contents() };
    });
    after(() => setting.close());

    const names: Planted["name"][] = [
      "a row deleted by hand",
      "a record lost from the landing",
      "a deal lost from the landing",
      "an id that only the landing has",
      "an id that only a table has",
      "a row whose source_id is none of Pipedrive's",
      "a value changed in the tables",
      "a custom value changed in the tables",
      "a value changed to NULL",
      "a custom value taken away",
      "a row moved to another company",
      "a landed record that is not as Pipedrive has it",
      "a landed record marked as deleted that is not",
      "a row without its link",
      "a link to a row that is not there",
      "a deal with rows in two models",
      "work that a sync left behind",
      "Planhat's own change of a company",
      "a company made in Planhat",
      "a deal that was never won",
      "a deal that stopped being eligible",
      "a deal that waits for its company",
      "a record that could not be landed",
      "a person that changed without its deal",
      "a record changed in Pipedrive since the last sync",
      "a record made in Pipedrive since the last sync",
      "a deal deleted in Pipedrive and not marked",
      "a person deleted in Pipedrive, whose lists do not tell of it",
    ];
    for (const name of names) {
      it(name, () => {
        expect(result.differences).to.deep.include(planted.get(name)!);
      });
    }

    it("finds nothing unexplained besides, and tells every difference once", () => {
      expect([...planted.keys()]).to.have.members(names);
      const open = (all: Iterable<Difference>) => [...all].filter(({ reason }) => reason === "unexplained");
      expect(open(result.differences)).to.have.deep.members(open(planted.values()));
      expect(result.unexplained).to.equal(open(planted.values()).length);
      expect(result.count).to.equal(result.differences.length);
      expect(new Set(result.differences.map((one) => JSON.stringify(one))).size).to.equal(result.differences.length);
    });

    it("counts every side", async () => {
      expect(result.complete).to.equal(true);
      const store = setting.sandbox.store;
      const alive = (stream: "deals" | "organizations" | "persons") =>
        store.find(stream, (entry) => !entry.deleted).length;
      for (const stream of ["deals", "organizations", "persons"] as const) {
        expect(result.streams[stream].pipedrive, stream).to.equal(alive(stream));
        const [landed] = await setting.look<{ count: number }>(
          `select count(*)::int as count from pipedrive.${stream} where not deleted`,
        );
        expect(result.streams[stream].landed, stream).to.equal(landed!.count);
      }
      const [rows] = await setting.look<{ count: number }>("select count(*)::int as count from planhat.licenses");
      expect(result.models.license.rows).to.equal(rows!.count);
      expect(result.models.license.unexplained).to.equal(5);
      expect(result.requests.tokens).to.be.greaterThan(60);
    });

    it("writes nothing", () => {
      expect(tables.after).to.equal(tables.before);
    });

    it("sync --full mends what it can, and audit says so", async () => {
      const { store } = setting.sandbox;
      minutes = 30;
      await setting.look("delete from planhat.endusers where source_id = '99002'");
      await setting.look("delete from planhat.sales where source_id = 'from elsewhere'");
      await setting.look("delete from pipedrive.organizations where id = 99001");
      await setting.look("delete from connector.links where row_id = 424242");
      store.update("notes", ids["note"]!, { content: "Another note" });
      await setting.sync("--full");
      const { status, stdout, stderr } = await setting.run(["audit"]);
      expect(status, stdout).to.equal(0);
      expect(stdout).to.match(
        /^Compared Pipedrive, the landing and the tables in [\d.]+ s, with \d+ requests \(\d+ API tokens\)\.\n\nstream /,
      );
      expect(stdout.trimEnd().split("\n").at(-1)).to.equal("Nothing is missing. Every difference has its reason.");
      expect(stderr).to.match(/Reading Pipedrive's lists takes at least 5 requests \(70 API tokens\)/);
    });
  });
}
