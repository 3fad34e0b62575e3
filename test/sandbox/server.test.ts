import { get } from "node:http";
import { gunzipSync } from "node:zlib";
import { expect } from "chai";
import { Failure } from "../../connector/failure.ts";
import type { Intercept, InterceptedRequest } from "../../connector/sandbox/pipedrive/app.ts";
import { type Sandbox, startSandbox } from "../../connector/sandbox/server.ts";
import { request } from "./client.ts";

const small = { organizations: 3, persons: 3, deals: 30, notes: 3, burstLimit: 1000 };

describe("a sandbox that misbehaves on demand", () => {
  let sandbox: Sandbox;
  let intercept: Intercept;
  beforeEach(async () => {
    sandbox = await startSandbox({ ...small, intercept: (intercepted) => intercept(intercepted) });
  });
  afterEach(() => sandbox.close());

  it("shows a test each request with its number and how often the same came before", async () => {
    const seen: InterceptedRequest[] = [];
    intercept = (intercepted) => {
      seen.push(intercepted);
      return undefined;
    };
    for (const path of ["/api/v2/deals?limit=1", "/api/v2/deals?limit=1", "/v1/notes"]) await request(sandbox, path);
    expect(seen.map(({ method, path, ordinal, attempt }) => [method, path, ordinal, attempt])).to.deep.equal([
      ["GET", "/api/v2/deals", 1, 1],
      ["GET", "/api/v2/deals", 2, 2],
      ["GET", "/v1/notes", 3, 1],
    ]);
    expect(seen[0]?.query.get("limit")).to.equal("1");
  });

  it("answers what the test wants, then goes on", async () => {
    intercept = ({ attempt }) => (attempt === 1 ? new Response("<h1>Oops</h1>", { status: 502 }) : undefined);
    const first = await request(sandbox, "/api/v2/deals");
    expect([first.status, await first.text()]).to.deep.equal([502, "<h1>Oops</h1>"]);
    expect((await request(sandbox, "/api/v2/deals")).status).to.equal(200);
  });

  it("breaks the connection", async () => {
    intercept = () => "reset";
    const error = await request(sandbox, "/api/v2/deals").catch((reason: TypeError) => reason.cause);
    expect(error).to.have.property("code", "ECONNRESET");
  });

  it("breaks off in the middle of a body whose length it announced", async () => {
    intercept = () => "truncate";
    const { received, announced, complete } = await new Promise<{
      received: number;
      announced: number;
      complete: boolean;
    }>((resolve, reject) => {
      const call = get(`${sandbox.url}/api/v2/deals`, { headers: { "x-api-token": sandbox.token } }, (answer) => {
        let bytes = 0;
        answer.on("data", (chunk: Buffer) => {
          bytes += chunk.length;
        });
        answer.on("error", () => {});
        answer.on("close", () =>
          resolve({ received: bytes, announced: Number(answer.headers["content-length"]), complete: answer.complete }),
        );
      });
      call.on("error", reject);
    });
    expect(complete).to.equal(false);
    expect(received).to.be.greaterThan(0).and.lessThan(announced);
  });

  it("never answers, and still closes at once", async () => {
    intercept = () => "hang";
    const answer = request(sandbox, "/api/v2/deals").then(
      () => "answered",
      () => "broken",
    );
    const early = await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 100, "waiting"))]);
    expect(early).to.equal("waiting");
    await sandbox.close();
    expect(await answer).to.equal("broken");
    sandbox = await startSandbox(small);
  });
});

describe("starting the sandbox", () => {
  it("says so when the port is taken", async () => {
    const sandbox = await startSandbox(small);
    try {
      const failure = await startSandbox({ ...small, port: Number(new URL(sandbox.url).port) }).catch(
        (error: Failure) => error,
      );
      expect(failure).to.be.instanceOf(Failure);
      expect(failure).to.include({ kind: "surroundings", hint: "Choose another port, or 0 for a free one." });
      expect((failure as Failure).message).to.match(
        /^The sandbox cannot listen on 127\.0\.0\.1:\d+: another program uses that port\.$/,
      );
    } finally {
      await sandbox.close();
    }
  });

  it("lets the account's time go on from where its story ends", async () => {
    const sandbox = await startSandbox({ ...small, now: new Date("2025-05-05T05:05:05Z") });
    try {
      sandbox.store.update("organizations", 1, { name: "Later" });
      const time = Date.parse(sandbox.store.get("organizations", 1)?.["update_time"] as string);
      expect(time - Date.parse("2025-05-05T05:05:05Z")).to.be.within(0, 60_000);
    } finally {
      await sandbox.close();
    }
  });

  it("compresses for a client that takes gzip, when told to", async () => {
    const sandbox = await startSandbox({ ...small, gzip: true });
    try {
      const body = await new Promise<{ encoding: string | undefined; bytes: Buffer }>((resolve, reject) => {
        const headers = { "x-api-token": sandbox.token, "accept-encoding": "gzip" };
        get(`${sandbox.url}/api/v2/deals`, { headers }, (answer) => {
          const chunks: Buffer[] = [];
          answer.on("data", (chunk: Buffer) => chunks.push(chunk));
          answer.on("end", () =>
            resolve({ encoding: answer.headers["content-encoding"], bytes: Buffer.concat(chunks) }),
          );
        }).on("error", reject);
      });
      expect(body.encoding).to.equal("gzip");
      expect(JSON.parse(gunzipSync(body.bytes).toString())).to.have.property("success", true);
    } finally {
      await sandbox.close();
    }
  });
});
