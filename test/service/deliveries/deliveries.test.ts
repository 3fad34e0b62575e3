import { request } from "node:http";
import { connect } from "node:net";
import { expect } from "chai";
import { deliveryRoutes } from "../../../connector/service/deliveries/delivery-routes.ts";
import type { EventJob } from "../../../connector/service/jobs/jobs.ts";
import { webhookPath } from "../../../connector/service/webhook/webhook-address.ts";
import {
  authorization,
  dealEvent,
  freePort,
  type RunningService,
  startServe,
  syncToken,
  webhookConfig,
} from "../../running-service.ts";
import { emptyAccount, type SandboxSync, sandboxSync } from "../../sandbox-sync.ts";

describe("what serve answers to deliveries and other requests", function () {
  this.timeout(400_000);
  let setting: SandboxSync;
  let service: RunningService;
  let port: number;
  let slow: Promise<{ status: number | undefined; seconds: number }>;
  let slowHeaders: Promise<{ answer: string; seconds: number }>;

  before(async () => {
    setting = await sandboxSync("embedded", emptyAccount);
    port = await freePort();
    setting.configure(webhookConfig(port));
    await setting.sync();
    service = await startServe(setting, port);
    slow = deliverSlowly(service.url);
    slowHeaders = sendHeadersSlowly(port);
  });
  after(async () => {
    await (service as RunningService | undefined)?.end();
    await (setting as SandboxSync | undefined)?.close();
  });

  const event = dealEvent(1);
  const askForRun = (token: string, path = "", body: string | null = null) =>
    fetch(`${service.url}/sync${path}`, { method: "POST", headers: { authorization: `Bearer ${token}` }, body });
  const cases: [string, () => Promise<Response>, number][] = [
    ["an event of a deal: stored", () => service.deliver(event), 200],
    ["a wrong password", () => service.deliver(event, { authorization: basic("pipedrive", "geheim-worT") }), 401],
    ["a wrong user name", () => service.deliver(event, { authorization: basic("Pipedrive", "geheim-wort") }), 401],
    ["no credentials", () => service.deliver(event, { authorization: "" }), 401],
    ["credentials that are none", () => service.deliver(event, { authorization: "Basic %%%" }), 401],
    ["a body that is not JSON", () => service.deliver("{"), 400],
    ["an empty body", () => service.deliver(""), 400],
    ["JSON that is no event", () => service.deliver("[1,2]"), 400],
    ["an event without an id", () => service.deliver({ meta: { entity: "deal", action: "change" } }), 400],
    ["a body of more than a megabyte", () => service.deliver(`"${"x".repeat(1_000_000)}"`), 413],
    ["the same, its length not told before", () => deliverInChunks(service.url, 1_200_000), 413],
    ["another method", () => fetch(`${service.url}${webhookPath}`, { headers: { authorization } }), 405],
    ["another path", () => fetch(`${service.url}/webhooks/other`, { method: "POST" }), 404],
    ["a run on demand without the token", () => askForRun("a-token-of-somebody"), 401],
    ["a run on demand for what is no id", () => askForRun(syncToken, "/company/0x1"), 400],
    ["a run on demand with a large body", () => askForRun(syncToken, "", "x".repeat(20_000)), 413],
    ["another method for a run on demand", () => fetch(`${service.url}/sync`), 405],
    ["whether it lives", () => fetch(`${service.url}/health/live`), 200],
    ["whether it is ready", () => fetch(`${service.url}/health/ready`), 200],
  ];
  for (const [name, ask, status] of cases) {
    it(`${name}: ${status}`, async () => {
      const answer = await ask();
      expect(answer.status).to.equal(status);
      expect(answer.headers.get("content-type")).to.contain("application/json");
      if (status >= 400) expect((await answer.json()) as object).to.have.property("error");
    });
  }

  it("runs on demand are one while the same waits, and at most 60 in a minute: then 429 with Retry-After", async () => {
    const answers = await Promise.all(Array.from({ length: 65 }, () => askForRun(syncToken, "/company/1")));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).to.deep.equal([...Array<number>(60).fill(202), ...Array<number>(5).fill(429)]);
    const [refused] = answers.filter(({ status }) => status === 429);
    expect(Number(refused?.headers.get("retry-after"))).to.be.within(30, 60);
    const ids = answers
      .filter(({ ok }) => ok)
      .map(async (answer) => ((await answer.json()) as { request: string }).request);
    expect(new Set(await Promise.all(ids)).size).to.be.lessThan(10);
    expect((await askForRun("a-token-of-somebody")).status, "who has no token learns nothing").to.equal(401);
  });

  it("events of other records are confirmed and not stored, unless follow_changes is set", async () => {
    const answer = await service.deliver({ meta: { entity: "person", entity_id: "3", action: "change" } });
    expect([answer.status, await answer.json()]).to.deep.equal([200, { stored: 0 }]);
  });

  it("a body that comes too slowly is cut off, and so are headers", async () => {
    const { status, seconds } = await slow;
    expect(status).to.equal(408);
    expect(seconds).to.be.lessThan(20);
    const headers = await slowHeaders;
    expect(headers.answer).to.match(/^HTTP\/1\.1 408 /);
    expect(headers.seconds).to.be.lessThan(15);
  });

  it("a second serve on the same embedded database is told who has it, and exits 3", async () => {
    const { status, stderr } = await setting.run(["serve", "--port", "0"]);
    expect(status).to.equal(3);
    expect(stderr).to.contain("in use by another process").and.to.contain("use a Postgres server as `database`");
  });

  it("a port that is taken: exit 3 with a sentence", async () => {
    const other = await sandboxSync("embedded", emptyAccount);
    const { status, stderr } = await other.run(["serve", "--port", String(port)]);
    await other.close();
    expect(status).to.equal(3);
    expect(stderr).to.contain(`serve cannot listen on 127.0.0.1:${port}: another program uses that port.`);
  });

  it("a port that is none: exit 2, nothing started", async () => {
    const { status, stderr } = await setting.run(["serve", "--port", "70000"]);
    expect(status).to.equal(2);
    expect(stderr).to.contain("It must be a port, 0 to 65535.");
  });

  it("a token for runs on demand that is too short is a config error", async () => {
    const other = await sandboxSync("embedded", emptyAccount);
    other.configure("sync_token: short\n");
    const { status, stderr } = await other.run(["serve"]);
    await other.close();
    expect(status).to.equal(2);
    expect(stderr).to.contain("`sync_token` must have at least 16 characters.");
  });
});

