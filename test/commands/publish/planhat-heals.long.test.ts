import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import type { PlanhatManners } from "../../../connector/sandbox/planhat/planhat-upsert.ts";
import { eachDatabase } from "../../databases.ts";
import { audit, type Customer, customer, expectIdle, expectWhole, keysOf, mappings } from "../../planhat-customers.ts";
import { type PlanhatSync, planhatSync } from "../../planhat-sync.ts";
import { dealEvent, freePort, startServe, webhookConfig } from "../../running-service.ts";

const change = (setting: PlanhatSync, { organizationId, dealId }: Customer, name: string) => {
  setting.sandbox.store.update("organizations", organizationId, { name });
  setting.sandbox.store.update("deals", dealId, { value: 4711 });
};

eachDatabase((_open, kind) => {
  describe("what was deleted or merged in Planhat", function () {
    this.timeout(300_000);
    let setting: PlanhatSync;
    let acme: Customer;
    let bolt: Customer;

    beforeEach(async () => {
      setting = await planhatSync(kind);
      setting.map(mappings);
      acme = customer(setting, "Acme");
      bolt = customer(setting, "Bolt");
      await setting.sync();
      setting.writes();
    });
    afterEach(() => setting.close());

    for (const unknownIds of ["item", "call", "made", "ignored", "counted"] as const) {
      it(`a company that is gone is made again with all that is its own (${unknownIds})`, async () => {
        setting.planhat.manners.unknownIds = unknownIds;
        const before = setting.objects("companies").get(String(acme.organizationId))!;
        setting.planhat.store.deleteWhole(String(before["_id"]));
        change(setting, acme, "Acme Two");
        const { status, planhat } = await setting.sync();
        expect(status).to.equal("succeeded");
        expect(planhat!.published.company).to.include({ created: 1, rejected: 0 });
        await expectWhole(setting, acme, bolt);
        const after = setting.objects("companies").get(String(acme.organizationId))!;
        expect(after["name"]).to.equal("Acme Two");
        expect(after["_id"]).not.to.equal(before["_id"]);
        expect(setting.objects("licenses").get(String(acme.dealId))!["value"]).to.equal(4711);
        await expectIdle(setting);
      });
    }

    it("a company that is gone is found out by a child that changed, and has it again in the same run", async () => {
      const company = setting.objects("companies").get(String(acme.organizationId))!;
      setting.planhat.store.deleteWhole(String(company["_id"]));
      setting.sandbox.store.update("deals", acme.dealId, { value: 7 });
      const { status, stderr } = await setting.run(["sync"]);
      expect(status).to.equal(0);
      expect(stderr).to.contain(
        "no longer has 1 company, 1 end user, 1 license, 1 sale, 1 note, deleted or merged there.",
      );
      await expectWhole(setting, acme, bolt);
      await expectIdle(setting);
    });

    it("sync --full notices what went away without a change on our side, and audit tells it before", async () => {
      for (const [path, key] of keysOf(acme).slice(1)) {
        setting.planhat.store.delete(path, String(setting.objects(path).get(key)!["_id"]));
      }
      setting.planhat.store.delete("companies", `srcid-${bolt.organizationId}`);
      const { status, differences } = await audit(setting);
      expect(status).to.equal(1);
      const reason = "unexplained";
      const kindOf = { kind: "not_in_planhat" as const, reason };
      expect(differences).to.have.deep.members([
        { model: "company", id: bolt.organizationId, ...kindOf },
        { model: "enduser", id: acme.personId, ...kindOf },
        { model: "license", id: acme.dealId, ...kindOf },
        { model: "sale", id: acme.saleId, ...kindOf },
        { model: "note", id: acme.noteId, ...kindOf },
      ]);
      await expectIdle(setting);
      await setting.sync("--full");
      await expectWhole(setting, acme, bolt);
      expect(await audit(setting)).to.deep.equal({ status: 0, differences: [] });
      await expectIdle(setting);
    });

    it("an object that was made again there is taken over by its key, and audit tells its other id before", async () => {
      for (const [path, key] of keysOf(acme)) {
        const { _id, createdAt: _created, updatedAt: _updated, ...content } = setting.objects(path).get(key)!;
        setting.planhat.store.delete(path, String(_id));
        const companyId = setting.objects("companies").get(String(acme.organizationId))?.["_id"];
        setting.planhat.store.create(path, path === "companies" ? content : { ...content, companyId: companyId! });
      }
      const { status, differences } = await audit(setting);
      expect(status).to.equal(0);
      expect(
        differences.map(({ kind: one, ...rest }) => [one, "model" in rest ? rest.model : ""]),
      ).to.have.deep.members(["company", "enduser", "license", "sale", "note"].map((model) => ["id_differs", model]));
      await setting.sync("--full");
      await expectWhole(setting, acme, bolt);
      expect(await audit(setting)).to.deep.equal({ status: 0, differences: [] });
    });

    it("two merged end users are two again, each with its own name", async () => {
      const id = ({ personId }: Customer) => `srcid-${personId}`;
      setting.planhat.store.merge("endusers", id(acme), id(bolt), "loser");
      setting.sandbox.store.update("deals", acme.dealId, { value: 7 });
      await setting.sync("--full");
      await expectWhole(setting, acme, bolt);
      expect(await audit(setting)).to.deep.equal({ status: 0, differences: [] });
      await expectIdle(setting);
    });

    it("serve heals it too, by an event of a deal alone", async () => {
      const port = await freePort();
      setting.configure(webhookConfig(port));
      const service = await startServe(setting, port);
      try {
        setting.planhat.store.deleteWhole(`srcid-${acme.organizationId}`);
        setting.sandbox.store.update("deals", acme.dealId, { value: 7 });
        expect((await service.deliver(dealEvent(acme.dealId))).status).to.equal(200);
        await service.settled();
        while (setting.objects("licenses").get(String(acme.dealId))?.["value"] !== 7) await sleep(50);
      } finally {
        await service.end();
      }
      await expectWhole(setting, acme, bolt);
      await expectIdle(setting);
    });

    for (const keep of ["winner", "loser"] as const) {
      it(`two merged companies are two again, each with its own (the ${keep}'s source id is kept)`, async () => {
        const id = (one: Customer) => `srcid-${one.organizationId}`;
        setting.planhat.store.merge("companies", id(acme), id(bolt), keep);
        setting.sandbox.store.update("deals", acme.dealId, { value: 7 });
        await setting.sync("--full");
        await expectWhole(setting, acme, bolt);
        const names = [acme, bolt].map((one) => setting.objects("companies").get(String(one.organizationId))!["name"]);
        expect(names).to.deep.equal(["Acme", "Bolt"]);
        expect(await audit(setting)).to.deep.equal({ status: 0, differences: [] });
        await expectIdle(setting);
      });
    }
  });
});

