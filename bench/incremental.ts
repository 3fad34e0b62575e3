import { type AccountServer, serveAccount } from "./account-server.ts";
import { median } from "./measured-run.ts";
import { type Figure, writeResults } from "./results.ts";
import { syncPlace } from "./sync-place.ts";

/**
 * What a sync of a thousand changed deals takes in a small account and in a large one: it must depend on what changed,
 * not on how much there is. Takes the two sizes (`8000,500000`), how many deals change, and the rounds. The changed deals
 * are won ones of as many organizations, in both accounts, so that what belongs to them is as much.
 */
const [small, large] = (process.argv[2] ?? "8000,80000").split(",").map(Number) as [number, number];
const changed = Number(process.argv[3] ?? 1000);
const rounds = Number(process.argv[4] ?? 3);

interface Changes {
  deals: number;
  seconds: number[];
  cpuSeconds: number[];
  /** Of the last round. */
  read: number;
  rows: { created: number; updated: number; unchanged: number };
  requests: number;
  tokens: number;
  peakMegabytes: number;
  nothingNew: { cpuSeconds: number; seconds: number; requests: number };
}

const ofSmall = await measure(small);
const ofLarge = await measure(large);
const name = (deals: number) => `${changed.toLocaleString("en-US")} changed deals of ${deals.toLocaleString("en-US")}`;
const line = (of: Changes): Figure => ({
  figure: `sync of ${name(of.deals)}`,
  measured: median(of.seconds),
  unit: "s",
  cpuSeconds: median(of.cpuSeconds),
  megabytes: of.peakMegabytes,
  requests: of.requests,
  tokens: of.tokens,
});
const ratio = median(ofLarge.seconds) / median(ofSmall.seconds);
writeResults(
  "incremental",
  [
    line(ofSmall),
    line(ofLarge),
    { figure: "- time in the large account beside the small", measured: ratio, unit: "times", asked: { most: 1.2 } },
    { figure: "- requests in the large account", measured: ofLarge.requests, unit: "requests", asked: { most: 20 } },
    {
      figure: `nothing changed of ${large.toLocaleString("en-US")}`,
      measured: ofLarge.nothingNew.cpuSeconds,
      unit: "s of CPU",
      asked: { most: 1 },
      requests: ofLarge.nothingNew.requests,
    },
  ],
  { rounds, small: ofSmall, large: ofLarge },
);

async function measure(deals: number): Promise<Changes> {
  const account = await serveAccount(deals);
  const place = await syncPlace(account, "server");
  try {
    await place.sync();
    const seconds: number[] = [];
    const cpuSeconds: number[] = [];
    let last = await place.sync();
    const nothingNew = last;
    for (let round = 0; round < rounds; round++) {
      await change(account);
      last = await place.sync();
      seconds.push(last.seconds);
      cpuSeconds.push(last.cpuSeconds);
    }
    const { summary } = last;
    const rows = { created: 0, updated: 0, unchanged: 0 };
    for (const model of Object.values(summary.models)) {
      rows.created += model.created;
      rows.updated += model.updated;
      rows.unchanged += model.unchanged;
    }
    return {
      deals,
      seconds,
      cpuSeconds,
      read: summary.streams.deals.read,
      rows,
      requests: summary.requests.count,
      tokens: summary.requests.tokens,
      peakMegabytes: last.peakMegabytes,
      nothingNew: {
        cpuSeconds: nothingNew.cpuSeconds,
        seconds: nothingNew.seconds,
        requests: nothingNew.summary.requests.count,
      },
    };
  } finally {
    await place.remove();
    account.stop();
  }
}

async function change(account: AccountServer): Promise<void> {
  const answer = await fetch(`${account.url}/sandbox/change-deals?count=${changed}`, { method: "POST" });
  const found = (await answer.json()) as { changed: number };
  if (found.changed !== changed) throw new Error(`Only ${found.changed} deals could be changed.`);
}
