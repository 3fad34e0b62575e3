import { expect } from "chai";
import type { AccountCatalog } from "../../../connector/account-catalog.ts";
import { loadMapping } from "../../../connector/commands/opening/load-mapping.ts";
import type { Database } from "../../../connector/database/database.ts";
import { packageRoot } from "../../../connector/package-root.ts";
import { createBudget } from "../../../connector/pipedrive/client/budget.ts";
import { createClient } from "../../../connector/pipedrive/client/client.ts";
import { parseCompanyUrl } from "../../../connector/pipedrive/client/company-url.ts";
import { type Sandbox, type SandboxOptions, startSandbox } from "../../../connector/sandbox/server.ts";
import type { SyncOutcome } from "../../../connector/sync/run-context.ts";
import { prepareRun } from "../../../connector/sync/runs/prepare-run.ts";
import { runSync } from "../../../connector/sync/runs/run-sync.ts";
import { eachDatabase } from "../../databases.ts";
import { emptyAccount, wonDeal } from "../../sandbox-sync.ts";

describe("the walk through the whole lists", function () {
  this.timeout(1_200_000);

  eachDatabase((open) => {
    let database: Database;
    let sandbox: Sandbox;
    let intercept: NonNullable<SandboxOptions["intercept"]>;
    let startDate: string | undefined;
    let warnings: string[];
    beforeEach(async () => {
      intercept = () => undefined;
      startDate = undefined;
      warnings = [];
      database = await open();
      sandbox = await startSandbox({ ...emptyAccount, burstLimit: 1000, intercept: (request) => intercept(request) });
    });
    afterEach(() => sandbox.close());

    const run = async (what: { full?: true; sweep?: true } = {}): Promise<SyncOutcome> => {
      const budget = createBudget();
      const client = createClient({
        companyUrl: parseCompanyUrl(sandbox.url),
        apiToken: sandbox.token,
        budget,
        patience: { tries: 1 },
      });
      const loading = (catalog: AccountCatalog) =>
        loadMapping({ mappings: `${packageRoot}mappings` }, catalog, () => {});
      const whole = what.full ?? what.sweep ?? false;
      const prepared = await prepareRun({ database, client, budget, loadMapping: loading }, { whole });
      const signal = new AbortController().signal;
      const onWarning = (message: string) => void warnings.push(message);
      const sources = { database, client, budget, ...prepared, signal, onWarning };
      const request = { ...sources, companies: [], followChanges: false, startDate };
      return runSync({ ...request, full: what.full ?? false, sweep: what.sweep ?? false });
    };
    const succeeded = async (what?: { full?: true; sweep?: true }) => {
      const { summary, failure } = await run(what);
      expect(failure).to.equal(undefined);
      return summary;
    };
    const marked = async () => {
      const tables = ["organizations", "persons", "notes", "deals"];
      const rows = await database.query<{ what: string }>(
        tables
          .map((table) => `select '${table} ' || id as what from pipedrive.${table} where deleted`)
          .join(" union all "),
      );
      return rows.map(({ what }) => what);
    };
    const companyOfNote = async () => {
      const [row] = await database.query<{ source_id: string }>(
        "select c.source_id from planhat.notes n join planhat.companies c on c.id = n.company_id",
      );
      return Number(row?.source_id);
    };
    /** Creates two organizations with a won deal each, and a person and a note on the first. */
    const account = () => {
      const { store } = sandbox;
      const one = wonDeal(sandbox);
      const other = wonDeal(sandbox, { title: "Other" }, { name: "Other" });
      const person = store.create("persons", {
        name: "Ann",
        org_id: one.organizationId,
        emails: [{ value: "ann@acme.test", primary: true }],
      });
      const note = store.create("notes", { content: "Hello", org_id: one.organizationId });
      return { one, other, personId: person["id"] as number, noteId: note["id"] as number, store };
    };

    it("marks what was deleted, whichever stream, and keeps its rows", async () => {
      const { one, other, personId, noteId, store } = account();
      const third = wonDeal(sandbox, {}, { name: "Third" });
      await succeeded();
      store.delete("notes", noteId);
      store.delete("persons", personId);
      store.delete("organizations", third.organizationId);
      store.delete("deals", other.dealId);
      await succeeded();
      // A list shows deleted deals; it shows no other deleted records.
      expect(await marked()).to.deep.equal([`deals ${other.dealId}`]);
      const summary = await succeeded({ sweep: true });
      expect(summary.mode).to.equal("sweep");
      expect(await marked()).to.have.members([
        `deals ${other.dealId}`,
        `notes ${noteId}`,
        `organizations ${third.organizationId}`,
        `persons ${personId}`,
      ]);
      expect(summary.streams.persons.deleted).to.equal(1);
      expect(await database.query("select from planhat.companies")).to.have.length(3);
      expect(await database.query("select from planhat.endusers")).to.have.length(1);
      expect(await database.query("select from planhat.notes")).to.have.length(1);
      expect(await database.query("select from connector.unseen")).to.have.length(0);
      expect(one.dealId).to.be.a("number");
    });

    it("moves a note that was linked to another organization, which no list of changes shows", async () => {
      const { one, other, noteId, store } = account();
      await succeeded();
      store.update("notes", noteId, { org_id: other.organizationId });
      await succeeded();
      expect(await companyOfNote()).to.equal(one.organizationId);
      await succeeded({ sweep: true });
      expect(await companyOfNote()).to.equal(other.organizationId);
      store.update("notes", noteId, { org_id: null, deal_id: one.dealId });
      const { models } = await succeeded({ sweep: true });
      expect(await companyOfNote()).to.equal(one.organizationId);
      expect(models.note).to.include({ updated: 1 });
    });

    it("applies nothing, and costs no more than its pages, when nothing is different", async () => {
      const { one, store } = account();
      await succeeded();
      sandbox.requests.reset();
      // A change of an organization alone waits for a deal, as in every run.
      store.update("organizations", one.organizationId, { name: "Renamed" });
      const { models, requests } = await succeeded({ sweep: true });
      expect(models.company).to.deep.equal({ created: 0, updated: 0, unchanged: 0, rejected: 0, fields_rejected: 0 });
      // Twice the five lists, and the account's fields before.
      expect(requests.tokens).to.equal(2 * (10 + 20 + 10 + 10 + 20) + 60);
    });

    it("marks nothing when it is cut short, and goes on with the next run", async () => {
      const { personId, store } = account();
      await succeeded();
      store.delete("persons", personId);
      let notes = 0;
      intercept = ({ path }) =>
        path === "/v1/notes" && ++notes > 1 ? Response.json({ success: false }, { status: 400 }) : undefined;
      expect((await run({ sweep: true })).failure).to.be.instanceOf(Error);
      // The lists of persons had been read completely, so that missing records are known.
      expect(await marked()).to.deep.equal([`persons ${personId}`]);
      expect(await database.query("select stream from connector.unseen group by 1 order by 1")).to.deep.equal([
        { stream: "notes" },
      ]);
      intercept = () => undefined;
      sandbox.requests.reset();
      expect((await succeeded({ sweep: true })).streams.notes.read).to.equal(1);
      expect(await database.query("select from connector.unseen")).to.have.length(0);
    });

    it("never marks a record that still answers by its id", async () => {
      account();
      startDate = "2000-01-01T00:00:00Z";
      await succeeded();
      startDate = "2200-01-01T00:00:00Z";
      const { streams } = await succeeded({ sweep: true });
      expect(await marked()).to.deep.equal([]);
      expect(streams.organizations).to.include({ read: 2, deleted: 0 });
    });

    it("passes over a record that the token may not see, with a warning, and marks the others", async () => {
      const { personId, noteId, store } = account();
      await succeeded();
      store.delete("persons", personId);
      store.delete("notes", noteId);
      intercept = ({ path }) =>
        path.endsWith(`/persons/${personId}`)
          ? Response.json({ success: false, error: "Forbidden" }, { status: 403 })
          : undefined;
      await succeeded({ sweep: true });
      expect(await marked()).to.deep.equal([`notes ${noteId}`]);
      expect(warnings).to.deep.equal([
        `Skipped persons ${personId}: hidden from the token's user. Their rows are unchanged. Use an administrator's API token.`,
      ]);
      expect(await database.query("select from connector.unseen")).to.have.length(0);
    });

    it("a Fetch All does the same", async () => {
      const { personId, store } = account();
      await succeeded();
      store.delete("persons", personId);
      await succeeded({ full: true });
      expect(await marked()).to.deep.equal([`persons ${personId}`]);
      expect(await database.query("select from planhat.endusers")).to.have.length(1);
    });
  });
});
