import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { alertChannels } from "../../connector/config/alert-channels.ts";
import { loadConfig } from "../../connector/config/load-config.ts";

const account = "company_url: acme\napi_token: abcd1234\n";
const slack = "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX";

describe("the alerts of a config", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "config-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  const load = (text: string) => {
    const file = join(folder, "config.yaml");
    writeFileSync(file, account + text, { mode: 0o600 });
    return loadConfig(file, { SLACK: slack });
  };
  const faults = async (text: string) => {
    const thrown = await load(text).catch((error: Error) => error.message.replaceAll(`${folder}/`, ""));
    if (typeof thrown !== "string") throw new Error(`It was accepted: ${text}`);
    return [...thrown.matchAll(/^config\.yaml:(\d+:\d+): error: (.*)\n.*\n.*\n?(?: {2}(\S.*))?/gm)].map(
      ([, place, message, hint]) => `${place} ${message}${hint === undefined ? "" : ` ${hint}`}`,
    );
  };

  it("are channels with all conditions, or with those of `on` and their limits", async () => {
    const { config } = await load(
      [
        "alerts:",
        '  - {url: "${SLACK}", format: slack}',
        "  - url: https://alerts.acme.example/in",
        "    secret: whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQ=",
        "    on: [failed, {stale: {after: 90m}}, {rejections: {share: 0.05}}, {conflicts: {count: 5}}, budget]",
        '  - {email: "ops@acme.example, dev@acme.example", on: [{budget: {share: 1}}, {failed: }]}',
        "smtp: {host: smtp.acme.example, from: sync@acme.example}",
      ].join("\n"),
    );
    const [first, second, third] = alertChannels(config);
    expect(first).to.include({ kind: "webhook", url: slack, format: "slack" });
    expect([...first!.conditions]).to.have.length(8);
    expect(first!.limits).to.deep.equal({
      rejections: { count: 1 },
      stale: { after: 86_400_000 },
      conflicts: { count: 1 },
      budget: { share: 0.8 },
    });
    expect(second).to.include({ format: "json", secret: "whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQ=" });
    expect([...second!.conditions]).to.deep.equal(["failed", "stale", "rejections", "conflicts", "budget"]);
    expect(second!.limits).to.deep.include({ stale: { after: 5_400_000 }, rejections: { share: 0.05 } });
    expect(third).to.deep.include({ kind: "email", to: ["ops@acme.example", "dev@acme.example"] });
    expect(third).to.deep.include({ smtp: { host: "smtp.acme.example", from: "sync@acme.example", port: 587 } });
    expect([...third!.conditions]).to.deep.equal(["budget", "failed"]);
  });

  it("hold secrets: the addresses of webhooks and their paths, `secret`, the password of `smtp`", async () => {
    const { secrets } = await load(
      `alerts:\n  - {url: ${slack}, format: slack}\n  - {url: https://a.example/x, secret: sixteen-letters-}\n  - {email: a@b.c}\nsmtp: {host: h, from: a@b.c, username: u, password: /pass-word}\n`,
    );
    const path = new URL(slack).pathname;
    expect(secrets).to.have.members([
      "abcd1234",
      slack,
      path,
      path,
      "https://a.example/x",
      "sixteen-letters-",
      "/pass-word",
    ]);
  });

  it("are checked, each fault with its place and the way out", async () => {
    expect(
      await faults(
        [
          "alerts:",
          "  - {format: slack}",
          "  - {url: https://a.example/x, email: a@b.c}",
          "  - {url: http://a.example/x}",
          "  - {url: https://hooks.slack.com/services/T/B/X}",
          "  - {url: https://acme.webhook.office.com/webhookb2/x, format: teams}",
          "  - {url: https://a.example/y, format: xml}",
          "  - {url: https://a.example/z, format: teams, secret: sixteen-letters-}",
          "  - {email: Ops}",
          "  - {url: https://a.example/y}",
          "  - {url: https://a.example/s, secret: short, ulr: x}",
        ].join("\n"),
      ),
    ).to.deep.equal([
      "4:5 This alert has no `url` and no `email`. Write one entry for each place that messages go to.",
      "5:5 Give either `url` or `email`. Write one entry for each place that messages go to.",
      "6:11 `url` must be an https:// address; plain http is for this machine only.",
      "7:11 `url` is one of Slack, which takes its own messages only. Add format: slack.",
      "8:11 `url` is an Office 365 connector, which Microsoft has retired. In Teams: Workflows > Send webhook alerts to a channel. Write its address, with format: teams.",
      "9:40 `alerts[5].format` must be `json` or `slack` or `teams`.",
      "10:55 Only JSON messages are signed: `secret` is for a `url` of format json.",
      "11:13 This is no e-mail address. Write ops@acme.example, without a name; commas stand between several.",
      "11:13 An alert by e-mail needs `smtp`. Write smtp: {host: smtp.acme.example, username: …, password: ${SMTP_PASSWORD}, from: sync@acme.example}.",
      "12:5 This channel is given twice. Write all its conditions into one `on`.",
      "13:40 `alerts[9].secret` must have at least 16 characters.",
      "13:47 Unknown key `ulr`. Did you mean `url`?",
    ]);
  });

  it("their conditions are checked, and show no address", async () => {
    const on = (list: string) => faults(`alerts:\n  - url: https://a.example/not-for-everybody\n    on: ${list}\n`);
    expect(await on("[stale, staled, 5]")).to.deep.equal([
      "5:17 `alerts[0].on[1]` must be `failed` or `held` or `rejections` or `stale` or `conflicts` or `budget` or `nothing_read` or `webhook`. Did you mean `stale`?",
      "5:25 `alerts[0].on[2]` must be text.",
      "5:25 `alerts[0].on[2]` must be `failed` or `held` or `rejections` or `stale` or `conflicts` or `budget` or `nothing_read` or `webhook`.",
    ]);
    expect(await on("[{stale: {after: 1 day}}, {rejections: {count: 0}}, {budget: {share: 80}}]")).to.deep.equal([
      "5:26 `after` must be a time in minutes, hours or days, such as 90m, 24h or 2d. Write it as {stale: {after: 6h}}.",
      "5:56 `count` must be a whole number from 1 on. Write it as {rejections: {count: 10}} or {rejections: {share: 0.05}}.",
      "5:78 `share` must be a part between 0 and 1, such as 0.05. Write it as {budget: {share: 0.8}}.",
    ]);
    expect(
      await on("[{staled: {}}, {failed: {count: 1}}, {stale: 6h}, {stale: {count: 1}}, {a: 1, b: 2}]"),
    ).to.deep.equal([
      "5:19 There is no condition `staled`. Did you mean `stale`?",
      "5:33 The limits of `failed` cannot be read. Write failed alone: it has no limits.",
      "5:54 The limits of `stale` cannot be read. Write it as {stale: {after: 6h}}.",
      "5:75 `stale` has no `count`. Write it as {stale: {after: 6h}}.",
      "5:80 An entry of `on` is one condition. Write it as {stale: {after: 24h}}.",
    ]);
    const shown = await load("alerts:\n  - {url: https://a.example/not-for-everybody, format: xml}\n").catch(String);
    expect(shown).to.contain("format: xml").and.not.contain("not-for-everybody");
  });
});
