import { readFileSync } from "node:fs";
import { expect } from "chai";
import { messageOf, testMessage } from "../../connector/alerts/message.ts";
import { mailOf, signatureHeaders, webhookBodies } from "../../connector/alerts/message-forms.ts";
import { alertConditions } from "../../connector/config/alert-channels.ts";
import type { DueMessage } from "../../connector/database/alerts/messages.ts";
import type { JsonObject } from "../../connector/mapping/value.ts";
import { packageRoot } from "../../connector/package-root.ts";

const due = (
  tells: DueMessage["tells"],
  condition: string,
  began: JsonObject,
  ended: JsonObject | null,
): DueMessage => ({
  channel: "c",
  condition,
  episode: "0b1c",
  tells,
  beganAt: "2026-06-01T10:00:00Z",
  endedAt: tells === "begin" ? null : "2026-06-01T11:00:00Z",
  beganWith: began,
  endedWith: ended,
  tries: 1,
});

const said: JsonObject = {
  ...{ run: "12345678-aaaa", kind: "run", count: 3, waiting: { brake: 2, twins: 1 }, recent: 1, open: 4, records: 1 },
  ...{ taken: 9, last_success: "2026-06-01T09:00:00Z", hours: 24, tokens: 8000, of: 10000, deals: 0, found: "banned" },
};

describe("the messages of alerts", () => {
  it("a condition's begin, its end, and both at once have words of their own", () => {
    const titles = new Set<string>();
    for (const condition of alertConditions) {
      const begin = messageOf(due("begin", condition, said, null), "acme.pipedrive.com");
      const end = messageOf(due("end", condition, said, said), "acme.pipedrive.com");
      const both = messageOf(due("both", condition, said, said), "acme.pipedrive.com");
      expect([begin.event, end.event, both.event]).to.deep.equal(["begin", "end", "end"]);
      expect([begin.id, end.id, both.id]).to.deep.equal(["0b1c.begin", "0b1c.end", "0b1c.end"]);
      expect(end.answers).to.equal("0b1c.begin");
      expect(both.answers).to.equal(undefined);
      expect(both.text).to.contain("from 2026-06-01T10:00:00Z to 2026-06-01T11:00:00Z").and.contain(begin.title);
      titles.add(begin.title).add(end.title);
      for (const { text, title } of [begin, end, both])
        expect(`${title} ${text}`).not.to.match(/undefined|NaN|null|\[obj/);
    }
    expect(titles.size).to.equal(2 * alertConditions.length);
    const held = messageOf(due("begin", "held", said, null), "acme").text;
    expect(held).to.contain("2 rows that the brake stopped, 1 twin in Planhat.");
  });

  it("Slack's characters are written its way, and a glance tells begin from end", () => {
    const message = { ...testMessage("a&b.example", "1"), text: "a < b" };
    expect(JSON.parse(webhookBodies.slack(message))).to.deep.equal({
      text: "🔵 *This is a test* (a&amp;b.example)\na &lt; b",
      unfurl_links: false,
    });
    expect(webhookBodies.slack({ ...message, event: "begin" })).to.contain("🔴");
    expect(webhookBodies.slack({ ...message, event: "end" })).to.contain("🟢");
  });

  it("Teams gets one Adaptive Card in a message, as its workflows take it", () => {
    const body = JSON.parse(webhookBodies.teams(messageOf(due("end", "stale", said, said), "acme")));
    expect(body).to.include({ type: "message" });
    expect(body.attachments).to.have.length(1);
    const [{ contentType, contentUrl, content }] = body.attachments;
    expect({ contentType, contentUrl }).to.deep.equal({
      contentType: "application/vnd.microsoft.card.adaptive",
      contentUrl: null,
    });
    expect(content).to.include({ type: "AdaptiveCard", version: "1.4" });
    expect(content.body[0].text).to.equal("🟢 The sync runs again");
    expect(content.body[2].facts.map(({ title }: { title: string }) => title)).to.deep.equal([
      "Account",
      "Began",
      "Ended",
    ]);
  });

  it("a signature is one that docs/alerts.md takes for genuine, and Standard Webhooks' own example", async () => {
    const page = readFileSync(`${packageRoot}docs/alerts.md`, "utf8");
    const code = /<!-- verify -->\n```js\n([\s\S]*?)```/.exec(page)![1]!;
    const { isGenuine } = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as {
      isGenuine(headers: object, body: string, secret: string): boolean;
    };
    for (const secret of ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "sixteen-letters-"]) {
      const headers = { "webhook-id": "m.begin", ...signatureHeaders("m.begin", '{"a":1}', secret, Date.now()) };
      expect(isGenuine(headers, '{"a":1}', secret)).to.equal(true);
      expect(isGenuine(headers, '{"a":2}', secret)).to.equal(false);
      expect(isGenuine(headers, '{"a":1}', `${secret}=`.replace("wh", "xx"))).to.equal(secret.startsWith("xx"));
      const old = { "webhook-id": "m", ...signatureHeaders("m", "{}", secret, Date.now() - 600_000) };
      expect(isGenuine(old, "{}", secret)).to.equal(false);
    }
    // The vector that the libraries of Standard Webhooks test themselves with.
    const id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    expect(
      signatureHeaders(id, '{"test": 2432232314}', "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", 1_614_265_330_000),
    ).to.deep.equal({
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    });
  });

  it("an e-mail says in its subject what is over", () => {
    const began = mailOf(messageOf(due("begin", "failed", said, null), "acme"));
    expect(began.subject).to.equal("[pipedrive-planhat] The sync fails (acme)");
    expect(began.text).to.contain("run 12345678").and.contain("Since 2026-06-01T10:00:00Z.");
    const ended = mailOf(messageOf(due("end", "failed", said, said), "acme"));
    expect(ended.subject).to.equal("[pipedrive-planhat] Over: The sync works again (acme)");
  });
});
