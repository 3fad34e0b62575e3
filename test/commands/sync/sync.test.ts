import { expect } from "chai";
import type { Database } from "../../../connector/database/database.ts";
import { openDatabase } from "../../../connector/database/open/open-database.ts";
import { type Sandbox, startSandbox } from "../../../connector/sandbox/server.ts";
import type { Summary } from "../../../connector/sync/summary.ts";
import { migratedLocation, onServerFirst, removeLocation } from "../../databases.ts";
import { expectedTables } from "../../expected-tables.ts";
import { itLong } from "../../long.ts";
import { makeWorkplace, runBin, type Workplace } from "../../run-bin.ts";

onServerFirst((kind) => {
  describe(`sync, into ${kind === "embedded" ? "the embedded database" : "a server"}`, () => {
    let sandbox: Sandbox;
    let place: Workplace;
    let location: string;

    before(async () => {
      sandbox = await startSandbox({ organizations: 60, persons: 150, deals: 140, notes: 220, burstLimit: 1000 });
      place = makeWorkplace();
      location = await migratedLocation(kind);
    });
    after(async () => {
      await sandbox.close();
      await removeLocation(location);
      place.remove();
    });

    const sync = async (...options: string[]): Promise<Summary> => {
      place.write("config.yaml", `company_url: ${sandbox.url}\napi_token: ${sandbox.token}\ndatabase: ${location}\n`);
      const { status, stdout, stderr } = await runBin(place.folder, ["sync", "--json", ...options]);
      expect(status, stderr).to.equal(0);
      return JSON.parse(stdout.trim().split("\n").at(-1)!) as Summary;
    };

    const look = async <Result>(work: (database: Database) => Promise<Result>): Promise<Result> => {
      const database = await openDatabase(location);
      try {
        return await work(database);
      } finally {
        await database.close();
      }
    };
    const expectTables = async () => {
      const expected = expectedTables(sandbox.store);
      await look(async (database) => {
        const companies = await database.query<{ source_id: string; name: string }>(
          "select source_id, name from planhat.companies",
        );
        expect(byId(companies, ({ name }) => ({ name }))).to.deep.equal(expected.companies);
        const endusers = await database.query<{ source_id: string; email: string | null; company: string }>(
          "select e.source_id, email, c.source_id as company from planhat.endusers as e join planhat.companies as c on c.id = company_id",
        );
        expect(byId(endusers, ({ email, company }) => ({ email, company }))).to.deep.equal(expected.endusers);
        const notes = await database.query<{ source_id: string; company: string }>(
          "select n.source_id, c.source_id as company from planhat.notes as n join planhat.companies as c on c.id = company_id",
        );
        expect(byId(notes, ({ company }) => ({ company }))).to.deep.equal(expected.notes);
        const licenses = await database.query<
          Record<"source_id" | "value" | "currency" | "from_date" | "company", string>
        >(
          `select l.source_id, value, currency, from_date, c.source_id as company
           from planhat.licenses as l join planhat.companies as c on c.id = company_id`,
        );
        expect(
          byId(licenses, ({ value, currency, from_date, company }) => ({
            value: value === null ? null : Number(value),
            currency,
            from_date,
            company,
          })),
        ).to.deep.equal(expected.licenses);
      });
    };

    it("the first time brings every eligible deal with its organization, contacts and notes", async () => {
      const summary = await sync();
      expect(summary).to.include({ mode: "full" });
      expect(summary.models.license.created)
        .to.equal(expectedTables(sandbox.store).licenses.size)
        .and.be.greaterThan(30);
      const { eligible, skipped } = summary.streams.deals;
      const left = Object.values(skipped!).reduce((sum, count) => sum + count, 0);
      expect(eligible! + left, "every deal is eligible or skipped for a reason").to.equal(summary.streams.deals.read);
      expect(skipped).to.have.all.keys("not_won", "no_organization", "no_start_date", "deleted");
      await expectTables();
    });

    it("counts requests and API tokens as the account does", async () => {
      const { count, tokens } = sandbox.requests;
      const { requests } = await sync();
      expect(sandbox.requests.count - count).to.equal(requests.count);
      expect(sandbox.requests.tokens - tokens).to.equal(requests.tokens);
    });

    it("with nothing new takes at most 12 requests and writes no row", async () => {
      const before = await look(versions);
      const summary = await sync();
      expect(summary.mode).to.equal("incremental");
      expect(summary.requests.count).to.be.at.most(12);
      for (const { created, updated } of Object.values(summary.models)) expect(created + updated).to.equal(0);
      expect(await look(versions)).to.deep.equal(before);
    });

    it("afterwards brings only what changed: a deal that was won, a value, a cleared field, a new note", async () => {
      const { store } = sandbox;
      const expected = expectedTables(store);
      const [won] = [...expected.licenses.keys()];
      const open = store.find(
        "deals",
        (entry) => entry.status === "open" && !entry.deleted && typeof entry.organization === "number",
      )[0]!;
      store.update("deals", open["id"] as number, { status: "won" });
      store.update("deals", Number(won), { value: 4711.5 });
      const company = Number(expected.licenses.get(won!)!.company);
      store.update("organizations", company, { website: null, name: "Renamed & Co" });
      store.create("notes", { content: "<p>New</p>", org_id: company });
      const summary = await sync();
      expect(summary.models.license).to.include({ created: 1, updated: 1 });
      await expectTables();
      await look(async (database) => {
        const [row] = await database.query("select web, name from planhat.companies where source_id = $1", [
          String(company),
        ]);
        expect(row).to.deep.equal({ web: null, name: "Renamed & Co" });
      });
    });

    it("a change to an organization alone waits for a change to one of its deals", async () => {
      const [id, { company }] = [...expectedTables(sandbox.store).licenses][1]!;
      sandbox.store.update("organizations", Number(company), { name: "Changed alone" });
      await sync();
      const name = () =>
        look((database) => database.query("select name from planhat.companies where source_id = $1", [company]));
      expect(await name()).not.to.deep.equal([{ name: "Changed alone" }]);
      sandbox.store.update("deals", Number(id), { title: "Touched" });
      await sync();
      expect(await name()).to.deep.equal([{ name: "Changed alone" }]);
    });

    it("--company takes one organization fresh, whether or not a deal changed", async () => {
      const [, { company }] = [...expectedTables(sandbox.store).licenses][2]!;
      sandbox.store.update("organizations", Number(company), { name: "Asked for" });
      const summary = await sync("--company", company);
      expect(summary.mode).to.equal("company");
      expect(summary.models.company).to.deep.equal({
        created: 0,
        updated: 1,
        unchanged: 0,
        rejected: 0,
        fields_rejected: 0,
      });
      await look(async (database) =>
        expect(
          await database.query("select name from planhat.companies where source_id = $1", [company]),
        ).to.deep.equal([{ name: "Asked for" }]),
      );
    });

    it("a row deleted by hand comes back with --full", async () => {
      await look((database) => database.query("delete from planhat.notes"));
      expect((await sync()).models.note.created).to.equal(0);
      const summary = await sync("--full");
      expect(summary.mode).to.equal("full");
      expect(summary.models.note.created).to.equal(expectedTables(sandbox.store).notes.size);
      await expectTables();
    });

    it("a deal that is deleted or lost is kept and no longer updated", async () => {
      const [deleted, lost] = [...expectedTables(sandbox.store).licenses].slice(3, 5).map(([id]) => id);
      const rows = () =>
        look((database) =>
          database.query(
            "select source_id, value, updated_at from planhat.licenses where source_id = any($1) order by source_id",
            [[deleted, lost]],
          ),
        );
      const before = await rows();
      sandbox.store.update("deals", Number(lost), { status: "lost", value: 1 });
      sandbox.store.update("deals", Number(deleted), { value: 1 });
      sandbox.store.delete("deals", Number(deleted));
      await sync();
      expect(await rows())
        .to.deep.equal(before)
        .and.have.length(2);
    });

    itLong("a deal that is archived is still updated", async () => {
      const [id] = [...expectedTables(sandbox.store).licenses][0]!;
      sandbox.store.update("deals", Number(id), { value: 815, is_archived: true });
      await sync();
      await look(async (database) =>
        expect(await database.query("select value from planhat.licenses where source_id = $1", [id])).to.deep.equal([
          { value: "815" },
        ]),
      );
    });
  });
});

function byId<Row extends { source_id: string }, Fields>(
  rows: readonly Row[],
  fields: (row: Row) => Fields,
): Map<string, Fields> {
  return new Map(rows.map((row) => [row.source_id, fields(row)]));
}

/** Returns the version of every row and every landed record: xmin changes with each write. */
async function versions(database: Database): Promise<unknown> {
  return database.query(
    ["companies", "endusers", "notes", "licenses", "sales"]
      .map((table) => `select 'planhat.${table}' as place, id, xmin::text from planhat.${table}`)
      .concat(
        ["organizations", "persons", "notes", "deals"].map(
          (table) => `select 'pipedrive.${table}', id, xmin::text from pipedrive.${table}`,
        ),
      )
      .join(" union all "),
  );
}