describe("deliveries that are too many", () => {
  const routes = (changes: Partial<Parameters<typeof deliveryRoutes>[0]>) =>
    deliveryRoutes({
      webhooks: true,
      followChanges: false,
      credentials: () => [{ username: "pipedrive", password: "geheim-wort" }],
      waiting: () => 0,
      store: async () => {},
      onReceived: () => {},
      onRefused: () => {},
      onProblem: () => {},
      ...changes,
    });
  const deliver = (app: ReturnType<typeof routes>, headers: Record<string, string> = { authorization }) =>
    app.request(webhookPath, { method: "POST", headers, body: JSON.stringify(dealEvent(1)) });

  it("too many jobs wait: 503 with Retry-After, and nothing is stored", async () => {
    const stored: EventJob[] = [];
    const app = routes({ waiting: () => 200_000, store: async (events) => void stored.push(...events) });
    const answer = await deliver(app);
    expect([answer.status, answer.headers.get("retry-after")]).to.deep.equal([503, "60"]);
    expect(stored).to.deep.equal([]);
  });

  it("too many at once: 503 for those beyond, and the others are stored", async () => {
    let let_go = () => {};
    const held = new Promise<void>((resolve) => {
      let_go = resolve;
    });
    const app = routes({ store: () => held, limits: { atOnce: 3 } });
    const answers = Array.from({ length: 5 }, () => deliver(app));
    expect((await Promise.all(answers.slice(3))).map(({ status }) => status)).to.deep.equal([503, 503]);
    let_go();
    expect((await Promise.all(answers.slice(0, 3))).map(({ status }) => status)).to.deep.equal([200, 200, 200]);
    expect((await deliver(app)).status, "afterwards there is room again").to.equal(200);
  });

  it("a store that fails: 503, so that Pipedrive delivers again", async () => {
    const problems: string[] = [];
    const app = routes({
      store: () => Promise.reject(new Error("no space left")),
      onProblem: (message) => problems.push(message),
    });
    expect((await deliver(app)).status).to.equal(503);
    expect(problems).to.deep.equal(["An event could not be stored: no space left"]);
  });

  it("without `webhook` in the config there is nothing to deliver to: 404", async () => {
    expect((await deliver(routes({ webhooks: false }))).status).to.equal(404);
  });

  it("as long as no password is known nobody may deliver: 401", async () => {
    expect((await deliver(routes({ credentials: () => [] }), {})).status).to.equal(401);
  });

  it("with follow_changes events of organizations, persons and notes are stored too", async () => {
    const stored: EventJob[] = [];
    const app = routes({ followChanges: true, store: async (events) => void stored.push(...events) });
    const body = JSON.stringify({ meta: { entity: "organization", entity_id: "7", action: "delete" } });
    await app.request(webhookPath, { method: "POST", headers: { authorization }, body });
    expect(stored.map(({ at: _at, ...rest }) => rest)).to.deep.equal([
      { stream: "organizations", id: 7, deleted: true },
    ]);
  });
});

function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

/** Sends a body in chunks, so that its length is unknown before its end. */
function deliverInChunks(url: string, length: number): Promise<Response> {
  const chunk = new Uint8Array(100_000).fill(32);
  let sent = 0;
  const body = new ReadableStream({
    pull(controller) {
      controller.enqueue(chunk);
      sent += chunk.length;
      if (sent >= length) controller.close();
    },
  });
  const options: RequestInit & { duplex: "half" } = {
    method: "POST",
    headers: { authorization },
    body,
    duplex: "half",
  };
  return fetch(`${url}${webhookPath}`, options);
}

/** Announces a body, sends one byte of it, and waits for the reaction. */
function deliverSlowly(url: string): Promise<{ status: number | undefined; seconds: number }> {
  const started = performance.now();
  return new Promise((resolve) => {
    const end = (status: number | undefined) => resolve({ status, seconds: (performance.now() - started) / 1000 });
    const sending = request(`${url}${webhookPath}`, {
      method: "POST",
      headers: { authorization, "content-length": "1000" },
    });
    sending.on("response", ({ statusCode }) => end(statusCode));
    sending.on("error", () => end(undefined));
    sending.write("{");
  });
}

/** Sends a header line from time to time, never their end, and waits for the reaction. */
function sendHeadersSlowly(port: number): Promise<{ answer: string; seconds: number }> {
  const started = performance.now();
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.write(`POST ${webhookPath} HTTP/1.1\r\nhost: x\r\n`);
    const sending = setInterval(() => socket.write("x-more: 1\r\n"), 500);
    let answer = "";
    socket.on("data", (chunk) => {
      answer += chunk.toString();
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      clearInterval(sending);
      resolve({ answer, seconds: (performance.now() - started) / 1000 });
    });
  });
}
