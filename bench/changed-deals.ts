import type { AccountServer } from "./account-server.ts";
import { median } from "./measured-run.ts";
import { serverProcessorTime } from "./processor-time.ts";
import { type Figure, writeResults } from "./results.ts";
import type { SyncPlace } from "./sync-place.ts";

/** What syncs of changed deals came to in an account of one size. */
export interface Changes {
  deals: number;
  /** How many deals change before each sync, each of another organization. */
  changed: number;
  /** One for each round. */
  seconds: number[];
  cpuSeconds: number[];
  /** Processor time of the Postgres server meanwhile; empty where it cannot be seen. */
  serverCpuSeconds: number[];
  /** Of the last round. */
  read: number;
  rows: { created: number; updated: number; unchanged: number };
  requests: number;
  tokens: number;
  peakMegabytes: number;
  nothingNew: { cpuSeconds: number; seconds: number; requests: number };
}

/**
 * Changes so many won deals of an account that was synced into this place, and syncs, so many times. Throws where the
 * account has too few of them.
 */
export async function measureChanges(
  account: AccountServer,
  place: SyncPlace,
  { deals, changed, rounds }: { deals: number; changed: number; rounds: number },
): Promise<Changes> {
  const nothingNew = await place.sync();
  let last = nothingNew;
  const seconds: number[] = [];
  const cpuSeconds: number[] = [];
  const serverCpuSeconds: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const answer = await fetch(`${account.url}/sandbox/change-deals?count=${changed}`, { method: "POST" });
    const found = (await answer.json()) as { changed: number };
    if (found.changed !== changed) throw new Error(`Only ${found.changed} deals could be changed.`);
    const before = await serverProcessorTime(place.location);
    last = await place.sync();
    const after = await serverProcessorTime(place.location);
    seconds.push(last.seconds);
    cpuSeconds.push(last.cpuSeconds);
    if (before !== undefined && after !== undefined) serverCpuSeconds.push(after - before);
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
    changed,
    seconds,
    cpuSeconds,
    serverCpuSeconds,
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
}

/** Writes bench/results/incremental.json: the same changes in a small account and in a large one. */
export function writeIncremental(small: Changes, large: Changes): void {
  const line = (of: Changes): Figure => ({
    figure: `sync of ${shown(of.changed)} changed deals of ${shown(of.deals)}`,
    measured: median(of.seconds),
    unit: "s",
    cpuSeconds: processorTime(of),
    megabytes: of.peakMegabytes,
    requests: of.requests,
    tokens: of.tokens,
  });
  const times = median(large.seconds) / median(small.seconds);
  writeResults(
    "incremental",
    [
      line(small),
      line(large),
      { figure: "- time in the large account beside the small", measured: times, unit: "times", asked: { most: 1.2 } },
      {
        figure: "- the same by processor time, connector and server",
        measured: processorTime(large) / processorTime(small),
        unit: "times",
      },
      { figure: "- requests in the large account", measured: large.requests, unit: "requests", asked: { most: 20 } },
      {
        figure: `nothing changed of ${shown(large.deals)}`,
        measured: large.nothingNew.cpuSeconds,
        unit: "s of CPU",
        asked: { most: 1 },
        requests: large.nothingNew.requests,
      },
    ],
    { small, large },
  );
}

/** Of connector and server together, the middle one of the rounds. */
function processorTime({ cpuSeconds, serverCpuSeconds }: Changes): number {
  return median(cpuSeconds.map((own, round) => own + (serverCpuSeconds[round] ?? 0)));
}

function shown(number: number): string {
  return number.toLocaleString("en-US");
}
