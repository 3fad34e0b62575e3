import { expect } from "chai";
import { judge, type OwnFacts } from "../../connector/alerts/judge.ts";
import type { AlertCondition, AlertLimits } from "../../connector/config/alert-channels.ts";
import type { AlertFacts } from "../../connector/database/alerts/facts.ts";

const quiet: AlertFacts = {
  now: "2026-06-02T12:00:00Z",
  lastSync: { id: "r1", status: "succeeded", startedAt: "2026-06-02T11:00:00Z", finishedAt: "2026-06-02T11:01:00Z" },
  lastSuccess: "2026-06-02T11:01:00Z",
  firstRun: "2026-01-01T00:00:00Z",
  waiting: {},
  rejections: { open: 0, recent: 0, records: 0 },
  taken: 100,
  conflicts: 0,
  tokens: 100,
  lastFull: { id: "r0", deals: 10, records: 100, dealsBefore: true },
};
const limits: AlertLimits = {
  rejections: { count: 1 },
  stale: { after: 86_400_000 },
  conflicts: { count: 1 },
  budget: { share: 0.8 },
};

interface Case {
  title: string;
  facts?: Partial<AlertFacts>;
  own?: OwnFacts;
  limits?: Partial<AlertLimits>;
  since?: string;
  is: "on" | "off" | "passed" | "unknown";
}

const failed = { ...quiet.lastSync!, status: "failed" as const };
const partial = { ...quiet.lastSync!, status: "partial" as const };
const recent = (count: number, records = count, open = count) => ({ rejections: { open, recent: count, records } });

const cases: Record<AlertCondition, Case[]> = {
  failed: [
    { title: "the last sync ended well", is: "off" },
    { title: "the last sync was partial", facts: { lastSync: partial }, is: "off" },
    { title: "the last sync failed", facts: { lastSync: failed }, is: "on" },
    { title: "nothing ever ran", facts: { lastSync: null }, is: "unknown" },
    { title: "none could begin", own: { failure: { kind: "surroundings" } }, is: "on" },
    { title: "none could begin, and none has since", since: "2026-06-02T11:30:00Z", is: "unknown" },
    { title: "one ended well since, within the same second", since: "2026-06-02T11:00:59.5Z", is: "off" },
    {
      title: "none could begin the very first time",
      facts: { lastSync: null },
      own: { failure: { kind: "usage" } },
      is: "on",
    },
  ],
  held: [
    { title: "nothing waits", is: "off" },
    { title: "rows wait for the brake", facts: { waiting: { brake: 300 } }, is: "on" },
    { title: "a consent waits", facts: { waiting: { publication: 2 } }, is: "on" },
  ],
  rejections: [
    { title: "old ones alone", facts: recent(0, 0, 50), is: "off" },
    { title: "a new one", facts: recent(1), is: "on" },
    { title: "fewer than the count", facts: recent(9), limits: { rejections: { count: 10 } }, is: "off" },
    { title: "as many as the count", facts: recent(10), limits: { rejections: { count: 10 } }, is: "on" },
    { title: "less than the share", facts: recent(9, 4), limits: { rejections: { share: 0.05 } }, is: "off" },
    { title: "the share of the records", facts: recent(5), limits: { rejections: { share: 0.05 } }, is: "on" },
    {
      title: "the share and not the count",
      facts: recent(5),
      limits: { rejections: { share: 0.05, count: 6 } },
      is: "off",
    },
    {
      title: "a share of nothing",
      facts: { ...recent(5), taken: 0 },
      limits: { rejections: { share: 0.05 } },
      is: "off",
    },
  ],
  stale: [
    { title: "an hour ago", is: "off" },
    { title: "exactly as long ago", facts: { lastSuccess: "2026-06-01T12:00:00Z" }, is: "on" },
    { title: "a second less", facts: { lastSuccess: "2026-06-01T12:00:01Z" }, is: "off" },
    { title: "never, since the first run", facts: { lastSuccess: null }, is: "on" },
    { title: "never, and none has begun", facts: { lastSuccess: null, firstRun: null }, is: "off" },
    { title: "within a shorter time", limits: { stale: { after: 1_800_000 } }, is: "on" },
  ],
  conflicts: [
    { title: "none", is: "off" },
    { title: "one", facts: { conflicts: 1 }, is: "on" },
    { title: "fewer than the count", facts: { conflicts: 4 }, limits: { conflicts: { count: 5 } }, is: "off" },
  ],
  budget: [
    { title: "little is used", own: { dailyTokens: 1000 }, is: "off" },
    { title: "the share is used", facts: { tokens: 800 }, own: { dailyTokens: 1000 }, is: "on" },
    { title: "by what Pipedrive leaves", facts: { tokens: 800 }, own: { tokensLeft: 100 }, is: "on" },
    { title: "the config's limit goes before that", own: { dailyTokens: 1000, tokensLeft: 1 }, is: "off" },
    { title: "no limit is known", facts: { tokens: 1e6 }, is: "unknown" },
    { title: "no limit is known on the next day", since: "2026-06-01T23:00:00Z", is: "off" },
  ],
  nothing_read: [
    { title: "it read records", is: "off" },
    { title: "it read nothing", facts: { lastFull: { id: "r", deals: 0, records: 0, dealsBefore: false } }, is: "on" },
    { title: "no deals any more", facts: { lastFull: { id: "r", deals: 0, records: 9, dealsBefore: true } }, is: "on" },
    {
      title: "there never were any",
      facts: { lastFull: { id: "r", deals: 0, records: 9, dealsBefore: false } },
      is: "off",
    },
    { title: "no Fetch All yet", facts: { lastFull: null }, is: "unknown" },
  ],
  webhook: [
    { title: "nobody looked", is: "unknown" },
    { title: "it is there", own: { webhook: { is: "well" } }, is: "off" },
    { title: "it was banned and made anew", own: { webhook: { is: "banned", mended: true } }, is: "passed" },
    { title: "it was gone and made anew", own: { webhook: { is: "missing", mended: true } }, is: "passed" },
    { title: "it cannot be made", own: { webhook: { is: "refused", mended: false } }, is: "on" },
  ],
};

describe("a condition of alerts", () => {
  for (const [condition, all] of Object.entries(cases) as [AlertCondition, Case[]][]) {
    it(`${condition}: ${all.length} cases`, () => {
      for (const { title, facts, own = {}, limits: other, since, is } of all) {
        const judged = { facts: { ...quiet, ...facts }, own, limits: { ...limits, ...other }, since };
        expect(judge(condition, judged).is, title).to.equal(is);
      }
    });
  }
});
