import { expect } from "chai";
import { startSandbox } from "../../../connector/sandbox/server.ts";
import type { SyncRequest } from "../../../connector/sync/run-context.ts";
import { runSync } from "../../../connector/sync/runs/run-sync.ts";
import { onServerFirst } from "../../databases.ts";
import { compiler, requestFor } from "../../random-runs.ts";
import { emptyAccount, wonDeal } from "../../sandbox-sync.ts";

const mapping = {
  organizations: "stream: organizations\nmodel: company\nfields:\n  - {planhat: name, pipedrive: name}\n",
  deals:
    "stream: deals\npipelines: []\nstart_date: [won_time]\nmodels:\n  - model: license\n    fields:\n" +
    "      - {planhat: _currency, pipedrive: currency}\n      - {planhat: fromDate, pipedrive: $start_date}\n" +
    "      - {planhat: value, pipedrive: value}\n",
};

describe("the walk through the whole lists, with a mapping that reads few streams", function () {
  this.timeout(120_000);
  onServerFirst((_kind, open) => {
    it("is made after Fetch All too, and marks what was deleted", async () => {
      const database = await open();
      const sandbox = await startSandbox({ ...emptyAccount, burstLimit: 1000 });
      try {
        const { organizationId } = wonDeal(sandbox);
        const sync = async (options: Partial<SyncRequest>) => {
          const compile = compiler(mapping, { creates: false, ending: false });
          const { failure } = await runSync(await requestFor(database, sandbox, compile, options));
          expect(failure).to.equal(undefined);
        };
        await sync({});
        await sync({ full: true });
        sandbox.store.delete("organizations", organizationId);
        await sync({ sweep: true });
        expect(await database.query("select id, deleted from pipedrive.organizations")).to.deep.equal([
          { id: String(organizationId), deleted: true },
        ]);
      } finally {
        await sandbox.close();
      }
    });
  });
});
