import { expect } from "chai";
import { type SandboxSync, sandboxSync } from "../sandbox-sync.ts";

for (const kind of ["embedded", "server"] as const) {
  describe(`plan, on ${kind === "embedded" ? "the embedded database" : "a server"}`, function () {
    this.timeout(120_000);
    let place: SandboxSync;

    before(async () => {
      place = await sandboxSync(kind);
    });
    after(async () => place.close());

    it("shows what the next sync creates, and the sync creates it", async () => {
      const { status, stdout, stderr } = await place.run(["plan", "--json"]);
      expect(status, stderr).to.equal(0);
      const plan = JSON.parse(stdout);
      expect(await place.look("select * from planhat.companies")).to.deep.equal([]);
      expect(await place.look("select * from connector.runs")).to.deep.equal([]);
      const synced = await place.sync();
      expect(plan.models).to.deep.equal(synced.models);
      expect(plan.streams).to.deep.equal(synced.streams);
      expect(plan.changes.length).to.be.greaterThan(30);
    });
  });
}
