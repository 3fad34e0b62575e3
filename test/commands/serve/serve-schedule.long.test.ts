import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { authorization, dealEvent, freePort, startServe, unsubscribe, webhookConfig } from "../../running-service.ts";
import { emptyAccount, type SandboxSync, sandboxSync, wonDeal } from "../../sandbox-sync.ts";

describe("serve and its schedule", function () {
  this.timeout(1_200_000);
  let setting: SandboxSync;
  let port: number;
  before(async () => {
    setting = await sandboxSync("server", emptyAccount);
    port = await freePort();
  });
  after(() => setting.close());

  it("a schedule that is none: exit 2 with file, line and column, and nothing started", async () => {
    const config = `company_url: ${setting.sandbox.url}\napi_token: ${setting.sandbox.token}\ndatabase: ${setting.location}\n`;
    setting.place.write("bad.yaml", `${config}schedule: "bad"\n`);
    setting.sandbox.requests.reset();
    const { status, stdout, stderr } = await setting.run(["serve", "--config", "bad.yaml"]);
    expect([status, stdout]).to.deep.equal([2, ""]);
    expect(stderr)
      .to.match(/bad\.yaml:4:\d+/)
      .and.to.contain("`schedule` has 1 field.");
    expect(stderr).to.contain("Five fields: minute, hour, day of month, month, weekday");
    expect(setting.sandbox.requests.count).to.equal(0);
  });

  it("a run that was missed is made up for at the start; then events in any order, and nothing of a record is told", async () => {
    const { store } = setting.sandbox;
    const person = { name: "Ann", emails: [{ value: "ann.secret@acme.test", primary: true }] };
    const { dealId, organizationId } = wonDeal(setting.sandbox, { value: 1 });
    store.update("deals", dealId, { person_id: store.create("persons", { ...person, org_id: organizationId })["id"]! });
    setting.configure("schedule: 0 0 1 1 *\n");
    await setting.sync();
    await setting.look(
      "insert into connector.planned_runs (name, planned_at) values ('sync', '2020-06-01T00:00:00Z') on conflict do nothing",
    );
    store.update("deals", dealId, { value: 2 });
    const scheduled = await startServe(setting, port);
    const value = async () => {
      const [row] = await setting.look<{ value: number }>(
        "select value::float8 as value from planhat.licenses where source_id = $1",
        [String(dealId)],
      );
      return row?.value;
    };
    while ((await value()) !== 2) await sleep(100);
    await scheduled.settled();
    expect(scheduled.log().match(/cause=incremental/g), "once, whatever the number of years").to.have.length(1);
    await scheduled.end();
    setting.configure(webhookConfig(port));
    const service = await startServe(setting, port, ["--log-level", "debug"]);
    await unsubscribe(setting);
    await service.settled();

    // The newest event comes first; Pipedrive delivers older ones after it.
    store.update("deals", dealId, { value: 5 });
    for (const minute of ["05", "03", "04"]) {
      const answer = await service.deliver(
        dealEvent(dealId, minute === "03" ? "create" : "change", { timestamp: `2026-02-01T10:${minute}:00Z` }),
      );
      expect(answer.status).to.equal(200);
      await service.settled();
      expect(await value()).to.equal(5);
    }
    const metrics = await (await fetch(`${service.url}/metrics`)).text();
    expect(metrics).to.contain("pipedrive_planhat_events_received_total 3");
    expect((await service.end()).status).to.equal(143);
    expect(await setting.look("select email from planhat.endusers")).to.deep.equal([{ email: "ann.secret@acme.test" }]);
    for (const told of [metrics, service.log()]) {
      for (const secret of ["ann.secret", "acme.test", "Ann", "geheim-wort", setting.sandbox.token]) {
        expect(told).not.to.contain(secret);
      }
    }
  });

  it("a second signal ends it at once, whatever is under way", async () => {
    const service = await startServe(setting, port);
    // A delivery with an endless body delays a stop by five seconds.
    const slow = connect(port, "127.0.0.1");
    slow.on("error", () => {});
    slow.write(
      `POST /webhooks/pipedrive HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\ncontent-length: 900\r\n\r\n{`,
    );
    await sleep(500);
    service.child.kill("SIGTERM");
    await sleep(200);
    expect(service.child.exitCode, "it still waits").to.equal(null);
    const { status, stderr } = await service.end();
    expect(status).to.equal(143);
    expect(stderr, "what a stop says that comes to its end").not.to.contain("Stopped by SIGTERM");
    slow.destroy();
  });

  it("sync --full marks what was deleted, and keeps its row", async () => {
    const { store } = setting.sandbox;
    const [person] = store.find("persons", () => true);
    const id = person!["id"] as number;
    store.delete("persons", id);
    await setting.sync();
    const deleted = () => setting.look("select deleted from pipedrive.persons where id = $1", [id]);
    expect(await deleted(), "no list of changes shows it").to.deep.equal([{ deleted: false }]);
    await setting.sync("--full");
    expect(await deleted()).to.deep.equal([{ deleted: true }]);
    expect(await setting.look("select from planhat.endusers where source_id = $1", [String(id)])).to.have.length(1);
  });
});
