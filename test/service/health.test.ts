import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import pg from "pg";
import { findStalledRun } from "../../connector/database/tables/stalled-runs.ts";
import { onServerFirst } from "../databases.ts";
import { startForwarder } from "../forwarder.ts";
import { itLong } from "../long.ts";
import {
  authorization,
  dealEvent,
  freePort,
  type RunningService,
  startServe,
  syncToken,
  unsubscribe,
  webhookConfig,
} from "../running-service.ts";
import { emptyAccount, sandboxSync, wonDeal } from "../sandbox-sync.ts";

const askForRun = ({ url }: RunningService) =>
  fetch(`${url}/sync`, { method: "POST", headers: { authorization: `Bearer ${syncToken}` } });

/** Reads `/health` without a token. */
const anonymous = async ({ url }: RunningService) => {
  const answer = await fetch(`${url}/health`);
  const text = await answer.text();
  return { status: answer.status, text, report: JSON.parse(text) as { status: string; problems: string[] } };
};

describe("serve while its database is away", function () {
  this.timeout(240_000);

  it("POST /sync: 503 with Retry-After; /health tells nobody the server's address, and nothing goes around the log", async () => {
    const setting = await sandboxSync("server", emptyAccount);
    const port = await freePort();
    const location = new URL(setting.location);
    const server = await startForwarder(Number(location.port));
    location.port = String(server.port);
    const { sandbox, place } = setting;
    place.write(
      "config.yaml",
      `company_url: ${sandbox.url}\napi_token: ${sandbox.token}\ndatabase: ${location.href}\n${webhookConfig(port)}`,
    );
    const service = await startServe(setting, port);
    await service.settled();
    await server.close();
    const refused = await askForRun(service);
    expect([refused.status, refused.headers.get("retry-after")]).to.deep.equal([503, "30"]);
    expect(await refused.json()).to.deep.equal({
      error: "The run could not be stored: the database is unavailable.",
    });
    const delivered = await service.deliver(dealEvent(1));
    expect([delivered.status, delivered.headers.get("retry-after")]).to.deep.equal([503, "30"]);
    const { status, text, report } = await anonymous(service);
    expect([status, report.status]).to.deep.equal([503, "not_ready"]);
    expect(report.problems).to.include("The database does not answer.");
    for (const told of ["127.0.0.1", String(server.port), location.username, location.pathname.slice(1), "ECONN"]) {
      expect(text).not.to.contain(told);
    }
    const { parts } = await service.health();
    expect(parts["database"]?.["cause"], "with the sync_token").to.contain(`127.0.0.1:${server.port}`);
    await server.open();
    while ((await anonymous(service)).report.status !== "ready") {
      await service.deliver(dealEvent(1));
      await sleep(200);
    }
    expect((await askForRun(service)).status).to.equal(202);
    const { status: exit, stderr } = await service.end();
    expect(exit).to.equal(143);
    expect(stderr)
      .not.to.match(/^\s+at /m)
      .and.not.to.contain("defect");
    await server.close();
    await setting.close();
  });
});

describe("serve on a full disk", function () {
  this.timeout(240_000);

  it("is not ready, refuses events and leaves no file of them; with room again all is well", async () => {
    const setting = await sandboxSync("embedded", emptyAccount);
    const port = await freePort();
    setting.configure(webhookConfig(port));
    await setting.sync();
    const isFull = join(setting.place.folder, "disk-is-full");
    const full = new URL("../faults/full-disk-writes.mjs", import.meta.url).href;
    const service = await startServe(setting, port, [], { NODE_OPTIONS: `--import ${full}`, FULL_DISK_WHILE: isFull });
    await service.settled();
    expect((await service.deliver(dealEvent(1))).status).to.equal(200);
    await service.settled();
    writeFileSync(isFull, "");
    const refused = await service.deliver(dealEvent(2));
    expect([refused.status, refused.headers.get("retry-after")]).to.deep.equal([503, "30"]);
    expect(readdirSync(join(setting.location, "spool"))).to.deep.equal([]);
    const { status, text, report } = await anonymous(service);
    expect([status, report.status]).to.deep.equal([503, "not_ready"]);
    expect(text).not.to.contain(setting.location).and.not.to.contain("ENOSPC");
    while ((await anonymous(service)).report.problems.length < 2) await sleep(500);
    expect((await anonymous(service)).report.problems).to.deep.equal([
      "The folder of the database cannot be written: the disk may be full.",
      "Events could not be stored: a disk is full, or the database is away. The log says which.",
    ]);
    rmSync(isFull);
    expect((await service.deliver(dealEvent(2))).status).to.equal(200);
    while ((await anonymous(service)).report.status !== "ready") await sleep(500);
    expect(service.log()).to.contain("An event could not be stored: ENOSPC");
    expect(existsSync(join(setting.location, `.room-${service.child.pid}`))).to.equal(false);
    expect((await service.end()).status).to.equal(143);
    await setting.close();
  });
});