describe("what is gone in Planhat, in other ways to run", function () {
  this.timeout(300_000);
  let setting: PlanhatSync;
  let acme: Customer;
  beforeEach(async () => {
    setting = await planhatSync("server");
    setting.map(mappings);
    acme = customer(setting, "Acme");
    await setting.sync();
  });
  afterEach(() => setting.close());

  const manners: PlanhatManners[] = [{ namedErrors: false }, { echoedKeys: false, unknownIds: "made" }];
  for (const one of manners) {
    it(`each object alone is made again where answers tell little (${JSON.stringify(one)})`, async () => {
      Object.assign(setting.planhat.manners, one);
      for (const [path, key] of keysOf(acme).slice(1)) {
        setting.planhat.store.delete(path, String(setting.objects(path).get(key)!["_id"]));
      }
      const { store } = setting.sandbox;
      store.update("persons", acme.personId, { name: "New Name" });
      store.update("notes", acme.noteId, { content: "<p>New text</p>" });
      store.update("deals", acme.dealId, { value: 7 });
      store.update("deals", acme.saleId, { value: 8 });
      expect((await setting.sync()).status).to.equal("succeeded");
      await expectWhole(setting, acme);
      expect(setting.objects("conversations").get(`pipedrive-note-${acme.noteId}`)!["description"]).to.equal(
        "<p>New text</p>",
      );
      await expectIdle(setting);
    });
  }

  it("a note that is made again while the process is killed is there once", async () => {
    setting.planhat.manners.unknownIds = "made";
    const key = `pipedrive-note-${acme.noteId}`;
    setting.planhat.store.delete("conversations", String(setting.objects("conversations").get(key)!["_id"]));
    setting.sandbox.store.update("notes", acme.noteId, { content: "<p>New text</p>" });
    setting.sandbox.store.update("deals", acme.dealId, { value: 7 });
    let child: { kill(signal: "SIGKILL"): boolean } | undefined;
    setting.manners.intercept = ({ method, path }) => {
      if (method !== "PUT" || path !== "/conversations") return undefined;
      setTimeout(() => child?.kill("SIGKILL"), 20);
      return "truncate";
    };
    const { signal } = await setting.run(["sync"], (started) => {
      child = started;
    });
    expect(signal).to.equal("SIGKILL");
    delete setting.manners.intercept;
    await setting.sync();
    await expectWhole(setting, acme);
  });

  it("rejections of an earlier version, whose company was never made again, are mended by retry", async () => {
    setting.planhat.store.deleteWhole(`srcid-${acme.organizationId}`);
    // The state that an earlier version left: refused, with Planhat's reason, and not retried automatically.
    await setting.look("update connector.published set hash = null where model <> 'company'");
    await setting.look(
      `insert into connector.rejections (stream, record_id, model, stage, reason, run_id)
       select 'deals', $1, 'license', 'publish', 'Planhat refused it: company not found', id from connector.runs limit 1`,
      [acme.dealId],
    );
    const { status, stderr } = await setting.run(["rejections", "retry"]);
    expect(status, stderr).to.equal(0);
    const company = setting.objects("companies").get(String(acme.organizationId));
    expect(setting.objects("licenses").get(String(acme.dealId))).to.include({ companyId: company!["_id"] });
    await setting.sync("--full");
    await expectWhole(setting, acme);
  });

  it("two merged companies that go both ways change nothing in Pipedrive, and the conflict is kept", async () => {
    setting.map({
      "organizations.yaml": "stream: organizations\ndirection: both\nfields:\n  - {planhat: name, pipedrive: name}\n",
    });
    const bolt = customer(setting, "Bolt");
    await setting.sync("--yes");
    await setting.sync();
    const id = (one: Customer) => `srcid-${one.organizationId}`;
    setting.planhat.store.merge("companies", id(acme), id(bolt), "loser");
    setting.sandbox.requests.writes.length = 0;
    await setting.sync();
    await setting.sync();
    await expectWhole(setting, acme, bolt);
    const names = [acme, bolt].map((one) => setting.objects("companies").get(String(one.organizationId))!["name"]);
    expect(names).to.deep.equal(["Acme", "Bolt"]);
    expect(setting.sandbox.requests.writes).to.deep.equal([]);
    expect(
      await setting.look("select record_id::int as id, pipedrive, planhat, winner from connector.conflicts"),
    ).to.deep.equal([{ id: acme.organizationId, pipedrive: "Acme", planhat: "Bolt", winner: "pipedrive" }]);
    await expectIdle(setting);
  });

  it("remap makes again what it changes", async () => {
    setting.planhat.store.deleteWhole(`srcid-${acme.organizationId}`);
    setting.map({
      "organizations.yaml": `${mappings["organizations.yaml"]}  - {planhat: phase, value: Customer}\n`,
    });
    const { status, stderr } = await setting.run(["remap"]);
    expect(status, stderr).to.equal(0);
    await expectWhole(setting, acme);
    expect(setting.objects("companies").get(String(acme.organizationId))!["phase"]).to.equal("Customer");
  });

  it("an idle sync asks Planhat no more than before, and a first one nothing of its objects", async () => {
    const asked: string[] = [];
    setting.manners.intercept = ({ method, path }) => {
      asked.push(`${method} ${path}`);
      return undefined;
    };
    await setting.sync();
    // One page of custom fields, and the empty one that ends the list: a short page need not be the last.
    expect(asked).to.deep.equal(["GET /customfields", "GET /customfields"]);
  });
});
