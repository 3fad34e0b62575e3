import pg from "pg";
import type { DatabaseKind } from "../test/databases.ts";
import { type AccountServer, serveAccount } from "./account-server.ts";
import { type MeasuredRun, median } from "./measured-run.ts";
import { serverProcessorTime } from "./processor-time.ts";
import { type Figure, writeResults } from "./results.ts";
import { type SyncPlace, syncPlace } from "./sync-place.ts";

/**
 * Measures a sync of a thousand changed deals in a small account and in a large one: its time must depend on the
 * changes, not on the account's size. Arguments: the two sizes (`8000,500000`), the database, the number of deals that
 * change, and the rounds. The changed deals are won ones of as many organizations, in both accounts, so that the
 * records around them are as many. The accounts take turns, so that other work on the machine affects both.
 */
const [small, large] = (process.argv[2] ?? "8000,80000").split(",").map(Number) as [number, number];
const kind = (process.argv[3] ?? "server") as DatabaseKind;
const changed = Number(process.argv[4] ?? 1000);
const rounds = Number(process.argv[5] ?? 5);

/** One sync of changed deals. */
interface Round {
  seconds: number;
  /** Of the connector and, if visible, of the Postgres server. */
  cpuSeconds: number;
  serverCpuSeconds: number | undefined;
  megabytes: number;
  requests: number;
  tokens: number;
  read: number;
  rows: { created: number; updated: number; unchanged: number };
}

/** A synced account of one size, and the results of its rounds. */
interface Subject {
  deals: number;
  account: AccountServer;
  place: SyncPlace;
  /** The sync right after the first one. */
  atOnce: Round | undefined;
  rounds: Round[];
  /** Syncs after which nothing changed. */
  nothingNew: MeasuredRun[];
}

const subjects: Subject[] = [];
try {
  for (const deals of [small, large]) {
    const account = await serveAccount(deals);
    const place = await syncPlace(account, kind);
    const subject: Subject = { deals, account, place, atOnce: undefined, rounds: [], nothingNew: [] };
    subjects.push(subject);
    await place.sync();
    subject.atOnce = await sync(subject);
  }
  for (const { place } of subjects) if (kind === "server") await vacuum(place.location);
  for (let round = 0; round < rounds; round++) {
    for (const subject of subjects) {
      subject.rounds.push(await sync(subject));
      subject.nothingNew.push(await subject.place.sync());
    }
  }
  write(subjects[0]!, subjects[1]!);
} finally {
  for (const { account, place } of subjects) {
    await place.remove();
    account.stop();
  }
}

/** Changes deals and syncs. Throws if the account has too few of them. */
async function sync({ account, place }: Subject): Promise<Round> {
  const answer = await fetch(`${account.url}/sandbox/change-deals?count=${changed}`, { method: "POST" });
  const found = (await answer.json()) as { changed: number };
  if (found.changed !== changed) throw new Error(`Only ${found.changed} deals could be changed.`);
  const before = await serverTime(place);
  const { seconds, cpuSeconds, peakMegabytes, summary } = await place.sync();
  const after = await serverTime(place);
  const rows = { created: 0, updated: 0, unchanged: 0 };
  for (const model of Object.values(summary.models)) {
    rows.created += model.created;
    rows.updated += model.updated;
    rows.unchanged += model.unchanged;
  }
  return {
    seconds,
    cpuSeconds,
    serverCpuSeconds: before === undefined || after === undefined ? undefined : after - before,
    megabytes: peakMegabytes,
    requests: summary.requests.count,
    tokens: summary.requests.tokens,
    read: summary.streams.deals.read,
    rows,
  };
}

async function serverTime({ location }: SyncPlace): Promise<number | undefined> {
  return kind === "server" ? serverProcessorTime(location) : undefined;
}

/** Runs autovacuum's work of the minutes after a large load now, so that it does not fall into some of the rounds. */
async function vacuum(location: string): Promise<void> {
  const client = new pg.Client({ connectionString: location });
  await client.connect();
  await client.query("vacuum (analyze)");
  await client.end();
}

function write(one: Subject, other: Subject): void {
  const times = (of: (subject: Subject) => number) => of(other) / of(one);
  const requests = other.rounds.at(-1)!.requests;
  const figures: Figure[] = [
    line(one),
    line(other),
    {
      figure: "- time in the large account beside the small",
      measured: times(({ rounds }) => median(rounds.map(({ seconds }) => seconds))),
      unit: "times",
      asked: { most: 1.2 },
    },
    {
      figure: "- the same by processor time, connector and database",
      measured: times(({ rounds }) => median(rounds.map(processorTime))),
      unit: "times",
      asked: { most: 1.2 },
    },
    {
      figure: "- the same, by the clock, at once after the first sync (one round)",
      measured: times(({ atOnce }) => atOnce!.seconds),
      unit: "times",
    },
    { figure: "- requests in the large account", measured: requests, unit: "requests", asked: { most: 20 } },
    {
      figure: `nothing changed of ${shown(other.deals)}`,
      measured: median(other.nothingNew.map(({ cpuSeconds }) => cpuSeconds)),
      unit: "s of CPU",
      ...(kind === "server" ? { asked: { most: 1 } } : {}),
    },
  ];
  const details = [one, other].map(({ deals, atOnce, rounds: all, nothingNew }) => ({
    deals,
    changed,
    read: all[0]!.read,
    seconds: all.map(({ seconds }) => seconds),
    nothingNew: { seconds: median(nothingNew.map(({ seconds }) => seconds)) },
    atOnce,
    rounds: all,
  }));
  writeResults(kind === "server" ? "incremental" : `incremental-${kind}`, figures, {
    small: details[0],
    large: details[1],
  });
}

function line({ deals, rounds: all }: Subject): Figure {
  const { megabytes, requests, tokens } = all.at(-1)!;
  return {
    figure: `sync of ${shown(changed)} changed deals of ${shown(deals)}${kind === "server" ? "" : `, ${kind}`}`,
    measured: median(all.map(({ seconds }) => seconds)),
    unit: "s",
    cpuSeconds: median(all.map(processorTime)),
    megabytes,
    requests,
    tokens,
  };
}

function processorTime({ cpuSeconds, serverCpuSeconds = 0 }: Round): number {
  return cpuSeconds + serverCpuSeconds;
}

function shown(number: number): string {
  return number.toLocaleString("en-US");
}
