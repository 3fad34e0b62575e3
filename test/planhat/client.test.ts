import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { Failure } from "../../connector/failure.ts";
import { createPlanhatClient, UnclearOutcome } from "../../connector/planhat/client.ts";
import { listRecent } from "../../connector/planhat/lists.ts";
import type { Intercept } from "../../connector/sandbox/pipedrive/app.ts";
import { type Sandbox, startSandbox } from "../../connector/sandbox/server.ts";

const small = { organizations: 0, persons: 0, deals: 0, notes: 0 };
const quick = { firstPause: 1, longestPause: 1 };

describe("the client of Planhat's API", function () {
  this.timeout(60_000);
  let sandbox: Sandbox;
  let intercept: Intercept;
  before(async () => {
    sandbox = await startSandbox({
      ...small,
      planhat: { callsPerMinute: Number.POSITIVE_INFINITY, intercept: (request) => intercept(request) },
    });
    for (let number = 1; number <= 25; number++) {
      sandbox.planhat.store.create("companies", { name: `Company ${number}`, sourceId: String(number) });
    }
  });
  beforeEach(() => {
    intercept = () => undefined;
  });
  after(() => sandbox.close());

  const client = (options: Parameters<typeof createPlanhatClient>[1] = {}) =>
    createPlanhatClient(
      { api_token: sandbox.planhat.token, api_url: `${sandbox.planhat.url}/` },
      { patience: quick, ...options },
    );

  it("tries a defect of the server eight times at most, and says so without the token", async () => {
    let tries = 0;
    intercept = () => {
      tries++;
      return Response.json({ error: sandbox.planhat.token }, { status: 503 });
    };
    const failure = await client()
      .get("/companies", {}, "companies")
      .catch((error: Failure) => error);
    expect(failure).to.be.instanceOf(Failure);
    expect((failure as Failure).message).to.match(/answered 503 when asked for its companies after 8 tries in \d+ s/);
    expect(tries).to.equal(8);
  });

  it("does not send notes again when nobody knows whether they were made", async () => {
    let tries = 0;
    intercept = () => {
      tries++;
      return "truncate";
    };
    const sent = client().upsert("/conversations", "[]", "notes", { repeatable: false });
    expect(await sent.catch((error: unknown) => error)).to.be.instanceOf(UnclearOutcome);
    expect(tries).to.equal(1);
  });

  it("gives up an answer that drips a byte at a time when the time allowed is over", async () => {
    let tries = 0;
    intercept = () => {
      tries++;
      return new Response(dripping(), { headers: { "content-type": "application/json" } });
    };
    const failure = await client({ patience: { ...quick, silence: 10_000, total: 1_000 } })
      .get("/companies", {}, "companies")
      .catch((error: Failure) => error);
    expect((failure as Failure).message).to.match(
      /gave no complete answer about its companies: its answer was not complete after 1 s\.$/,
    );
    expect(tries).to.equal(1);
  });

  it("follows no redirect, which would take the token elsewhere", async () => {
    const asked: (string | undefined)[] = [];
    const elsewhere = createServer(({ url }, response) => {
      asked.push(url);
      response.end("[]");
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, "127.0.0.1", resolve));
    const location = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`;
    for (const status of [301, 302, 303, 307, 308]) {
      intercept = () => new Response(null, { status, headers: { location } });
      const failure = await client()
        .get("/companies", {}, "companies")
        .catch((error: Failure) => error);
      expect((failure as Failure).message).to.contain(`redirects to another address (${status})`);
    }
    elsewhere.close();
    expect(asked).to.deep.equal([]);
  });

  it("sends no more than 180 requests in any minute", async () => {
    const stop = new AbortController();
    const paced = client({ clock: () => 0, signal: stop.signal });
    for (let count = 0; count < 180; count++) await paced.probe("/companies", "companies");
    let isDone = false;
    const next = paced.probe("/companies", "companies").then(
      () => {
        isDone = true;
      },
      () => {},
    );
    // The client sleeps on the real clock; a short moment is enough to see that it waits.
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(isDone).to.equal(false);
    stop.abort();
    await next;
  });

  it("reads the latest changes only, and everything where the list is not in their order", async () => {
    const read = async (since: string | undefined) => {
      const names: unknown[] = [];
      for await (const page of listRecent(client(), "/companies", { limit: 5 }, { things: "companies", since })) {
        names.push(...page.map(({ name }) => name));
      }
      return names;
    };
    const mark = String(sandbox.planhat.store.all("companies").at(-1)!["updatedAt"]);
    sandbox.planhat.store.update("companies", "srcid-3", { name: "Changed" });
    const recent = await read(mark);
    expect(recent[0]).to.equal("Changed");
    expect(recent).to.have.length(5);
    expect(await read(undefined)).to.have.length(25);
    intercept = ({ query, path }) => {
      if (path !== "/companies") return undefined;
      const offset = Number(query.get("offset"));
      return Response.json(sandbox.planhat.store.all("companies").slice(offset, offset + 5));
    };
    expect(await read(mark)).to.have.length(25);
  });
});

/** Returns a body that sends a blank every 20 ms and never ends. */
function dripping(): ReadableStream<Uint8Array> {
  let timer: NodeJS.Timeout;
  return new ReadableStream({
    start(controller) {
      timer = setInterval(() => controller.enqueue(new Uint8Array([32])), 20);
    },
    cancel: () => clearInterval(timer),
  });
}
