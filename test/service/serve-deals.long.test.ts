import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import type { InterceptedRequest } from "../../connector/sandbox/pipedrive/app.ts";
import {
  authorization,
  dealEvent,
  freePort,
  type RunningService,
  startServe,
  subscribed,
  syncToken,
  webhookConfig,
} from "../running-service.ts";
import { emptyAccount, type SandboxSync, sandboxSync, wonDeal } from "../sandbox-sync.ts";

/** Returns the service's requests for a run's records, without the account's fields and the webhooks. */
function recordReads({ sandbox }: SandboxSync): Record<string, number> {
  const reads = Object.entries(sandbox.requests.byPath).filter(([path]) =>
    /^GET \/(api\/v2\/(deals|organizations|persons)|v1\/notes)/.test(path),
  );
  return Object.fromEntries(reads);
}

describe("serve, on a server", function () {
  this.timeout(1_200_000);
  let setting: SandboxSync;
  let service: RunningService;
  let port: number;
  let outage: ((request: InterceptedRequest) => Response | undefined) | undefined;

  before(async () => {
    setting = await sandboxSync("server", {
      ...emptyAccount,
      webhookRetrySeconds: [1, 1, 1],
      intercept: (request) => outage?.(request),
    });
    wonDeal(setting.sandbox, { title: "The first" });
    port = await freePort();
    setting.configure(webhookConfig(port));
    await setting.sync();
    service = await startServe(setting, port);
    await subscribed(setting);
  });
  after(async () => {
    await service.end();
    await setting.close();
  });

  const license = async (dealId: number) => {
    const [row] = await setting.look<{ value: string | null; company: string }>(
      `select value, c.name as company from planhat.licenses as l join planhat.companies as c on c.id = company_id
       where l.source_id = $1`,
      [String(dealId)],
    );
    return row && { value: Number(row.value), company: row.company };
  };
  /** Waits for the sandbox's own deliveries. */
  const eventually = async (dealId: number, value: number) => {
    const started = performance.now();
    for (;;) {
      if ((await license(dealId))?.value === value) return performance.now() - started;
      if (performance.now() - started > 600_000) throw new Error(`no such row: ${service.log()}`);
      await sleep(50);
    }
  };

  const sample = async (name: string) => {
    const metrics = await (await fetch(`${service.url}/metrics`)).text();
    return Number(
      metrics
        .split("\n")
        .find((line) => line.startsWith(`${name} `))
        ?.slice(name.length),
    );
  };
  /** Returns the number of confirmed deliveries. */
  const received = () => sample("pipedrive_planhat_events_received_total");

  it("a deal marked won is a row within seconds, with its organization, its person and its note", async () => {
    const { store } = setting.sandbox;
    const { id: organizationId } = store.create("organizations", { name: "Quick" });
    const { id: personId } = store.create("persons", { name: "Ann", org_id: organizationId! });
    const { id } = store.create("deals", { title: "Open", org_id: organizationId!, person_id: personId!, value: 5 });
    store.create("notes", { content: "Hello", deal_id: id! });
    await service.settled();
    expect(await license(id as number)).to.equal(undefined);
    store.update("deals", id as number, { status: "won", won_time: "2026-02-01T10:00:00Z" });
    expect(await eventually(id as number, 5), "seconds, and what a busy machine adds").to.be.lessThan(60_000);
    const [found] = await setting.look<Record<string, string>>(
      `select (select count(*) from planhat.endusers where source_id = $1) as persons,
              (select count(*) from planhat.notes as n join planhat.companies as c on c.id = n.company_id and c.name = 'Quick') as notes`,
      [String(personId)],
    );
    expect(found).to.deep.equal({ persons: "1", notes: "1" });
  });

  it("a burst of 500 events for one organization, as Pipedrive delivers it, is one run with one request a stream", async () => {
    const { store } = setting.sandbox;
    const { organizationId } = wonDeal(setting.sandbox, {}, { name: "Busy" });
    const deals = Array.from({ length: 30 }, (_, index) =>
      store.create("deals", {
        title: `Deal ${index}`,
        status: "won",
        won_time: "2026-01-31T10:00:00Z",
        org_id: organizationId,
        value: index,
        currency: "EUR",
      }),
    ).map(({ id }) => id as number);
    await eventually(deals.at(-1)!, 29);
    await service.settled();
    const lock = await holdRunLock(setting);
    const before = await received();
    setting.sandbox.requests.reset();
    // While another run holds the lock, all arriving events gather.
    for (let index = 0; index < 500; index++) {
      store.update("deals", deals[index % deals.length]!, { value: 1_000 + index });
    }
    while ((await received()) < before + 500) await sleep(50);
    expect(await received()).to.equal(before + 500);
    const { work } = (await service.health()).parts;
    expect(work?.["waiting_events"]).to.equal(30);
    await lock();
    await service.settled();
    const rows = await setting.look<{ value: string }>(
      "select value::int as value from planhat.licenses where source_id = any($1) order by value",
      [deals.map(String)],
    );
    expect(rows.map(({ value }) => Number(value))).to.deep.equal(
      Array.from({ length: 30 }, (_, index) => 1_470 + index),
    );
    expect(recordReads(setting)).to.deep.equal({
      "GET /api/v2/deals": 1,
      "GET /api/v2/organizations": 1,
      "GET /api/v2/persons": 1,
      "GET /v1/notes": 1,
    });
  });

  it("a change of a won deal costs one request for it and one for each list; told again, or of an open deal, only the first", async () => {
    const { store } = setting.sandbox;
    const { dealId } = wonDeal(setting.sandbox);
    await eventually(dealId, 100);
    await service.settled();
    setting.sandbox.requests.reset();
    store.update("deals", dealId, { value: 101 });
    await eventually(dealId, 101);
    await service.settled();
    const one = { "GET /api/v2/deals/{id}": 1 };
    const lists = { "GET /api/v2/organizations": 1, "GET /api/v2/persons": 1, "GET /v1/notes": 1 };
    expect(recordReads(setting)).to.deep.equal({ ...one, ...lists });
    expect(setting.sandbox.requests.tokens).to.equal(41);
    setting.sandbox.requests.reset();
    await service.deliver(dealEvent(dealId));
    await service.settled();
    expect(recordReads(setting)).to.deep.equal(one);
    setting.sandbox.requests.reset();
    const { id } = store.create("deals", {
      title: "Open",
      org_id: store.create("organizations", { name: "New" })["id"]!,
    });
    while ((await setting.look("select from pipedrive.deals where id = $1", [id])).length === 0) await sleep(50);
    await service.settled();
    expect(recordReads(setting)).to.deep.equal(one);
    expect(setting.sandbox.requests.tokens).to.equal(1);
  });

  it("whoever delivers with a wrong password gets 401, and Pipedrive shows it", async () => {
    const { url, token } = setting.sandbox;
    const ask = async (method: string, path: string, body?: object) => {
      const headers = { "x-api-token": token, "content-type": "application/json" };
      const answer = await fetch(`${url}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
      return ((await answer.json()) as { data: Record<string, unknown> }).data;
    };
    const { id } = await ask("POST", "/v1/webhooks", {
      subscription_url: `${service.url}/webhooks/pipedrive`,
      event_action: "*",
      event_object: "organization",
      name: "somebody's",
      http_auth_user: "pipedrive",
      http_auth_password: "geheim-wort2",
    });
    setting.sandbox.store.create("organizations", { name: "Unauthorized" });
    const shown = async () =>
      ((await ask("GET", "/v1/webhooks")) as unknown as Record<string, unknown>[]).find((one) => one["id"] === id);
    while ((await shown())?.["last_http_status"] === null) await sleep(50);
    expect((await shown())?.["last_http_status"]).to.equal(401);
    await ask("DELETE", `/v1/webhooks/${id}`);
    expect(await sample('pipedrive_planhat_deliveries_refused_total{status="401"}')).to.be.at.least(1);
  });

  it("an old event that comes late, or comes again, changes nothing: the truth is read from the API", async () => {
    const { dealId } = wonDeal(setting.sandbox, { value: 1 });
    setting.sandbox.store.update("deals", dealId, { value: 2 });
    await eventually(dealId, 2);
    await service.settled();
    const before = await setting.look("select to_jsonb(l) as row from planhat.licenses as l order by id");
    for (const value of [1, 1, 0]) await service.deliver({ ...dealEvent(dealId), data: { id: dealId, value } });
    await service.settled();
    expect(await setting.look("select to_jsonb(l) as row from planhat.licenses as l order by id")).to.deep.equal(
      before,
    );
  });

  it("a deal that was deleted is marked in the landing, and its row stays", async () => {
    const { dealId } = wonDeal(setting.sandbox);
    await eventually(dealId, 100);
    setting.sandbox.store.delete("deals", dealId);
    const isDeleted = "select from pipedrive.deals where deleted and id = $1";
    while ((await setting.look(isDeleted, [dealId])).length === 0) await sleep(50);
    await service.settled();
    expect(await license(dealId)).to.deep.equal({ value: 100, company: "Acme" });
  });

  it("of two deals that were merged, the one that is gone is marked and the other is up to date", async () => {
    const loser = wonDeal(setting.sandbox, { value: 7 });
    const winner = wonDeal(setting.sandbox, { value: 8 });
    await eventually(winner.dealId, 8);
    await service.settled();
    setting.sandbox.store.merge("deals", loser.dealId, winner.dealId);
    setting.sandbox.store.update("deals", winner.dealId, { value: 15 });
    await eventually(winner.dealId, 15);
    await service.settled();
    const landed = await setting.look<{ id: string; deleted: boolean }>(
      "select id, deleted from pipedrive.deals where id = any($1) order by id",
      [[loser.dealId, winner.dealId]],
    );
    expect(landed.map(({ deleted }) => deleted)).to.deep.equal([true, false]);
  });

  it("an archived deal is found although the list of deals does not show it", async () => {
    const { dealId } = wonDeal(setting.sandbox, { value: 3 });
    await eventually(dealId, 3);
    setting.sandbox.store.update("deals", dealId, { is_archived: true, value: 4 });
    await eventually(dealId, 4);
  });

  it("while Pipedrive is down events wait; as soon as it is back they are done", async () => {
    outage = () => new Response("down", { status: 503 });
    const { dealId } = wonDeal(setting.sandbox, { value: 41 });
    while (!/Worker paused .*503/.test(service.log())) await sleep(100);
    const health = await service.health();
    expect(health.status, "it goes on receiving").to.equal("ready");
    expect(health.parts["work"]?.["waiting_events"]).to.equal(1);
    outage = undefined;
    await eventually(dealId, 41);
  });

  it("an event during a sync from the command line waits for it, and is done then", async () => {
    const lock = await holdRunLock(setting);
    const { dealId } = wonDeal(setting.sandbox, { value: 77 });
    await sleep(1_000);
    expect(await license(dealId)).to.equal(undefined);
    const syncing = setting.run(["sync", "--wait", "600"]);
    await lock();
    expect((await syncing).status).to.equal(0);
    await service.settled();
    expect((await license(dealId))?.value).to.equal(77);
  });

  it("POST /sync and POST /sync/company/<id> start the runs of the commands, behind the token", async () => {
    const { dealId, organizationId } = wonDeal(setting.sandbox, { value: 10 });
    await eventually(dealId, 10);
    const ask = (path: string, token?: string) =>
      fetch(`${service.url}${path}`, {
        method: "POST",
        headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      });
    expect((await ask("/sync")).status).to.equal(401);
    expect((await ask("/sync", "something else")).status).to.equal(401);
    expect((await ask("/sync/company/x", syncToken)).status).to.equal(400);
    await setting.look("update planhat.companies set name = 'Edited' where source_id = $1", [String(organizationId)]);
    const answer = await ask(`/sync/company/${organizationId}`, syncToken);
    expect(answer.status).to.equal(202);
    expect((await answer.json()) as object).to.have.keys("request", "mode", "company");
    expect(((await (await ask("/sync", syncToken)).json()) as { mode: string }).mode).to.equal("incremental");
    await service.settled();
    const runs = await setting.look<{ mode: string; by: string }>(
      "select mode, started_by->>'by' as by from connector.runs order by started_at desc limit 2",
    );
    expect(runs.map(({ mode, by }) => `${mode} by ${by}`).sort()).to.deep.equal([
      "company by post",
      "incremental by post",
    ]);
    const starters = await setting.look("select distinct started_by - 'events' as by from connector.runs order by 1");
    expect(starters.map(({ by }) => by)).to.deep.include.members([{ by: "webhook" }, { by: "post" }]);
  });

  it("a company that Pipedrive does not know is tried again, and the log says why", async () => {
    await fetch(`${service.url}/sync/company/987654`, {
      method: "POST",
      headers: { authorization: `Bearer ${syncToken}` },
    });
    while (!service.log().includes("Pipedrive has no organization 987654")) await sleep(50);
  });

  it("status shows what waits", async () => {
    const { stdout } = await setting.run(["status", "--json"]);
    const { queue } = JSON.parse(stdout) as { queue: Record<string, unknown> };
    expect(queue).to.include({ events: 0, syncs: 1, dead_letters: 0 });
  });

  it("neither log nor health hold the password, the token, or anything of a record", async () => {
    const shown = `${service.log()}${JSON.stringify(await service.health())}`;
    for (const secret of ["geheim-wort", syncToken, authorization, setting.sandbox.token, "Hello", "Quick"]) {
      expect(shown).not.to.contain(secret);
    }
  });

  it("SIGTERM ends it with 143 within ten seconds, and what came in before is done by the next start", async () => {
    const lock = await holdRunLock(setting);
    const { dealId } = wonDeal(setting.sandbox, { value: 55 });
    while ((await service.health()).parts["work"]?.["waiting_events"] !== 1) await sleep(50);
    const started = performance.now();
    const { status } = await service.end();
    expect(status).to.equal(143);
    expect(performance.now() - started, "ten seconds, and what a busy machine adds").to.be.lessThan(30_000);
    await lock();
    expect(await license(dealId)).to.equal(undefined);
    service = await startServe(setting, port);
    await eventually(dealId, 55);
    // The row came from the waiting event, not from the sync at the start.
    expect(service.log()).to.match(/cause=events|"cause":"events"/);
  });
});

/** Takes a run's lock like another program; returns the function that releases it. */
async function holdRunLock({ location }: SandboxSync): Promise<() => Promise<void>> {
  const { openDatabase } = await import("../../connector/database/open/open-database.ts");
  const { acquireRunLock } = await import("../../connector/database/open/run-lock.ts");
  const database = await openDatabase(location);
  const lock = await acquireRunLock(database, { waitSeconds: 600 });
  return async () => {
    await lock.release();
    await database.close();
  };
}
