import { gzipSync } from "node:zlib";
import { expect } from "chai";
import { createBudget } from "../../../connector/pipedrive/client/budget.ts";
import type { Client, ClientOptions } from "../../../connector/pipedrive/client/client.ts";
import { clientOf, listDeals, messages, ok, token } from "../client-of-server.ts";
import { failureOf } from "../failure-of.ts";
import { html, json, type LocalServer, startServer } from "../local-server.ts";

describe("the Pipedrive client", () => {
  let server: LocalServer;
  afterEach(async () => server.close());
  const connect = (options: Partial<ClientOptions> = {}): Client => clientOf(server, options);

  describe("asking", () => {
    it("sends the token in its header only, and no parameter that is undefined", async () => {
      server = await startServer((_, response) => json(response, ok));
      await listDeals(connect({ userAgent: "test/1" }));
      const [seen] = server.seen;
      expect(seen!.headers["x-api-token"]).to.equal(token);
      expect(seen!.headers["user-agent"]).to.equal("test/1");
      expect(seen!.query).to.deep.equal({ limit: "500" });
    });

    it("names itself and its version", async () => {
      server = await startServer((_, response) => json(response, ok));
      await listDeals(connect());
      expect(server.seen[0]!.headers["user-agent"]).to.match(/^pipedrive-planhat\/\d+\.\d+/);
    });

    it("keeps one connection for request after request", async () => {
      const sockets = new Set<unknown>();
      server = await startServer((_, response) => {
        sockets.add(response.socket);
        json(response, ok);
      });
      const client = connect();
      for (let request = 0; request < 4; request++) await listDeals(client);
      expect(sockets.size).to.equal(1);
    });

    it("reads packed answers", async () => {
      const text = JSON.stringify({ success: true, data: [{ name: "Škoda 🚗" }] });
      server = await startServer((_, response) => {
        response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" });
        response.end(gzipSync(text));
      });
      const answer = await listDeals(connect());
      expect(answer.text).to.equal(text);
      expect(answer.body).to.deep.equal(JSON.parse(text));
      expect(server.seen[0]!.headers["accept-encoding"]).to.equal("gzip");
    });

    it("tells a record that is not there from one that cannot be had", async () => {
      server = await startServer(({ path }, response) =>
        path.endsWith("/403")
          ? json(response, { success: false, error: "no" }, 403)
          : json(response, { success: false, error: "gone" }, Number(path.split("/").at(-1))),
      );
      const client = connect();
      expect(await client.find("/api/v2/persons/404", {}, { tokens: 1 })).to.equal(undefined);
      expect(await client.find("/api/v2/persons/410", {}, { tokens: 1 })).to.equal(undefined);
      await failureOf(() => client.find("/api/v2/persons/403", {}, { tokens: 1 }));
    });

    it("writes JSON", async () => {
      server = await startServer((_, response) => json(response, { success: true, data: { id: 1 } }));
      await connect().patch("/api/v2/organizations/1", { name: "Acme", website: null }, { tokens: 5 });
      expect(server.seen[0]).to.include({ method: "PATCH", body: '{"name":"Acme","website":null}' });
      expect(server.seen[0]!.headers["content-type"]).to.equal("application/json");
    });
  });

  describe("when something passes", () => {
    const passing: Record<string, Parameters<typeof startServer>[0]> = {
      "500": (_, response) => json(response, { success: false, error: "Internal Server Error" }, 500),
      "503 with a web page": (_, response) => html(response, 503),
      "521 of Cloudflare": (_, response) => html(response, 521),
      "a connection reset before the answer": (_, response) => response.socket?.destroy(),
      "a connection reset in the middle of the body": (_, response) => {
        response.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
        response.write('{"success":true,"data":[{"id":1},');
        setTimeout(() => response.socket?.destroy(), 10);
      },
      "a body that ends early": (_, response) => json(response, '{"success":true,"data":[{"id":1},{"i'),
      "an empty body": (_, response) => json(response, ""),
      "a packed body that ends early": (_, response) => {
        response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" });
        response.end(gzipSync(JSON.stringify({ data: "x".repeat(5000) })).subarray(0, 20));
      },
      "bytes that are no text": (_, response) => {
        response.writeHead(200, { "content-type": "application/json" });
        response.end(Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]));
      },
      "an answer that never comes": () => {},
      "an answer that stops in the middle": (_, response) => {
        response.writeHead(200, { "content-type": "application/json" });
        response.write('{"success":true,');
      },
    };
    for (const [what, answer] of Object.entries(passing)) {
      it(`tries again after ${what}`, async () => {
        server = await startServer((request, response, number) =>
          number <= 2 ? answer(request, response, number) : json(response, ok),
        );
        const budget = createBudget();
        const client = connect({ budget, patience: { firstPause: 1, silence: 200 } });
        expect((await listDeals(client)).body).to.deep.equal(ok);
        expect(budget.usage()).to.deep.equal({ count: 3, retried: 2, tokens: 30 });
        expect(messages).to.have.length(2);
        expect(messages[0]).to.match(/^GET \/api\/v2\/deals: .*; try 2 of 8\.$/);
      });
    }

    it("gives up after eight tries, and says how often and why", async () => {
      server = await startServer((_, response) =>
        json(response, { success: false, error: "Internal Server Error" }, 502),
      );
      const failure = await failureOf(() => listDeals(connect()));
      expect(server.seen).to.have.length(8);
      expect(failure.kind).to.equal("run");
      expect(failure.message).to.match(
        /^GET \/api\/v2\/deals failed after 8 tries in \d+ s: Pipedrive answered 502: Internal Server Error\.$/,
      );
      expect(failure.hint).to.contain("run again");
    });

    it("gives up when the time allowed is over, also in the middle of a silence", async () => {
      server = await startServer(() => {});
      const started = performance.now();
      const failure = await failureOf(() =>
        listDeals(connect({ patience: { firstPause: 1, silence: 200, total: 300 } })),
      );
      expect(server.seen.length).to.be.within(2, 3);
      expect(performance.now() - started).to.be.below(5000);
      expect(failure.kind).to.equal("run");
      // The last silence ends together with the total time, and either may be noticed first.
      expect(failure.message).to.match(/nothing came for|its answer was not complete after/);
    });

    it("gives up an answer that drips a byte at a time when the time allowed is over", async () => {
      server = await startServer((_, response) => {
        response.writeHead(200, { "content-type": "application/json" });
        const timer = setInterval(() => response.write(" "), 20);
        response.on("close", () => clearInterval(timer));
      });
      const failure = await failureOf(() => listDeals(connect({ patience: { silence: 10_000, total: 1_000 } })));
      expect(server.seen).to.have.length(1);
      expect(failure.kind).to.equal("run");
      expect(failure.message).to.equal("GET /api/v2/deals failed: its answer was not complete after 1 s.");
    });

    it("gives up an answer of blanks that is larger than any page", async () => {
      const blanks = gzipSync(Buffer.alloc(80_000_000, " "));
      server = await startServer((_, response) => {
        response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" });
        response.end(blanks);
      });
      const failure = await failureOf(() => listDeals(connect()));
      expect(server.seen).to.have.length(1);
      expect(failure.message).to.contain("its answer is larger than this program takes");
    });

    it("never repeats a POST whose outcome is not known", async () => {
      const unclear = [
        passing["500"]!,
        passing["a connection reset before the answer"]!,
        passing["a body that ends early"]!,
      ];
      for (const answer of unclear) {
        server = await startServer(answer);
        const failure = await failureOf(() => connect().post("/api/v2/organizations", { name: "Acme" }, { tokens: 5 }));
        expect(server.seen).to.have.length(1);
        expect(failure.kind).to.equal("run");
        expect(failure.hint).to.contain("Pipedrive may have carried it out");
        await server.close();
      }
      server = await startServer((_, response, number) =>
        number === 1
          ? json(response, {}, 429, { "retry-after": "0" })
          : json(response, { success: true, data: { id: 1 } }),
      );
      await connect().post("/api/v2/organizations", { name: "Acme" }, { tokens: 5 });
      expect(server.seen).to.have.length(2);
    });
  });

  describe("when it asks too fast", () => {
    it("waits as long as the answer says, with all requests, and counts the retry", async () => {
      server = await startServer((_, response, number) =>
        number === 1
          ? json(response, { error: "request over limit" }, 429, {
              "x-ratelimit-reset": "1",
              "x-ratelimit-remaining": "0",
            })
          : json(response, ok),
      );
      const budget = createBudget();
      const client = connect({ budget });
      await listDeals(client);
      expect(server.seen[1]!.at - server.seen[0]!.at).to.be.at.least(990);
      expect(budget.usage()).to.deep.equal({ count: 2, retried: 1, tokens: 20 });
      expect(messages).to.deep.equal(["GET /api/v2/deals: answered 429; all requests wait 1 s."]);
    });

    it("stops at once when the day's tokens are gone, and says until when", async () => {
      server = await startServer((_, response) =>
        json(response, { success: false, error: "daily request budget exceeded", errorCode: 429 }, 429, {
          "retry-after": "3939",
        }),
      );
      const failure = await failureOf(() => listDeals(connect()));
      expect(server.seen).to.have.length(1);
      expect(failure.kind).to.equal("surroundings");
      expect(failure.message).to.match(
        /^The Pipedrive account's API tokens for today are used up until \d{4}-\d\d-\d\d \d\d:\d\d UTC \(in 66 min\)\.$/,
      );
      expect(failure.hint).to.contain("Committed work is kept");
    });

    it("stops at once when it would have to wait more than a minute", async () => {
      server = await startServer((_, response) => json(response, { error: "slow down" }, 429, { "retry-after": "61" }));
      const failure = await failureOf(() => listDeals(connect()));
      expect(server.seen).to.have.length(1);
      expect(failure.kind).to.equal("surroundings");
      expect(failure.message).to.contain("asks to wait 61 s");
    });

    it("gives up when 429 does not end", async () => {
      server = await startServer((_, response) =>
        json(response, { error: "request over limit" }, 429, { "retry-after": "0" }),
      );
      const failure = await failureOf(() => listDeals(connect({ patience: { tries: 3 } })));
      expect(server.seen).to.have.length(3);
      expect(failure.kind).to.equal("surroundings");
      expect(failure.message).to.match(
        /^GET \/api\/v2\/deals failed after 3 tries in \d+ s: Pipedrive still answers 429/,
      );
    });

    it("never asks again after the gateway's 403", async () => {
      server = await startServer((_, response) => html(response, 403));
      const failure = await failureOf(() => listDeals(connect()));
      expect(server.seen).to.have.length(1);
      expect(failure.kind).to.equal("surroundings");
      expect(failure.message).to.equal(
        "Pipedrive's gateway blocks this account's API requests for a while (403 with a web page, at GET /api/v2/deals).",
      );
      expect(failure.hint).to.contain("wait a few minutes");
    });
  });
});
