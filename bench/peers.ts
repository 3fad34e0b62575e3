import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase } from "../connector/database/open/open-database.ts";
import { emptyLocation, removeLocation } from "../test/databases.ts";
import { serveAccount } from "./account-server.ts";
import { median, type ProcessCost } from "./measured-run.ts";
import { servePeers } from "./peer-api.ts";
import { countLosses, type Losses, readLanding, readTables } from "./peer-losses.ts";
import { type Figure, writeResults } from "./results.ts";
import { findSingerPeer, type PeerRun, runSingerPeer } from "./singer-peer.ts";
import { syncPlace } from "./sync-place.ts";

/**
 * Fetches the same account into the same Postgres by `sync`, and by tap-pipedrive into pipelinewise-target-postgres, in
 * turn: their rates, their cost, and what each lost or blanked. `sync` makes Planhat's rows as well; the peer only
 * copies. npm's registry has no other program for this. Arguments: the deals of the account, and the rounds.
 */
const deals = Number(process.argv[2] ?? 20_000);
const rounds = Number(process.argv[3] ?? 3);

const name = "tap-pipedrive | target-postgres";
const scratch = mkdtempSync(join(tmpdir(), "pipedrive-planhat-peers-"));
const account = await serveAccount(deals);
const api = await servePeers(account);
try {
  const peer = findSingerPeer(process.env["BENCH_PEERS"], scratch);
  const own: ProcessCost[] = [];
  const theirs: PeerRun[] = [];
  let lost: { own: Losses; theirs?: Losses } | undefined;
  for (let round = 0; round < rounds; round++) {
    const place = await syncPlace(account, "server");
    try {
      const { seconds, cpuSeconds, peakMegabytes } = await place.sync();
      own.push({ seconds, cpuSeconds, peakMegabytes });
      if (round === 0) lost = { own: await lossesIn(place.location, "own") };
    } finally {
      await place.remove();
    }
    if ("absent" in peer) continue;
    const location = await emptyLocation("server");
    try {
      theirs.push(await runSingerPeer(peer, { api: api.url, token: account.token, location, scratch }));
      if (round === 0) lost = { ...lost!, theirs: await lossesIn(location, "peer") };
    } finally {
      await removeLocation(location);
    }
  }
  writeResults("peers", figuresOf(), { peer: "absent" in peer ? peer.absent : name, own, theirs, lost });

  function figuresOf(): Figure[] {
    const size = `${deals.toLocaleString("en-US")} deals`;
    const figures: Figure[] = [
      { figure: `${size} by sync`, measured: middle(own, "seconds"), unit: "s", ...costOf(own) },
      ...lossFigures("sync", lost!.own, 0),
    ];
    if ("absent" in peer) return [...figures, { figure: `${name}: ${peer.absent}`, measured: 0, unit: "runs" }];
    const failure = theirs.find((run) => run.failure !== undefined)?.failure;
    if (failure !== undefined) return [...figures, { figure: `${name} failed: ${failure}`, measured: 0, unit: "runs" }];
    return [
      ...figures,
      { figure: `${size} by ${name}`, measured: middle(theirs, "seconds"), unit: "s", ...costOf(theirs) },
      {
        figure: "- how many times as fast sync is",
        measured: middle(theirs, "seconds") / middle(own, "seconds"),
        unit: "times",
        asked: { least: 10 },
      },
      {
        figure: "- the same by processor time",
        measured: middle(theirs, "cpuSeconds") / middle(own, "cpuSeconds"),
        unit: "times",
      },
      {
        figure: "- the memory of sync beside it",
        measured: most(own) / most(theirs),
        unit: "of it",
        asked: { most: 0.2 },
      },
      ...lossFigures(name, lost!.theirs!, undefined),
    ];
  }
} finally {
  await api.close();
  account.stop();
  rmSync(scratch, { recursive: true, force: true });
}

async function lossesIn(location: string, whose: "own" | "peer"): Promise<Losses> {
  const database = await openDatabase(location);
  try {
    return await countLosses(account, whose === "own" ? readLanding(database) : readTables(database, "peer"));
  } finally {
    await database.close();
  }
}

/** Returns what was lost as lines of the table; `asked` is the most that may be. */
function lossFigures(of: string, losses: Losses, asked: number | undefined): Figure[] {
  const { records, lost, values, blanked, empties, nulled } = losses;
  const limit = asked === undefined ? {} : { asked: { most: asked } };
  const count = (number: number) => number.toLocaleString("en-US");
  return [
    { figure: `- ${of}: records lost of ${count(records)}`, measured: lost, unit: "records", ...limit },
    { figure: `- ${of}: values blanked of ${count(values)}`, measured: blanked, unit: "values", ...limit },
    { figure: `- ${of}: empty texts made null of ${count(empties)}`, measured: nulled, unit: "texts", ...limit },
  ];
}

function middle<Key extends "seconds" | "cpuSeconds">(runs: readonly Pick<ProcessCost, Key>[], key: Key): number {
  return median(runs.map((run) => run[key]));
}

function most(runs: readonly ProcessCost[]): number {
  return Math.max(...runs.map(({ peakMegabytes }) => peakMegabytes));
}

function costOf(runs: readonly ProcessCost[]): Pick<Figure, "cpuSeconds" | "megabytes"> {
  return { cpuSeconds: middle(runs, "cpuSeconds"), megabytes: most(runs) };
}
