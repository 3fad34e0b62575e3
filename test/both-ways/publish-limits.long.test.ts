import { expect } from "chai";
import { openDatabase } from "../../connector/database/open/open-database.ts";
import { startSandbox } from "../../connector/sandbox/server.ts";
import { migratedLocation, removeLocation } from "../databases.ts";
import { emptyAccount, wonDeal } from "../sandbox-sync.ts";
import { connectPlanhat, syncBothWays } from "./in-process.ts";

const texts = {
  "organizations.yaml": "stream: organizations\nfields:\n  - {planhat: name, pipedrive: name}\n",
  "notes.yaml":
    "stream: notes\nfields:\n  - {planhat: description, pipedrive: content}\n  - {planhat: date, pipedrive: add_time}\n",
  "deals.yaml":
    "stream: deals\nmodel: license\nstart_date: [won_time]\nfields:\n  - {planhat: value, pipedrive: value}\n  - {planhat: _currency, pipedrive: currency}\n  - {planhat: fromDate, pipedrive: $start_date}\n",
};

describe("a Planhat that takes 5,000 objects and 32 MB a call, and 200 calls a minute", function () {
  this.timeout(1_200_000);

  it("is sent more than that in several calls, one after the other, and has it all", async () => {
    const writes: string[] = [];
    let open = 0;
    let most = 0;
    const sandbox = await startSandbox({
      ...emptyAccount,
      burstLimit: Number.POSITIVE_INFINITY,
      dailyTokens: Number.POSITIVE_INFINITY,
      planhat: {
        intercept: ({ method, path }) => {
          if (method === "GET") return undefined;
          writes.push(`${method} ${path}`);
          most = Math.max(most, ++open);
          setImmediate(() => open--);
          return undefined;
        },
      },
    });
    const location = await migratedLocation("server");
    const database = await openDatabase(location);
    try {
      const count = 5_100;
      for (let index = 0; index < count; index++) wonDeal(sandbox, {}, { name: `Organization ${index}` });
      // 36 MB of non-ASCII text: 3 bytes per character.
      const content = `<p>${"日本語のメモ".repeat(55_000)}</p>`;
      for (let index = 0; index < 36; index++) sandbox.store.create("notes", { content, org_id: index + 1 });
      const { planhat, status } = await syncBothWays(database, sandbox, texts, {
        planhat: await connectPlanhat(sandbox),
      });
      expect(status).to.equal("succeeded");
      expect(planhat?.published.company).to.include({ created: count, rejected: 0 });
      expect(planhat?.published.note).to.include({ created: 36, rejected: 0 });
      expect(writes.filter((write) => write === "PUT /companies")).to.have.length(2);
      expect(writes.filter((write) => write === "PUT /licenses")).to.have.length(2);
      expect(writes.filter((write) => write === "PUT /conversations")).to.have.length(2);
      expect(most).to.equal(1);
      expect(sandbox.planhat.store.all("companies")).to.have.length(count);
      expect(sandbox.planhat.store.all("conversations")).to.have.length(36);
    } finally {
      await sandbox.close();
      await database.close();
      await removeLocation(location);
    }
  });
});
