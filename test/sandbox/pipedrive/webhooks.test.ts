import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import type { JsonObject } from "../../../connector/mapping/value.ts";
import { type Sandbox, startSandbox } from "../../../connector/sandbox/server.ts";
import { officialClient, send } from "../client.ts";

interface Delivery {
  authorization: string | undefined;
  meta: JsonObject;
  data: JsonObject | null;
  previous: JsonObject | null;
}

describe("webhooks from the sandbox", () => {
  let sandbox: Sandbox;
  let receiver: Server;
  let hook: string;
  let deliveries: Delivery[];
  let statuses: number[];
  let arrived: () => void;
  let now: string;

  beforeEach(async () => {
    deliveries = [];
    statuses = [];
    arrived = () => {};
    now = "2026-11-24T15:21:23Z";
    receiver = createServer((incoming, outgoing) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("end", () => {
        const body = JSON.parse(Buffer.concat(chunks).toString()) as Delivery;
        deliveries.push({ ...body, authorization: incoming.headers.authorization });
        outgoing.writeHead(statuses.shift() ?? 200).end();
        arrived();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
    hook = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
    sandbox = await startSandbox({
      organizations: 5,
      persons: 5,
      deals: 30,
      notes: 5,
      burstLimit: 1000,
      clock: () => new Date(now),
      webhookRetrySeconds: [0.01, 0.01, 0.01],
    });
  });
  afterEach(async () => {
    await sandbox.close();
    receiver.closeAllConnections();
    await new Promise((resolve) => receiver.close(resolve));
  });

  async function wait(count: number): Promise<void> {
    while (deliveries.length < count) {
      await new Promise<void>((resolve) => {
        arrived = resolve;
      });
    }
  }

  function subscribe(body: object = {}) {
    return send(sandbox, "POST", "/v1/webhooks", {
      subscription_url: hook,
      event_action: "*",
      event_object: "*",
      name: "test",
      ...body,
    });
  }

  it("are created, listed and deleted by the official client", async () => {
    const { webhooks } = officialClient(sandbox);
    await webhooks.addWebhook({
      AddWebhookRequest: {
        subscription_url: hook,
        event_action: "change",
        event_object: "organization",
        name: "mine",
      } as never,
    });
    const { data } = (await webhooks.getWebhooks()) as unknown as { data: JsonObject[] };
    expect(data).to.have.length(1);
    expect(data[0]).to.include({
      id: 1,
      event_action: "change",
      version: "2.0",
      is_active: 1,
      name: "mine",
      last_delivery_time: null,
    });
    expect(await webhooks.deleteWebhook({ id: 1 })).to.deep.equal({ status: "ok", success: true });
    expect((await send(sandbox, "DELETE", "/v1/webhooks/1")).body).to.deep.equal({
      status: "error",
      success: false,
      errors: { id: ["not found"] },
    });
  });

  it("are refused with words of v1 and without a URL, all at once", async () => {
    const { status, body } = await subscribe({ subscription_url: "nowhere", event_action: "updated" });
    expect(status).to.equal(400);
    expect(body).to.deep.equal({
      status: "error",
      success: false,
      errors: {
        subscription_url: ["invalid or non-reachable URL"],
        event_action: ["must be one of create, change, delete, *"],
      },
    });
  });

  it("are at most 40", async () => {
    for (let index = 0; index < 40; index++) expect((await subscribe()).status).to.equal(201);
    expect((await subscribe()).status).to.equal(422);
  });

  it("tell a change with basic auth, ids as texts and only what was different before", async () => {
    await subscribe({ http_auth_user: "pipedrive", http_auth_password: "s3cret" });
    const before = sandbox.store.get("organizations", 2) as JsonObject;
    const tier = sandbox.store.fields.organizations.find((field) => field.field_name === "Tier")?.field_code as string;
    const old = (before["custom_fields"] as JsonObject)[tier] as number | null;
    await send(sandbox, "PATCH", "/api/v2/organizations/2", {
      name: "Renamed",
      custom_fields: { [tier]: old === 108 ? 107 : 108 },
    });
    await wait(1);
    const [{ authorization, meta, data, previous }] = deliveries as [Delivery];
    expect(authorization).to.equal(`Basic ${Buffer.from("pipedrive:s3cret").toString("base64")}`);
    expect(meta).to.include({
      action: "change",
      entity: "organization",
      entity_id: "2",
      version: "2.0",
      attempt: 1,
      change_source: "api",
      webhook_id: "1",
      timestamp: "2026-11-24T15:21:23.000Z",
    });
    expect(data).to.include({ id: 2, name: "Renamed", visible_to: "3", update_time: "2026-11-24T15:21:23Z" });
    expect(data).not.to.have.any.keys("is_deleted", "label_ids");
    expect((data as { custom_fields: JsonObject }).custom_fields[tier]).to.deep.equal({
      type: "enum",
      id: old === 108 ? 107 : 108,
    });
    expect(previous).to.deep.equal({
      name: before["name"],
      custom_fields: { [tier]: old === null ? null : { type: "enum", id: old } },
    });
  });

  it("write each type of custom field in the way of webhooks", async () => {
    await subscribe({ event_object: "deal" });
    const [deal] = sandbox.store.find("deals", (entry) => !entry.deleted && !entry.archived);
    const code = (label: string) =>
      sandbox.store.fields.deals.find((field) => field.field_name === label)?.field_code as string;
    sandbox.store.update("deals", deal?.["id"] as number, {
      title: "Told",
      custom_fields: {
        [code("Products")]: [304, 306],
        [code("Trial")]: { value: "2026-01-01", until: "2026-01-31" },
        [code("Service window")]: {
          value: "10:00:00",
          until: "11:00:00",
          timezone_id: 310,
          timezone_name: "Europe/Tallinn",
        },
        [code("Setup fee")]: { value: 200, currency: "EUR" },
        [code("Solution engineer")]: 12,
        [code("Discount")]: 12.5,
      },
    });
    await wait(1);
    const [delivery] = deliveries as [Delivery];
    const { custom_fields: block } = delivery.data as { custom_fields: JsonObject };
    expect(block[code("Products")]).to.deep.equal({ type: "set", values: [{ id: 304 }, { id: 306 }] });
    expect(block[code("Trial")]).to.deep.equal({ type: "daterange", from: "2026-01-01", until: "2026-01-31" });
    expect(block[code("Service window")]).to.deep.equal({
      type: "timerange",
      from: "10:00:00",
      until: "11:00:00",
      timezone_id: 310,
    });
    expect(block[code("Setup fee")]).to.deep.equal({ type: "monetary", value: 200, currency: "EUR" });
    expect(block[code("Solution engineer")]).to.deep.equal({ type: "user", id: 12 });
    expect(block[code("Discount")]).to.deep.equal({ type: "double", value: 12.5 });
    expect(delivery.meta["change_source"]).to.equal("app");
  });

  it("tell a creation without a previous state and a deletion without data", async () => {
    await subscribe({ event_object: "person" });
    const person = sandbox.store.create("persons", { name: "Ann Lee" });
    await wait(1);
    sandbox.store.delete("persons", person["id"] as number);
    await wait(2);
    expect(deliveries.map(({ meta }) => meta["action"])).to.deep.equal(["create", "delete"]);
    expect(deliveries[0]?.previous).to.equal(null);
    expect(deliveries[1]?.data).to.equal(null);
    expect(deliveries[1]?.previous).to.include({ id: person["id"], name: "Ann Lee" });
  });

  it("tell a merge by two events that name each other", async () => {
    await subscribe({ event_object: "organization" });
    await send(sandbox, "PUT", "/v1/organizations/2/merge", { merge_with_id: 3 });
    await wait(2);
    const byAction = Object.fromEntries(deliveries.map(({ meta }) => [meta["action"], meta]));
    expect(byAction["delete"]).to.include({ entity_id: "2", merged_to_id: "3" });
    expect(byAction["change"]).to.include({ entity_id: "3", merged_from_id: "2" });
  });

  it("tell only what they were made for", async () => {
    await subscribe({ event_action: "delete", event_object: "deal" });
    await subscribe({ event_action: "change", event_object: "note" });
    const [deal] = sandbox.store.find("deals", (entry) => !entry.deleted && !entry.archived);
    sandbox.store.update("deals", deal?.["id"] as number, { title: "x" });
    sandbox.store.update("organizations", 1, { name: "x" });
    sandbox.store.update("notes", 1, { content: "x" });
    await wait(1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(deliveries.map(({ meta }) => [meta["entity"], meta["webhook_id"]])).to.deep.equal([["note", "2"]]);
    expect(deliveries[0]?.data).to.include({ content: "x", update_time: "2026-11-24T15:21:23Z" });
  });

  it("try again up to three times, counting attempts, with one id for all", async () => {
    statuses = [500, 404, 302, 200];
    await subscribe();
    sandbox.store.update("organizations", 1, { name: "x" });
    await wait(4);
    expect(deliveries.map(({ meta }) => meta["attempt"])).to.deep.equal([1, 2, 3, 4]);
    expect(new Set(deliveries.map(({ meta }) => meta["id"])).size).to.equal(1);
  });

  it("are banned when ten events failed at their first attempt: what happens then is lost", async () => {
    statuses = Array(40).fill(500);
    await subscribe();
    for (let index = 0; index < 10; index++) sandbox.store.update("organizations", 1, { name: `x ${index}` });
    await wait(40);
    sandbox.store.update("organizations", 1, { name: "lost" });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(deliveries).to.have.length(40);
  });

  it("are removed when three days brought no success", async () => {
    const listed = async () => (await send(sandbox, "GET", "/v1/webhooks")).body["data"] as unknown as JsonObject[];
    statuses = Array(12).fill(500);
    await subscribe();
    for (const [index, day] of ["24", "26", "27"].entries()) {
      now = `2026-11-${day}T15:30:00Z`;
      expect(await listed(), day).to.have.length(1);
      sandbox.store.update("organizations", 1, { name: day });
      await wait(4 * (index + 1));
      // Wait until the sandbox has its answer too.
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    while ((await listed()).length > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  });
});
