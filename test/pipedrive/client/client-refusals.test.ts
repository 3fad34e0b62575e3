import { inspect } from "node:util";
import { gzipSync } from "node:zlib";
import { expect } from "chai";
import type { Client, ClientOptions } from "../../../connector/pipedrive/client/client.ts";
import { clientOf, listDeals, messages, ok, token } from "../client-of-server.ts";
import { failureOf } from "../failure-of.ts";
import { html, json, type LocalServer, startServer } from "../local-server.ts";

describe("the Pipedrive client, refused or alone", () => {
  let server: LocalServer;
  afterEach(async () => server.close());
  const connect = (options: Partial<ClientOptions> = {}): Client => clientOf(server, options);

  describe("when Pipedrive says no", () => {
    const cases = [
      [
        401,
        { error: "unauthorized access", errorCode: 401 },
        "surroundings",
        /^Pipedrive refused the API token \(401: unauthorized access\)\.$/,
        /Personal preferences > API/,
      ],
      [402, { error: "payment" }, "surroundings", /^The Pipedrive account is not open \(402: payment\)\.$/, /Billing/],
      [
        403,
        { error: "Forbidden", code: "feature_capping" },
        "surroundings",
        /^Pipedrive does not permit GET \/api\/v2\/deals \(403: Forbidden, feature_capping\)\.$/,
        /administrator's API token/,
      ],
      [
        404,
        { error: "Unknown method ." },
        "usage",
        /^http:\/\/127\.0\.0\.1:\d+ has no \/api\/v2\/deals \(404: Unknown method \.\)\.$/,
        /Check company_url/,
      ],
      [410, { success: false }, "run", /^GET \/api\/v2\/deals is gone from Pipedrive \(410\)\.$/, /newer version/],
      [
        400,
        { success: false, error: "Validation failed: x", code: "ERR_SCHEMA_VALIDATION_FAILED" },
        "run",
        /^Pipedrive refused GET \/api\/v2\/deals \(400: Validation failed: x, ERR_SCHEMA_VALIDATION_FAILED\)\.$/,
        undefined,
      ],
      [
        422,
        { status: "error", errors: { subscription_url: ["taken"] } },
        "run",
        /\(422: \{"subscription_url":\["taken"\]\}\)/,
        undefined,
      ],
    ] as const;
    for (const [status, body, kind, message, hint] of cases) {
      it(`tells ${status} in a sentence, and does not ask again`, async () => {
        server = await startServer((_, response) => json(response, body, status));
        const failure = await failureOf(() => listDeals(connect()));
        expect(server.seen).to.have.length(1);
        expect(failure.kind).to.equal(kind);
        expect(failure.message).to.match(message);
        if (hint === undefined) expect(failure.hint).to.equal(undefined);
        else expect(failure.hint).to.match(hint);
      });
    }

    it("does not take success: false for an answer", async () => {
      server = await startServer((_, response) =>
        json(response, { success: false, error: "Something odd", data: null }),
      );
      const failure = await failureOf(() => listDeals(connect()));
      expect(failure.message).to.equal("Pipedrive refused GET /api/v2/deals: Something odd.");
    });

    it("recognises a web page where the company URL is wrong", async () => {
      server = await startServer((_, response) => html(response, 200));
      const failure = await failureOf(() => listDeals(connect()));
      expect(server.seen).to.have.length(1);
      expect(failure.kind).to.equal("usage");
      expect(failure.message).to.equal("GET /api/v2/deals was answered with a web page instead of JSON (200).");
      expect(failure.hint).to.contain("Check company_url");
    });

    it("blames no config for a web page in the middle of a run", async () => {
      server = await startServer((_, response, number) => (number === 1 ? json(response, ok) : html(response, 200)));
      const client = connect();
      await listDeals(client);
      expect((await failureOf(() => listDeals(client))).kind).to.equal("run");
    });

    it("follows no redirect: the token is for one host", async () => {
      const other = await startServer((_, response) => json(response, ok));
      for (const status of [301, 302, 303, 307, 308]) {
        server = await startServer((_, response) => {
          response.writeHead(status, { location: `${other.url}/login?next=x` });
          response.end();
        });
        const failure = await failureOf(() => listDeals(connect()));
        expect(failure.message).to.contain(
          `was redirected to ${other.url.slice(7)} (${status}), which is not followed`,
        );
        if (status !== 308) await server.close();
      }
      expect(other.seen).to.have.length(0);
      await other.close();
    });

    it("gives up an answer that is too large", async () => {
      const large = JSON.stringify({ success: true, data: ["x".repeat(50_000)] });
      server = await startServer((_, response, number) => {
        if (number === 1) return json(response, large);
        response.writeHead(200, { "content-encoding": "gzip" });
        response.end(gzipSync(large));
      });
      for (let packed = 0; packed < 2; packed++) {
        const failure = await failureOf(() => listDeals(connect({ largestAnswer: 10_000 })));
        expect(failure.message).to.equal(
          "GET /api/v2/deals was given up: its answer is larger than this program takes.",
        );
      }
      expect(server.seen).to.have.length(2);
    });
  });

  describe("when there is no connection", () => {
    it("says so at once when there never was one", async () => {
      server = await startServer(() => {});
      await server.close();
      const failure = await failureOf(() => listDeals(connect()));
      expect(messages).to.have.length(0);
      expect(failure.kind).to.equal("surroundings");
      expect(failure.message).to.match(
        /^No connection to Pipedrive at http:\/\/127\.0\.0\.1:\d+: the host refused the connection \(127\.0\.0\.1:\d+, ECONNREFUSED\)\.$/,
      );
      expect(failure.hint).to.equal("Check company_url and this machine's network, then run again.");
    });

    it("tries again when there was one before", async () => {
      server = await startServer((_, response) => json(response, ok));
      const client = connect({ patience: { firstPause: 1, tries: 3 } });
      await listDeals(client);
      await server.close();
      expect((await failureOf(() => listDeals(client))).kind).to.equal("surroundings");
      expect(messages).to.have.length(2);
    });

    it("names a host that does not exist", async () => {
      server = await startServer(() => {});
      const failure = await failureOf(() =>
        listDeals(connect({ companyUrl: { origin: "https://nobody.invalid", companyDomain: null } })),
      );
      expect(failure.kind).to.equal("surroundings");
      expect(failure.message).to.match(
        /^No connection to Pipedrive at https:\/\/nobody\.invalid: .* \(nobody\.invalid, \w+\)\.$/,
      );
    });
  });

  it("stops at once when it is told to, in a request and in a wait", async () => {
    server = await startServer((_, response, number) => {
      if (number > 1) json(response, {}, 503);
    });
    for (const patience of [{}, { firstPause: 60_000, random: () => 0.5 }]) {
      const stop = new AbortController();
      const asked = listDeals(connect({ signal: stop.signal, patience }));
      setTimeout(() => stop.abort(new Error("stopped by hand")), 100);
      let reason = "";
      await asked.catch((error: Error) => {
        reason = error.message;
      });
      expect(reason).to.equal("stopped by hand");
    }
  });

  it("shows the token in no failure, whatever happened", async () => {
    const answers: Parameters<typeof startServer>[0][] = [
      (_, response) => response.socket?.destroy(),
      (_, response) => json(response, { error: `bad token ${token}` }, 401),
      (_, response) => json(response, { error: `no ${token}` }, 500),
      (_, response) => html(response, 403),
      (_, response) => json(response, "{"),
      () => {},
    ];
    for (const answer of answers) {
      server = await startServer(answer);
      const failure = await failureOf(() => listDeals(connect({ patience: { tries: 2, firstPause: 1, silence: 50 } })));
      expect(inspect(failure, { depth: 10, showHidden: true })).not.to.contain(token);
      expect(messages.join("\n")).not.to.contain(token);
      await server.close();
    }
  });

  it("refuses a token that cannot be one", async () => {
    server = await startServer((_, response) => json(response, ok));
    for (const apiToken of ["", "  ", "two words", "new\nline", "tökén"]) {
      const failure = await failureOf(() => connect({ apiToken }));
      expect(failure.kind).to.equal("usage");
      expect(failure.message).to.match(/^api_token /);
      expect(failure.hint).to.contain("Personal preferences > API");
    }
    await listDeals(connect({ apiToken: `${token}\n` }));
    expect(server.seen[0]!.headers["x-api-token"]).to.equal(token);
  });
});