describe("serve whose embedded Postgres dies of a full disk", function () {
  this.timeout(240_000);

  itLong("ends with 3 and says so; started again with room it goes on with what had come in", async () => {
    const setting = await sandboxSync("embedded", emptyAccount);
    const port = await freePort();
    setting.configure(webhookConfig(port));
    const { dealId } = wonDeal(setting.sandbox, { value: 1 });
    await setting.sync();
    const isFull = join(setting.place.folder, "disk-is-full");
    const env = {
      NODE_OPTIONS: `--import ${new URL("../faults/full-disk-writes.mjs", import.meta.url).href}`,
      FULL_DISK_WHILE: isFull,
      FULL_DISK_KIND: "every",
    };
    const first = await startServe(setting, port, [], env);
    await first.settled();
    setting.sandbox.store.update("deals", dealId, { value: 2 });
    expect((await first.deliver(dealEvent(dealId))).status).to.equal(200);
    writeFileSync(isFull, "");
    await askForRun(first);
    const { status, stderr } = await first.ended;
    expect(status, stderr).to.equal(3);
    expect(stderr).to.match(/Error: The disk with the database folder .+ is full\./);
    rmSync(isFull);
    const second = await startServe(setting, port, [], env);
    await second.settled();
    expect((await second.end()).status).to.equal(143);
    const [row] = await setting.look<{ value: string }>("select value from planhat.licenses");
    expect(Number(row?.value)).to.equal(2);
    await setting.close();
  });
});

describe("a run that makes no progress", function () {
  this.timeout(240_000);

  it("because of another session's lock: a problem of /health and of status", async () => {
    const setting = await sandboxSync("server", emptyAccount);
    const port = await freePort();
    setting.configure(webhookConfig(port));
    const { dealId } = wonDeal(setting.sandbox);
    await setting.sync();
    const service = await startServe(setting, port);
    await service.settled();
    const holder = new pg.Client(setting.location);
    await holder.connect();
    await holder.query("begin");
    await holder.query("lock table planhat.licenses in access exclusive mode");
    setting.sandbox.store.update("deals", dealId, { value: 5 });
    await service.deliver(dealEvent(dealId));
    const waits = "select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    while ((await holder.query(waits)).rowCount === 0) await sleep(50);
    expect((await anonymous(service)).report.problems, "a moment is no matter").to.deep.equal([]);
    // Ten minutes pass.
    await setting.look(
      "update connector.runs set started_at = now() - interval '10 minutes', progress_at = null where finished_at is null",
    );
    expect((await anonymous(service)).report.problems).to.deep.equal([
      "A run has made no progress for minutes; `status` says which and since when.",
    ]);
    const { rows } = await holder.query<{ pid: number }>("select pg_backend_pid() as pid");
    const sentence = new RegExp(
      `The incremental run [\\da-f-]{36} has made no progress since \\d{4}-.*Z: a session of the database holds a lock ` +
        `that it may be waiting for \\(process ${rows[0]?.pid} on the server\\)\\.`,
    );
    expect((await service.health()).parts["work"]?.["cause"]).to.match(sentence);
    expect((await setting.run(["status"])).stdout).to.match(sentence);
    const { problems } = JSON.parse((await setting.run(["status", "--json"])).stdout) as { problems: string[] };
    expect(problems).to.have.length(1);
    expect(problems[0]).to.match(sentence);
    await holder.query("rollback");
    await holder.end();
    await service.settled();
    expect((await anonymous(service)).report.problems).to.deep.equal([]);
    await service.end();
    expect((await setting.run(["status", "--json"])).stdout).to.contain('"problems":[]');
    await setting.close();
  });

  onServerFirst((_kind, open) => {
    it("is one that saved nothing for three minutes, and not one that goes on", async () => {
      const database = await open();
      const [run] = await database.query<{ id: string }>(
        `insert into connector.runs (id, mode, status, started_at)
         values (gen_random_uuid(), 'full', 'running', now() - interval '1 hour') returning id`,
      );
      expect(await findStalledRun(database)).to.include({ id: run?.id, mode: "full" });
      await database.query("update connector.runs set progress_at = now() - interval '2 minutes'");
      expect(await findStalledRun(database)).to.equal(undefined);
      await database.query("update connector.runs set progress_at = now() - interval '4 minutes'");
      expect(await findStalledRun(database)).to.include({ id: run?.id });
      await database.query("update connector.runs set finished_at = now()");
      expect(await findStalledRun(database)).to.equal(undefined);
    });
  });
});

describe("a broken upload", function () {
  this.timeout(240_000);

  it("is told by the log alone, and a chunked delivery is stored", async () => {
    const setting = await sandboxSync("embedded", emptyAccount);
    const port = await freePort();
    setting.configure(webhookConfig(port));
    const { dealId } = wonDeal(setting.sandbox, { value: 12 });
    await setting.sync();
    const service = await startServe(setting, port);
    await unsubscribe(setting);
    await service.settled();
    const broken = connect(port, "127.0.0.1");
    broken.write(
      `POST /webhooks/pipedrive HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\ncontent-length: 900\r\n\r\n{`,
    );
    await sleep(300);
    broken.destroy();
    while (!service.log().includes("A delivery ended in the middle of its body")) await sleep(50);
    setting.sandbox.store.update("deals", dealId, { value: 13 });
    const body = new Blob([JSON.stringify(dealEvent(dealId))]).stream();
    const chunked: RequestInit & { duplex: "half" } = {
      method: "POST",
      headers: { authorization },
      body,
      duplex: "half",
    };
    const answer = await fetch(`${service.url}/webhooks/pipedrive`, chunked);
    expect([answer.status, await answer.json()]).to.deep.equal([200, { stored: 1 }]);
    await service.settled();
    const metrics = await (await fetch(`${service.url}/metrics`)).text();
    expect(metrics).to.contain("pipedrive_planhat_events_received_total 1");
    expect(metrics).to.contain('pipedrive_planhat_deliveries_refused_total{status="400"} 1');
    const { status, stderr } = await service.end();
    expect(status).to.equal(143);
    expect(stderr).not.to.match(/^\s+at |^Error/m);
    const [row] = await setting.look<{ value: string }>("select value from planhat.licenses");
    expect(Number(row?.value)).to.equal(13);
    await setting.close();
  });
});
