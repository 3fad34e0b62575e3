import type { ServerResponse } from "node:http";
import { expect } from "chai";
import { type AlertRequest, tellAlerts } from "../../connector/alerts/tell-alerts.ts";
import type { WrittenAlert } from "../../connector/config/alert-channels.ts";
import type { Database } from "../../connector/database/database.ts";
import { onServerFirst } from "../databases.ts";
import { type Inbox, openInbox } from "./inbox.ts";

const patience = { total: 600, longestTry: 300, firstPause: 50 };

onServerFirst((_kind, open) => {
  describe("telling alerts", function () {
    this.timeout(120_000);
    let database: Database;
    let inbox: Inbox;
    let answer: ((response: ServerResponse, count: number, path: string) => void) | undefined;
    let warnings: string[];
    before(async () => {
      database = await open();
    });
    beforeEach(async () => {
      await database.query("truncate connector.alerts, connector.runs, connector.rejections, connector.waiting");
      answer = undefined;
      warnings = [];
      inbox = await openInbox((response, ...rest) =>
        answer === undefined ? response.end("ok") : answer(response, ...rest),
      );
    });
    afterEach(() => inbox.close());

    const tell = (alerts: WrittenAlert[] = [{ url: inbox.url }], own = {}) => {
      const config = { alerts, company_url: "https://acme.pipedrive.com/v1" };
      const warn = (message: string) => void warnings.push(message);
      const request: AlertRequest = { database, config, signal: undefined, warn, patience };
      return tellAlerts(request, own);
    };
    const ran = (status: string, error: string | null = null, mode = "incremental") =>
      database.query(
        `insert into connector.runs (id, mode, status, error, started_at, finished_at)
         values (gen_random_uuid(), $1, $2, $3, clock_timestamp(), clock_timestamp())`,
        [mode, status, error],
      );
    const pass = (interval: string) =>
      database.query(
        `update connector.alerts set next_try_at = next_try_at - $1::interval, taken_until = taken_until - $1::interval`,
        [interval],
      );

    it("one message when runs begin to fail and one when they end well again, however many there are", async () => {
      await ran("succeeded");
      await tell();
      expect(inbox.told()).to.deep.equal([]);
      for (let run = 0; run < 3; run++) {
        await ran("failed", "the mark 4711");
        await tell();
      }
      expect(inbox.told()).to.deep.equal(["begin failed"]);
      for (let run = 0; run < 2; run++) {
        await ran(run === 0 ? "partial" : "succeeded");
        await tell();
      }
      expect(inbox.told()).to.deep.equal(["begin failed", "end failed"]);
      const [begin, end] = inbox.arrived;
      expect(begin!.body).to.include({ account: "acme.pipedrive.com", connector: "pipedrive-planhat", ended_at: null });
      expect(end!.headers["webhook-id"]).to.equal(begin!.headers["webhook-id"]!.toString().replace("begin", "end"));
      expect(inbox.arrived.map(({ text }) => text).join()).not.to.contain("4711");
      await ran("failed");
      await tell();
      expect(inbox.arrived[2]!.headers["webhook-id"]).not.to.equal(begin!.headers["webhook-id"]);
    });

    it("a run that was stopped, an undo, a company and one that is held are no failures", async () => {
      await ran("failed", "Stopped by SIGTERM. Committed work is kept; the next sync continues from there.");
      await ran("failed", "no such company", "company");
      await ran("failed", "no such run", "undo");
      await ran("held", "the brake");
      await tell();
      expect(inbox.told()).to.deep.equal([]);
    });

    it("what kept a sync from beginning ends with a run that ends well after it, not with an older one", async () => {
      await ran("succeeded");
      await tell(undefined, { failure: { kind: "surroundings" } });
      await tell();
      expect(inbox.told()).to.deep.equal(["begin failed"]);
      await ran("succeeded");
      await tell();
      expect(inbox.told()).to.deep.equal(["begin failed", "end failed"]);
    });

    it("several processes at once send one message", async () => {
      await ran("failed");
      await Promise.all(Array.from({ length: 5 }, () => tell()));
      expect(inbox.told()).to.deep.equal(["begin failed"]);
      await ran("succeeded");
      await Promise.all(Array.from({ length: 5 }, () => tell()));
      expect(inbox.told()).to.deep.equal(["begin failed", "end failed"]);
    });

    it("a process that dies over a message leaves it to the next, under the same id", async () => {
      await ran("failed");
      await tell();
      // As if it had died after the message and before its row.
      await database.query(
        "update connector.alerts set told = 'nothing', taken_until = clock_timestamp() + interval '90 seconds'",
      );
      await tell();
      expect(inbox.arrived).to.have.length(1);
      await pass("91 seconds");
      await tell();
      expect(inbox.told()).to.deep.equal(["begin failed", "begin failed"]);
      const ids = inbox.arrived.map(({ headers }) => headers["webhook-id"]);
      expect(ids[0]).to.equal(ids[1]);
    });

    it("a channel that is down is told once, keeps no other waiting, and hears of it when it is back", async () => {
      answer = (response, _count, path) =>
        path === "/down" ? response.writeHead(503).end("no mark") : response.end("ok");
      const down = inbox.url.replace(/\/hooks.*/, "/down");
      const alerts = [{ url: down }, { url: inbox.url }];
      const at = (path: string) => inbox.arrived.filter((one) => one.path === path).length;
      await ran("failed");
      await tell(alerts);
      expect(at("/down")).to.be.greaterThan(1);
      expect(warnings).to.have.length(1);
      expect(warnings[0]).to.match(
        /^The alert channel json \(127\.0\.0\.1:\d+\) did not take a message, which is tried again: it answered 503 no mark\.$/,
      );
      const tries = at("/down");
      await tell(alerts);
      expect(at("/down"), "before its time").to.equal(tries);
      await pass("61 seconds");
      await tell(alerts);
      expect(at("/down")).to.be.greaterThan(tries);
      expect(warnings).to.have.length(1);
      expect(
        await database.query("select distinct problem from connector.alerts where problem is not null"),
      ).to.deep.equal([{ problem: "answered 503 no mark" }]);
      // The condition is over before the channel is back: one message tells both.
      await ran("succeeded");
      answer = undefined;
      inbox.arrived.length = 0;
      await tell(alerts);
      const late = inbox.arrived.filter((one) => one.path === "/down");
      expect(late.map(({ body }) => body["type"])).to.deep.equal(["alert.end"]);
      expect(late[0]!.body.text).to.match(/^It was so from \S+Z to \S+Z: The sync fails\./);
      expect(await database.query("select distinct problem from connector.alerts")).to.deep.equal([{ problem: null }]);
    });

    it("what ends and begins again before the channel knows of the end is one", async () => {
      await ran("failed");
      await tell();
      answer = (response) => response.writeHead(500).end();
      await ran("succeeded");
      await tell();
      await ran("failed");
      answer = undefined;
      inbox.arrived.length = 0;
      await tell();
      expect(inbox.told()).to.deep.equal([]);
      await ran("succeeded");
      await tell();
      expect(inbox.told()).to.deep.equal(["end failed"]);
    });

    it("each channel hears of its own conditions, by its own limits", async () => {
      const alerts = (limit: number): WrittenAlert[] => [
        { url: inbox.url, on: [{ rejections: { count: limit } }] },
        { url: `${inbox.url}/2`, on: ["stale"] },
      ];
      await ran("partial");
      await database.query(
        `insert into connector.rejections (stream, record_id, stage, reason) select 'deals', n, 'mapping', 'x'
         from generate_series(1, 3) as n`,
      );
      await tell(alerts(4));
      expect(inbox.told()).to.deep.equal([]);
      await tell(alerts(3));
      expect(inbox.told()).to.deep.equal(["begin rejections"]);
      expect(inbox.arrived[0]!.body["details"]).to.deep.equal({ recent: 3, open: 3, records: 3, taken: 0 });
      await database.query("update connector.rejections set since = now() - interval '25 hours'");
      await database.query(
        "update connector.runs set started_at = started_at - interval '25 hours', finished_at = finished_at - interval '25 hours'",
      );
      await tell(alerts(3));
      expect(inbox.told()).to.deep.equal(["begin rejections", "end rejections", "begin stale"]);
      // Who is not told of a condition any more hears nothing of its end.
      await ran("succeeded");
      await tell([{ url: inbox.url }, { url: `${inbox.url}/2`, on: ["failed"] }]);
      expect(inbox.arrived).to.have.length(3);
    });

    it("what waits for a --yes is told by its kind and number, without its words, and so is its end", async () => {
      const wait = (kind: string, what: string, count: number) =>
        database.query(
          "insert into connector.waiting (kind, what, count, remedy) values ($1, $2, $3, 'say canary-remedy')",
          [kind, what, count],
        );
      await wait("brake", "of 400 rows of canary-model", 300);
      await wait("twins", "canary-twin", 1);
      await tell();
      expect(inbox.told()).to.deep.equal(["begin held"]);
      expect(inbox.arrived[0]!.body.text).to.match(/^300 rows that the brake stopped, 1 twin in Planhat\. `pipedrive/);
      expect(inbox.arrived[0]!.text).not.to.contain("canary");
      await database.query("truncate connector.waiting");
      await tell();
      expect(inbox.told()).to.deep.equal(["begin held", "end held"]);
    });

    it("what passed while nobody was told is one message", async () => {
      await tell([{ url: inbox.url, on: ["webhook"] }], { webhook: { is: "banned", mended: true } });
      await tell([{ url: inbox.url, on: ["webhook"] }], { webhook: { is: "well" } });
      expect(inbox.told()).to.deep.equal(["end webhook"]);
      expect(inbox.arrived[0]!.body.text).to.contain("It was switched off by Pipedrive after failed deliveries.");
    });
  });
});
