import { expect } from "chai";
import type { Intercept } from "../../../connector/sandbox/pipedrive/app.ts";
import { emptyAccount, type SandboxSync, sandboxSync } from "../../sandbox-sync.ts";

const organizations = `stream: organizations
model: company
direction: both
create_in_pipedrive: true
fields:
  - {planhat: name, pipedrive: name}
  - {planhat: web, pipedrive: website}
`;

for (const kind of ["embedded", "server"] as const) {
  describe(`companies that become organizations, on ${kind === "embedded" ? "the embedded database" : "a server"}`, function () {
    this.timeout(1_200_000);
    let place: SandboxSync;
    let intercept: Intercept = () => undefined;
    const posts = () => place.sandbox.requests.writes.map(({ method, body }) => [method, body]);
    const known = () => place.sandbox.store.find("organizations", () => true);
    const add = (name: string) =>
      place.look(`insert into planhat.companies (name, web) values ('${name}', 'https://new.test')`);

    before(async () => {
      place = await sandboxSync(kind, { ...emptyAccount, intercept: (request) => intercept(request) });
      place.map({ "organizations.yaml": organizations });
      await place.sync();
    });
    beforeEach(() => {
      intercept = () => undefined;
      place.sandbox.requests.reset();
    });
    after(async () => place.close());

    it("are made once, linked, and changed afterwards like any other", async () => {
      await add("Born in Planhat");
      expect((await place.sync()).sent.organizations).to.deep.equal({ created: 1, updated: 0, conflicts: 0 });
      expect(posts()).to.deep.equal([["POST", { name: "Born in Planhat", website: "https://new.test" }]]);
      const [organization] = known();
      expect(await place.look("select name, source_id from planhat.companies")).to.deep.equal([
        { name: "Born in Planhat", source_id: String(organization!["id"]) },
      ]);
      await place.look("update planhat.companies set name = 'Renamed'");
      expect((await place.sync()).sent.organizations).to.deep.equal({ created: 0, updated: 1, conflicts: 0 });
      expect(posts().at(-1)).to.deep.equal(["PATCH", { name: "Renamed" }]);
      expect(known()).to.have.length(1);
    });

    it("are found again when the process dies between the request and the commit", async () => {
      await add("Found again");
      let kill = () => {};
      // The organization is created, and the process is killed before it receives the answer.
      intercept = ({ method }) => {
        if (method === "POST") setTimeout(() => kill(), 300);
        return method === "POST" ? "truncate" : method === "GET" && posts().length > 0 ? "hang" : undefined;
      };
      const killed = await place.run(["sync"], (child) => {
        kill = () => void child.kill("SIGKILL");
      });
      expect(killed.signal).to.equal("SIGKILL");
      expect(known().filter(({ name }) => name === "Found again")).to.have.length(1);
      intercept = () => undefined;
      expect((await place.sync()).sent.organizations.created).to.equal(1);
      await place.sync();
      expect(posts()).to.have.length(1);
      const [organization] = known().filter(({ name }) => name === "Found again");
      expect(await place.look("select source_id from planhat.companies where name = 'Found again'")).to.deep.equal([
        { source_id: String(organization!["id"]) },
      ]);
    });

    it("are reported and not made again when their end is not known and none is found", async () => {
      await add("Lost");
      intercept = ({ method }) => (method === "POST" ? "reset" : undefined);
      expect((await place.sync()).status).to.equal("partial");
      intercept = () => undefined;
      expect((await place.sync()).status).to.equal("partial");
      expect(posts()).to.have.length(1);
      const [rejection] = await place.look<{ reason: string }>("select reason from connector.rejections");
      expect(rejection!.reason).to.match(/^company row \d+ "Lost": it is not known whether Pipedrive made/);
      await place.look("update planhat.companies set web = 'https://again.test' where name = 'Lost'");
      expect((await place.sync()).sent.organizations.created).to.equal(1);
      expect(await place.look("select * from connector.rejections")).to.deep.equal([]);
      expect(await place.look("select * from connector.creations")).to.deep.equal([]);
    });
  });
}
