import { randomUUID } from "node:crypto";
import pg from "pg";
import type { DatabaseKind } from "../test/databases.ts";
import { type AccountServer, serveAccount } from "./account-server.ts";
import type { MeasuredRun } from "./measured-run.ts";
import { serverProcessorTime } from "./processor-time.ts";
import { type Figure, writeResults } from "./results.ts";
import { type SyncPlace, syncPlace } from "./sync-place.ts";

/**
 * Measures the cost of keeping every change: first syncs, and syncs of a thousand changed deals, with the changes kept
 * and with `history: {keep_days: 0}`, in turns. It also measures `history` of one record with many changes kept.
 * Arguments: the deals, the rounds and the changes (`20000 3 1000000`).
 */
const deals = Number(process.argv[2] ?? 20_000);
const rounds = Number(process.argv[3] ?? 3);
const changes = Number(process.argv[4] ?? 1_000_000);
const changed = 1000;
const kind: DatabaseKind = "server";

/** One setting, and the cost of its runs. */
interface Way {
  keepDays: number;
  first: Cost[];
  later: Cost[];
}

interface Cost {
  seconds: number;
  /** Of the connector and the server. */
  cpuSeconds: number;
}

const kept: Way = { keepDays: 90, first: [], later: [] };
const without: Way = { keepDays: 0, first: [], later: [] };
const account = await serveAccount(deals);
const places: SyncPlace[] = [];
try {
  for (let round = 0; round < rounds; round++) {
    // In turns, and in the other order each time; the last one keeps the changes that `history` reads.
    for (const way of (rounds - round) % 2 === 0 ? [kept, without] : [without, kept]) {
      const place = await syncPlace(account, kind, { history: { keep_days: way.keepDays } });
      places.push(place);
      way.first.push(await timed(place));
      for (let again = 0; again < 2; again++) {
        await change(account);
        way.later.push(await timed(place));
      }
      if (way === kept && round === rounds - 1) write(await storyOf(place));
      await places.pop()!.remove();
    }
  }
} finally {
  for (const place of places) await place.remove();
  account.stop();
}

async function timed(place: SyncPlace): Promise<Cost> {
  const before = (await serverProcessorTime(place.location)) ?? 0;
  const { seconds, cpuSeconds } = await place.sync();
  return { seconds, cpuSeconds: cpuSeconds + ((await serverProcessorTime(place.location)) ?? 0) - before };
}

async function change({ url }: AccountServer): Promise<void> {
  const answer = await fetch(`${url}/sandbox/change-deals?count=${changed}`, { method: "POST" });
  const found = (await answer.json()) as { changed: number };
  if (found.changed !== changed) throw new Error(`Only ${found.changed} deals could be changed.`);
}

/** The cost of `history` among many changes: the statement alone, and the whole command. */
interface Story {
  milliseconds: number;
  plan: string;
  command: MeasuredRun;
}

/** Fills the table by SQL, like hundreds of runs over months, and queries one record. */
async function storyOf(place: SyncPlace): Promise<Story> {
  const client = new pg.Client({ connectionString: place.location });
  await client.connect();
  try {
    await client.query(
      `insert into connector.changes (run_id, at, action, model, source_id, row_id, before, after, because)
       select $1, now() - (n % 80) * interval '1 day', 'update',
              (array['company', 'enduser', 'note', 'license'])[1 + n % 4], (n % 400000)::text, n % 400000,
              '{"name": "before"}', '{"name": "after"}', '{"deals": [1]}'
       from generate_series(1, $2::bigint) as n`,
      [randomUUID(), changes],
    );
    await client.query("vacuum (analyze) connector.changes");
    const { rows } = await client.query<{ id: string }>(
      "select source_id as id from planhat.companies limit 1 offset 5",
    );
    const id = rows[0]!.id;
    const run = () => place.run("history", "company", id, "--json");
    await run();
    const command = await run();
    const statement = `select * from connector.changes where model = 'company' and source_id = '${id}' order by id`;
    const explained = await client.query<{ "QUERY PLAN": string }>(`explain (analyze, timing off) ${statement}`);
    const lines = explained.rows.map((row) => row["QUERY PLAN"]);
    const milliseconds = Number(/Execution Time: ([\d.]+)/.exec(lines.join("\n"))![1]);
    return { milliseconds, plan: lines.join("\n"), command };
  } finally {
    await client.end();
  }
}

function write({ milliseconds, plan, command }: Story): void {
  // Of pairs that ran one after the other: the machine's speed drifts more than what is measured.
  const ratio = (runs: "first" | "later", cost: keyof Cost) =>
    middle(without[runs].map((one, index) => one[cost] / kept[runs][index]![cost]));
  const figures: Figure[] = [
    {
      figure: `first sync of ${deals} deals with changes kept, by rate`,
      measured: ratio("first", "seconds"),
      unit: "of that without",
      asked: { least: 0.97 },
    },
    {
      figure: "- the same by processor time, connector and database",
      measured: ratio("first", "cpuSeconds"),
      unit: "of that without",
    },
    {
      figure: `sync of ${changed} changed deals with changes kept, by rate`,
      measured: ratio("later", "seconds"),
      unit: "of that without",
      asked: { least: 0.9 },
    },
    {
      figure: "- the same by processor time, connector and database",
      measured: ratio("later", "cpuSeconds"),
      unit: "of that without",
    },
    { figure: `history of a record, ${changes} changes`, measured: milliseconds, unit: "ms", asked: { most: 50 } },
    { figure: "- the whole command", measured: command.seconds * 1000, unit: "ms" },
  ];
  writeResults("changes", figures, { deals, changes, kept, without, plan });
}

/** Returns the median; of an even number of figures the mean of the middle two. */
function middle(numbers: readonly number[]): number {
  const ordered = [...numbers].sort((one, other) => one - other);
  const half = ordered.length / 2;
  return (ordered[Math.floor(half - 0.5)]! + ordered[Math.floor(half)]!) / 2;
}
