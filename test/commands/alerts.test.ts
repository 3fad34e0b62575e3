import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import type { InterceptedRequest } from "../../connector/sandbox/pipedrive/app.ts";
import { type Inbox, openInbox } from "../alerts/inbox.ts";
import { onServerFirst } from "../databases.ts";
import { freePort, type RunningService, startServe, syncToken, webhookConfig } from "../running-service.ts";
import { emptyAccount, type SandboxSync, sandboxSync, wonDeal } from "../sandbox-sync.ts";

/** The texts that no message may contain; each stands in another value of a record. */
const canaries = ["canary-title-51c7", "canary-name-9f02", "canary-size-c3d8", "canary@mark.example"];

const mapping = {
  "organizations.yaml": `stream: organizations
model: company
fields:
  - {planhat: name, pipedrive: name}
  - {planhat: custom.Size, pipedrive: address.value, transform: [integer]}
`,
  "persons.yaml": "stream: persons\nmodel: enduser\nfields:\n  - {planhat: email, pipedrive: emails.primary}\n",
  "deals.yaml": `stream: deals
start_date: [won_time]
models:
  - model: license
    fields:
      - {planhat: _currency, pipedrive: currency}
      - {planhat: fromDate, pipedrive: $start_date}
      - {planhat: value, pipedrive: value}
      - {planhat: product, pipedrive: title}
`,
};

