import { expect } from "chai";
import type { Difference } from "../../../connector/sync/audit/differences.ts";
import type { AuditOutcome } from "../../../connector/sync/audit/run-audit.ts";
import { emptyAccount, type SandboxSync, sandboxSync, wonDeal } from "../../sandbox-sync.ts";

type Audited = Pick<AuditOutcome, "streams" | "models"> & {
  complete: boolean;
  unexplained: number;
  differences: Difference[];
};

const organizations = "stream: organizations\nfields:\n  - {planhat: name, pipedrive: name}\n";
const persons = "stream: persons\nfields:\n  - {planhat: email, pipedrive: emails.primary}\n";
const deals =
  "stream: deals\nstart_date: [won_time]\nmodel: license\nfields:\n  - {planhat: _currency, pipedrive: currency}\n  - {planhat: fromDate, pipedrive: $start_date}\n";

for (const kind of ["embedded", "server"] as const) {
  describe(`audit gives the reason (${kind})`, function () {
    this.timeout(1_200_000);
    let setting: SandboxSync;
    let year = 2026;
    let deal: { dealId: number; organizationId: number };
    let personId: number;

    beforeEach(async () => {
      year = 2026;
      setting = await sandboxSync(kind, { ...emptyAccount, clock: () => new Date(`${year}-06-01T00:00:00Z`) });
      setting.map({ "organizations.yaml": organizations, "persons.yaml": persons, "deals.yaml": deals });
      deal = wonDeal(setting.sandbox);
      const { store } = setting.sandbox;
      const emails = [{ value: "ann@acme.test", primary: true, label: "work" }];
      personId = store.create("persons", { name: "Ann", org_id: deal.organizationId, emails }).id as number;
    });
    afterEach(() => setting.close());

    async function audited(status: number): Promise<{ result: Audited; stderr: string }> {
      const { status: found, stdout, stderr } = await setting.run(["audit", "--json", "--log-level", "warn"]);
      expect(found, stdout + stderr).to.equal(status);
      return { result: JSON.parse(stdout) as Audited, stderr };
    }

    it("that the mapping changed since the last sync", async () => {
      await setting.sync();
      setting.map({ "organizations.yaml": `${organizations}  - {planhat: phase, value: Customer}\n` });
      const { result } = await audited(0);
      expect(result.differences).to.deep.equal([
        {
          model: "company",
          id: deal.organizationId,
          kind: "value_differs",
          fields: ["phase"],
          reason: "the mapping changed since the last sync",
        },
      ]);
      await setting.sync();
      expect((await audited(0)).result.differences).to.deep.equal([]);
    });

    it("that the stream's direction is none", async () => {
      setting.map({ "persons.yaml": persons.replace("fields:", "direction: none\nfields:") });
      await setting.sync();
      // It landed once, and its direction was changed afterwards.
      setting.map({ "persons.yaml": persons });
      await setting.sync("--full");
      setting.map({ "persons.yaml": persons.replace("fields:", "direction: none\nfields:") });
      await setting.sync();
      const { result } = await audited(0);
      expect(result.unexplained).to.equal(0);
      expect(result.differences).to.deep.equal([
        {
          model: "enduser",
          id: personId,
          kind: "kept",
          reason: "kept though it does not sync any more: direction_none",
        },
      ]);
    });

    it("that it is older than start_date", async () => {
      year = 2020;
      const old = setting.sandbox.store.create("organizations", { name: "Old one" }).id as number;
      year = 2026;
      setting.configure("start_date: 2025-01-01T00:00:00Z\n");
      await setting.sync();
      const { result } = await audited(0);
      expect(result.unexplained).to.equal(0);
      expect(result.differences).to.deep.include({
        stream: "organizations",
        id: old,
        kind: "not_landed",
        reason: "before start_date",
      });
    });

    it("that Pipedrive could not be read to the end: exit 3 with what was compared until then", async () => {
      await setting.sync();
      await setting.look("delete from planhat.licenses");
      const { tokens } = setting.sandbox.requests;
      // Enough budget for the account's fields and the first list, and not for all lists.
      setting.configure(`daily_token_budget: ${tokens + 60}\n`);
      const { result, stderr } = await audited(3);
      expect(stderr).to.contain("The daily token budget is used up");
      expect(result.complete).to.equal(false);
      const read = Object.values(result.streams).map(({ pipedrive }) => pipedrive);
      expect(read).to.include(null);
      // The tables are still compared with the landing.
      expect(result.models.license).to.include({ rows: 0, unexplained: 1 });
      expect(result.differences).to.deep.include({
        model: "license",
        id: deal.dealId,
        kind: "row_missing",
        reason: "unexplained",
      });
    });
  });
}
