import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { createServer, type Server, type Socket } from "node:net";
import { expect } from "chai";
import { deliver } from "../../connector/alerts/deliver.ts";
import { judgeAnswer } from "../../connector/alerts/deliver-webhook.ts";
import { testMessage } from "../../connector/alerts/message.ts";
import { type AlertFormat, alertChannels } from "../../connector/config/alert-channels.ts";
import { type Inbox, openInbox } from "./inbox.ts";

const message = testMessage("acme.pipedrive.com", "7d1f");
const patience = { total: 3_000, longestTry: 700, firstPause: 50 };

describe("a webhook that takes alerts", function () {
  this.timeout(60_000);
  let inbox: Inbox | undefined;
  afterEach(() => inbox?.close());

  const send = async (answer: (response: ServerResponse, count: number) => void, format: AlertFormat = "json") => {
    inbox = await openInbox(answer);
    const [channel] = alertChannels({ alerts: [{ url: inbox.url, format }] });
    return deliver(channel!, message, undefined, patience);
  };

  it("answers 429 with Retry-After: it gets the message after that time, under the same id", async () => {
    const began = performance.now();
    const delivery = await send((response, count) => {
      if (count === 1) response.writeHead(429, { "retry-after": "1" }).end("rate_limited");
      else response.end("ok");
    }, "slack");
    expect(delivery).to.deep.equal({ taken: true, answer: "answered 200 ok" });
    expect(performance.now() - began).to.be.at.least(1_000);
    expect(inbox!.arrived.map(({ headers }) => headers["webhook-id"])).to.deep.equal(["7d1f.test", "7d1f.test"]);
  });

  it("asks for more time than there is: the wait is handed on", async () => {
    const delivery = await send((response) => response.writeHead(429, { "retry-after": "600" }).end());
    expect(delivery).to.deep.equal({ taken: false, answer: "answered 429", again: "soon", wait: 600 });
    expect(inbox!.arrived).to.have.length(1);
  });

  it("answers slowly: that counts; never: the message is not sent again at once", async () => {
    expect(await send((response) => void setTimeout(() => response.end(), 400))).to.deep.equal({
      taken: true,
      answer: "answered 200",
    });
    await inbox!.close();
    const delivery = await send(() => {});
    expect(delivery).to.include({ taken: false, again: "later" });
    expect(delivery.answer).to.match(/^gave no answer: /);
    expect(inbox!.arrived).to.have.length(1);
  });

  it("is not there: it is tried a few times", async () => {
    inbox = await openInbox();
    await inbox.close();
    const [channel] = alertChannels({ alerts: [{ url: inbox.url }] });
    const delivery = await deliver(channel!, message, undefined, { ...patience, total: 1_500 });
    expect(delivery).to.include({ taken: false, again: "soon" });
    expect(delivery.answer).to.match(
      /^gave no answer: the host refused the connection \(127\.0\.0\.1:\d+, ECONNREFUSED\)$/,
    );
  });

  it("every other answer is judged by its format", () => {
    const page = "<!DOCTYPE html><html><body>Sign in</body></html>";
    const taken = (status: number, text: string, format: AlertFormat, headers = {}) => {
      const delivery = judgeAnswer({ status, headers, text }, format, "https://a.example/x", 0);
      return delivery.taken ? "taken" : `${delivery.again}: ${delivery.answer}`;
    };
    expect(taken(200, "ok", "slack")).to.equal("taken");
    expect(taken(202, "", "teams")).to.equal("taken");
    expect(taken(204, "", "json")).to.equal("taken");
    // A receiver of the user's own may send any answer.
    expect(taken(200, page, "json")).to.equal("taken");
    expect(taken(200, page, "slack")).to.equal("rarely: answered 200 with a web page");
    expect(taken(200, page, "teams")).to.equal("rarely: answered 200 with a web page");
    expect(taken(200, "Microsoft Teams endpoint returned HTTP error 429 with …", "teams")).to.match(/^soon: /);
    expect(taken(404, "no_service", "slack")).to.equal("rarely: answered 404 no_service");
    expect(taken(400, "invalid_payload", "slack")).to.equal("rarely: answered 400 invalid_payload");
    expect(taken(503, "", "json")).to.equal("soon: answered 503");
    expect(taken(302, "", "json", { location: "https://login.example/?secret=1" })).to.equal(
      "rarely: answered 302, which leads elsewhere to login.example",
    );
    const dated = judgeAnswer(
      { status: 429, headers: { "retry-after": "Thu, 01 Jan 1970 00:01:00 GMT" }, text: "" },
      "json",
      "https://a.example/x",
      0,
    );
    expect(dated).to.include({ wait: 60 });
  });
});

describe("a webhook that drips its answer", function () {
  this.timeout(60_000);
  let server: Server;
  const sockets = new Set<Socket>();
  after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  it("is given up at the end of its time", async () => {
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n");
      const timer = setInterval(() => socket.write("."), 50);
      socket.on("close", () => clearInterval(timer));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    const [channel] = alertChannels({ alerts: [{ url: `http://127.0.0.1:${port}/x` }] });
    const began = performance.now();
    expect(await deliver(channel!, message, undefined, patience)).to.include({ taken: false, again: "later" });
    expect(performance.now() - began).to.be.below(10_000);
  });
});
