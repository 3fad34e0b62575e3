import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { freePort, type RunningService, startServe, subscribed, syncToken, webhookConfig } from "../running-service.ts";
import { emptyAccount, type SandboxSync, sandboxSync, wonDeal } from "../sandbox-sync.ts";

const mappings = {
  "organizations.yaml":
    "stream: organizations\nmodel: company\ndirection: both\nfields:\n  - {planhat: name, pipedrive: name}\n  - {planhat: web, pipedrive: website}\n",
  "deals.yaml":
    "stream: deals\nmodel: license\nstart_date: [won_time]\nfields:\n  - {planhat: value, pipedrive: value}\n  - {planhat: _currency, pipedrive: currency}\n  - {planhat: fromDate, pipedrive: $start_date}\n",
};

describe("serve with companies both ways", function () {
  this.timeout(1_200_000);
  let place: SandboxSync;
  let service: RunningService;
  before(async () => {
    const port = await freePort();
    place = await sandboxSync("server", emptyAccount);
    place.configure(`follow_changes: true\n${webhookConfig(port)}`);
    place.map(mappings);
    wonDeal(place.sandbox, {}, { name: "Acme", website: "https://acme.test" });
    await place.sync();
    service = await startServe(place, port);
    await subscribed(place);
    await service.settled();
  });
  after(async () => {
    await service.end();
    await place.close();
  });

  it("sends an edit once, and the webhook that tells of it changes nothing", async () => {
    const patches = () => place.sandbox.requests.writes.filter(({ method }) => method === "PATCH");
    const runs = async () =>
      Number((await place.look<{ count: string }>("select count(*) as count from connector.runs"))[0]!.count);
    const rows = () => place.look("select *, xmin::text from planhat.companies");
    const syncNow = async () => {
      const { status } = await fetch(`${service.url}/sync`, {
        method: "POST",
        headers: { authorization: `Bearer ${syncToken}` },
      });
      expect(status).to.equal(202);
      await service.settled();
    };
    await place.look("update planhat.companies set web = 'https://edited.test'");
    const before = await rows();
    const runsBefore = await runs();
    await syncNow();
    while (patches().length === 0) await sleep(50);
    expect(patches().map(({ body }) => body)).to.deep.equal([{ website: "https://edited.test" }]);
    // Pipedrive's own event about the PATCH causes another run.
    while ((await runs()) < runsBefore + 2) await sleep(50);
    await service.settled();
    await syncNow();
    await syncNow();
    expect(patches()).to.have.length(1);
    expect(await rows()).to.deep.equal(before);
    expect(await place.look("select * from connector.edited_companies")).to.deep.equal([]);
    expect(await place.look("select * from connector.conflicts")).to.deep.equal([]);
  });
});