onServerFirst((kind) => {
  describe("alerts of an account", function () {
    this.timeout(300_000);
    let setting: SandboxSync;
    let inbox: Inbox;
    let refuse = false;
    let service: RunningService | undefined;
    const intercept = (request: InterceptedRequest) =>
      refuse && !request.path.includes("webhooks")
        ? Response.json({ success: false, error: "unauthorized access" }, { status: 401 })
        : undefined;
    before(async () => {
      setting = await sandboxSync(kind, { ...emptyAccount, intercept });
      inbox = await openInbox();
    });
    after(async () => {
      await service?.end();
      await inbox.close();
      await setting.close();
    });
    const status = async () => JSON.parse((await setting.run(["status", "--json"])).stdout);

    it("alerts test needs channels, tries each, and says what it answered", async () => {
      const none = await setting.run(["alerts", "test"]);
      expect([none.status, none.stdout]).to.deep.equal([2, ""]);
      expect(none.stderr).to.contain("The config has no `alerts`, so there is no channel to send a message to.");
      const closed = await openInbox();
      await closed.close();
      const { port } = new URL(closed.url);
      const channels = `alerts:\n  - {url: "${inbox.url}", format: slack}\n  - {email: ops@acme.example}\n`;
      const smtp = `smtp: {host: 127.0.0.1, port: ${port}, from: a@b.c}\n`;
      const account = `company_url: ${setting.sandbox.url}\napi_token: ${setting.sandbox.token}\n`;
      setting.place.write("config.yaml", account + channels + smtp);
      const tested = await setting.run(["alerts", "test", "--json"]);
      expect(tested.status).to.equal(1);
      const { status: came, exit, error, channels: answers } = JSON.parse(tested.stdout);
      expect({ came, exit, error }).to.deep.equal({
        came: "failed",
        exit: 1,
        error: { kind: "run", message: "1 of 2 channels did not take the message." },
      });
      expect(answers[0]).to.include({ delivered: true, answer: "answered 200 ok", hint: null });
      expect(answers[1]).to.include({ channel: "email (ops@acme.example)", delivered: false });
      expect(tested.stderr).to.contain("Error: 1 of 2 channels did not take the message.");
      setting.configure(`alerts:\n  - {url: "${inbox.url}"}\n`);
      const people = await setting.run(["alerts", "test"]);
      expect(people.status, people.stderr).to.equal(0);
      expect(people.stdout).to.match(/^ +channel\nok {2}json \(127\.0\.0\.1:\d+\) {2}answered 200 ok\n$/);
      expect(inbox.told()).to.deep.equal(["undefined undefined", "test null"]);
      inbox.arrived.length = 0;
    });

    it("a sync that rejects, ones that cannot begin and one that ends well: a message each, no value in any", async () => {
      setting.map(mapping);
      const { organizationId } = wonDeal(
        setting.sandbox,
        { title: canaries[0]! },
        { name: canaries[1]!, address: { value: canaries[2]! } },
      );
      setting.sandbox.store.create("persons", { name: "P", org_id: organizationId, emails: [{ value: canaries[3]! }] });
      expect((await setting.sync()).status).to.equal("partial");
      expect(inbox.told()).to.deep.equal(["begin rejections"]);
      refuse = true;
      for (let time = 0; time < 2; time++) expect((await setting.run(["sync"])).status).to.equal(3);
      expect(inbox.told()).to.deep.equal(["begin rejections", "begin failed"]);
      expect(inbox.arrived[1]!.body.text).to.contain("`pipedrive-planhat check`");
      const told = (await status()).alerts;
      expect(told.active.map(({ condition }: { condition: string }) => condition)).to.deep.equal([
        "rejections",
        "failed",
      ]);
      expect(told.channels).to.deep.equal([
        { channel: `json (${new URL(inbox.url).host})`, problem: null, since: null },
      ]);
      expect((await setting.run(["status"])).stdout).to.match(
        /^Alerts: rejections since \S+ \S+Z \(just now\), failed since \S+ \S+Z \(just now\)\.$/m,
      );
      refuse = false;
      // A plan is not a sync and sends no alert.
      expect((await setting.run(["plan"])).status).to.equal(0);
      expect(inbox.arrived).to.have.length(2);
      await setting.sync();
      setting.map({ "organizations.yaml": mapping["organizations.yaml"].replace("integer", "trim") });
      expect((await setting.run(["remap"])).status).to.equal(0);
      expect(inbox.told().slice(2)).to.deep.equal(["end failed", "end rejections"]);
      const all = inbox.arrived.map(({ text }) => text).join("\n");
      for (const mark of canaries) expect(all).not.to.contain(mark);
      inbox.arrived.length = 0;
    });

    it("serve tells of its webhook that was gone, in /health what lasts, and counts it in /metrics", async () => {
      const port = await freePort();
      setting.configure(webhookConfig(port));
      service = await startServe(setting, port);
      while ((await webhooks()).length === 0) await sleep(50);
      await service.settled();
      await service.end();
      for (const { id } of await webhooks()) await asPipedrive("DELETE", `/v1/webhooks/${id}`);
      // The last look is older than a minute.
      await setting.look("update connector.catalog set fetched_at = fetched_at - interval '2 minutes'");
      inbox.arrived.length = 0;
      service = await startServe(setting, port);
      while (inbox.arrived.length === 0) await sleep(50);
      expect(inbox.told()).to.deep.equal(["end webhook"]);
      expect(inbox.arrived[0]!.body.text).to.contain("It was not there any more.");
      await service.settled();
      refuse = true;
      await fetch(`${service.url}/sync`, { method: "POST", headers: { authorization: `Bearer ${syncToken}` } });
      while (inbox.arrived.length < 2) await sleep(50);
      expect(inbox.told()[1]).to.equal("begin failed");
      const { parts } = await service.health();
      expect(parts["alerts"]).to.deep.equal({ ready: true, active: ["failed"], channels: 1, failing: 0 });
      const metrics = await (await fetch(`${service.url}/metrics`)).text();
      expect(metrics).to.match(/^pipedrive_planhat_alerts_active\{condition="failed"\} 1$/m);
      expect(metrics).to.match(
        /^pipedrive_planhat_alert_messages_total\{format="json",event="begin",outcome="taken"\} 1$/m,
      );
      refuse = false;
      expect((await service.end()).status).to.equal(143);
      expect(inbox.told().filter((one) => one === "begin failed")).to.have.length(1);
    });

    const asPipedrive = (method: string, path: string) =>
      fetch(`${setting.sandbox.url}${path}`, { method, headers: { "x-api-token": setting.sandbox.token } });
    const webhooks = async () =>
      ((await (await asPipedrive("GET", "/v1/webhooks")).json()) as { data: { id: number }[] }).data;
  });
});
