import { expect } from "chai";
import { ApiError } from "../../../connector/sandbox/pipedrive/api-error.ts";
import { RateLimit, tokenCost } from "../../../connector/sandbox/pipedrive/rate-limit.ts";
import { type Sandbox, startSandbox } from "../../../connector/sandbox/server.ts";
import { request } from "../client.ts";

const small = { organizations: 3, persons: 3, deals: 3, notes: 3 };

function refusalOf(take: () => unknown): ApiError {
  try {
    take();
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error("The request was expected to be refused, and was not.");
}

describe("the sandbox's rate limits", () => {
  let milliseconds: number;
  let day: Date;
  const limit = (options: object = {}) =>
    new RateLimit(
      { burstLimit: 3, dailyTokens: 1000, blockSeconds: 30, ...options },
      () => day,
      () => milliseconds,
    );
  beforeEach(() => {
    milliseconds = 0;
    day = new Date("2026-11-10T22:30:00Z");
  });

  it("let a token make so many requests in two rolling seconds, and then refuse with 429", () => {
    const rateLimit = limit();
    expect(rateLimit.take("a", 10)).to.include({
      "x-ratelimit-limit": "3",
      "x-ratelimit-remaining": "2",
      "x-ratelimit-reset": "2",
    });
    milliseconds = 1500;
    rateLimit.take("a", 10);
    expect(rateLimit.take("a", 10)["x-ratelimit-remaining"]).to.equal("0");
    const refused = refusalOf(() => rateLimit.take("a", 10));
    expect(refused.status).to.equal(429);
    expect(refused.headers).to.include({ "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1" });
    milliseconds = 2001;
    expect(rateLimit.take("a", 10)["x-ratelimit-remaining"]).to.equal("0");
  });

  it("count each token for itself", () => {
    const rateLimit = limit({ burstLimit: 1 });
    rateLimit.take("a", 1);
    expect(rateLimit.take("b", 1)["x-ratelimit-remaining"]).to.equal("0");
  });

  it("refuse when the day's tokens are gone, with the seconds until midnight, and start anew the next day", () => {
    const rateLimit = limit({ dailyTokens: 25 });
    expect(rateLimit.take("a", 20)).to.include({
      "x-daily-ratelimit-token-limit": "25",
      "x-daily-ratelimit-token-remaining": "5",
    });
    const refused = refusalOf(() => rateLimit.take("a", 10));
    expect(refused.status).to.equal(429);
    expect(refused.body).to.deep.equal({
      success: false,
      error: "daily request budget exceeded",
      errorCode: 429,
      error_info: "Please check developers.pipedrive.com",
    });
    expect(refused.headers["retry-after"]).to.equal("5400");
    expect(rateLimit.take("a", 5)["x-daily-ratelimit-token-remaining"]).to.equal("0");
    day = new Date("2026-11-11T00:00:00Z");
    milliseconds = 5000;
    expect(rateLimit.take("a", 10)["x-daily-ratelimit-token-remaining"]).to.equal("15");
  });

  it("block a client that does not stop after 429 with a web page, and let it in again later", () => {
    const rateLimit = limit({ burstLimit: 1 });
    rateLimit.take("a", 1);
    for (let refusals = 0; refusals < 10; refusals++)
      expect(refusalOf(() => rateLimit.take("a", 1)).status).to.equal(429);
    const blocked = refusalOf(() => rateLimit.take("a", 1));
    expect(blocked.status).to.equal(403);
    expect(blocked.body).to.include("Cloudflare");
    milliseconds = 29_000;
    expect(refusalOf(() => rateLimit.take("a", 1)).status).to.equal(403);
    milliseconds = 30_001;
    expect(rateLimit.take("a", 1)["x-ratelimit-remaining"]).to.equal("0");
  });

  it("do not block one that waits between its refusals", () => {
    const rateLimit = limit({ burstLimit: 1 });
    for (let round = 0; round < 20; round++) {
      milliseconds += 2001;
      rateLimit.take("a", 1);
      expect(refusalOf(() => rateLimit.take("a", 1)).status).to.equal(429);
    }
  });

  for (const [method, path, cost] of [
    ["GET", "/api/v2/deals", 10],
    ["GET", "/api/v2/deals/archived", 20],
    ["GET", "/v1/deals/summary", 40],
    ["GET", "/api/v2/deals/12", 1],
    ["GET", "/api/v2/pipelines", 5],
    ["GET", "/api/v2/stages", 5],
    ["GET", "/api/v2/dealFields", 10],
    ["POST", "/api/v2/organizations", 5],
    ["PATCH", "/api/v2/organizations/12", 5],
    ["DELETE", "/api/v2/organizations/12", 3],
    ["GET", "/v1/notes", 20],
    ["GET", "/v1/notes/12", 2],
    ["PUT", "/v1/notes/12", 10],
    ["DELETE", "/v1/notes/12", 6],
    ["GET", "/v1/users", 20],
    ["GET", "/api/v1/users/me", 2],
    ["GET", "/v1/webhooks", 10],
    ["DELETE", "/v1/webhooks/3", 6],
    ["PUT", "/v1/persons/3/merge", 40],
  ] as const) {
    it(`charge ${cost} tokens for ${method} ${path}`, () => {
      expect(tokenCost(method, path)).to.equal(cost);
    });
  }
});

describe("the limits as a client of the sandbox meets them", () => {
  let sandbox: Sandbox;
  afterEach(() => sandbox.close());

  it("announce themselves in the headers of every answer, errors too", async () => {
    sandbox = await startSandbox({ ...small });
    for (const path of ["/api/v2/deals", "/api/v2/deals/999"]) {
      const answer = await request(sandbox, path);
      expect(answer.headers.get("x-ratelimit-limit")).to.equal("20");
      expect(answer.headers.get("x-daily-ratelimit-token-limit")).to.equal("30000");
    }
  });

  it("refuse by 429 and then by a 403 page, after which a client is let in again", async () => {
    sandbox = await startSandbox({ ...small, burstLimit: 2, blockSeconds: 1 });
    const statuses: number[] = [];
    for (let index = 0; index < 13; index++) {
      const answer = await request(sandbox, "/api/v2/deals");
      statuses.push(answer.status);
      const isHtml = answer.headers.get("content-type")?.startsWith("text/html");
      expect(isHtml).to.equal(answer.status === 403);
      await answer.text();
    }
    expect(statuses).to.deep.equal([200, 200, ...Array(10).fill(429), 403]);
    await request(sandbox, "/sandbox/reset-counters", { method: "POST" });
    expect((await request(sandbox, "/api/v2/deals")).status).to.equal(200);
  });

  it("counts requests and tokens, also for another process to read", async () => {
    sandbox = await startSandbox({ ...small });
    await request(sandbox, "/api/v2/deals");
    await request(sandbox, "/api/v2/deals/1?include_labels=true");
    await request(sandbox, "/v1/notes");
    await fetch(`${sandbox.url}/v1/notes`);
    const expected = {
      count: 4,
      tokens: 31,
      byPath: { "GET /api/v2/deals": 1, "GET /api/v2/deals/{id}": 1, "GET /v1/notes": 2 },
    };
    expect(sandbox.requests.toJSON()).to.deep.equal(expected);
    expect(await (await fetch(`${sandbox.url}/sandbox/requests`)).json()).to.deep.equal(expected);
    await fetch(`${sandbox.url}/sandbox/reset-counters`, { method: "POST" });
    expect(sandbox.requests).to.include({ count: 0, tokens: 0 });
  });
});
