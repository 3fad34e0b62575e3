import { setTimeout as sleep } from "node:timers/promises";
import { table } from "../connector/commands/terminal/table.ts";
import { inventAccount } from "../connector/sandbox/account/account.ts";
import type { Entry } from "../connector/sandbox/store/entry.ts";
import { freePort, startServe, unsubscribe, webhookConfig } from "../test/running-service.ts";
import { sandboxSync } from "../test/sandbox-sync.ts";
import { type Figure, writeResults } from "./results.ts";
import {
  type AccountShape,
  type Day,
  largestAccount,
  smallestBudget,
  syncAgainTokens,
  syncTokens,
  tokensPerDay,
} from "./token-model.ts";

/**
 * Measures the cost of syncing in API tokens a day, the limit that binds: by the model for accounts of 10³ to 10⁶
 * deals, and counted by the sandbox for a quarter of a day of a small one. Argument: the part of the records that
 * changes within a day.
 */
const changeRate = Number(process.argv[2] ?? 0.01);
const day: Day = { changeRate, runs: 96, eligible: 0.4, hours: 10 };

/** Returns the proportions of the invented account: a fifth as many organizations as deals, and so on. */
function shapeOf(deals: number): AccountShape {
  return {
    deals: Math.round(deals * 0.95),
    archivedDeals: Math.round(deals * 0.05),
    organizations: Math.round(deals / 5),
    persons: Math.round((deals * 2) / 5),
    notes: Math.round((deals * 3) / 5),
  };
}

const sizes = [1_000, 10_000, 100_000, 500_000, 1_000_000];
const modelled = sizes.map((deals) => ({
  deals,
  firstSync: syncTokens(shapeOf(deals)),
  ...tokensPerDay(shapeOf(deals), day),
}));
const heads = [
  "deals",
  "first sync",
  "schedule",
  "with lean copies",
  "serve",
  "both",
  "request per deal",
  "full refreshes",
];
const shown = (tokens: number) => Math.round(tokens).toLocaleString("en-US");
process.stdout.write(
  `API tokens, ${changeRate * 100} % of the records changed a day, a sync every 15 minutes:\n${table([
    heads,
    ...modelled.map((one) =>
      [
        ...[one.deals, one.firstSync, one.schedule, one.scheduleLean, one.serve, one.both],
        ...[one.requestPerDeal, one.fullRefreshes],
      ].map(shown),
    ),
  ]).join("\n")}\n\n`,
);
const largest = (costOf: (account: AccountShape) => number) => largestAccount(smallestBudget, shapeOf, costOf);
const fits = {
  firstSyncInOneDay: largest(syncTokens),
  schedule: largest((account) => tokensPerDay(account, day).schedule),
  serve: largest((account) => tokensPerDay(account, day).serve),
  both: largest((account) => tokensPerDay(account, day).both),
  requestPerDeal: largest((account) => tokensPerDay(account, day).requestPerDeal),
  fullRefreshes: largest((account) => tokensPerDay(account, day).fullRefreshes),
};
const scheduled = await countSchedule(24);
const events = await countEvents(10);
const unit = "deals";
const figures: Figure[] = [
  {
    figure: `24 scheduled syncs of ${scheduled.deals} deals, counted by the sandbox beside the model`,
    measured: scheduled.counted / scheduled.modelled,
    unit: "of the model",
    asked: { most: 1.01 },
    tokens: scheduled.counted,
  },
  {
    figure: `${events.events} single events of serve, counted beside the model`,
    measured: events.counted / events.modelled,
    unit: "of the model",
    asked: { most: 1.01 },
    tokens: events.counted,
  },
  { figure: "largest account of Lite, one seat: its first sync within a day", measured: fits.firstSyncInOneDay, unit },
  { figure: "- a sync every 15 minutes", measured: fits.schedule, unit },
  { figure: "- serve with a webhook", measured: fits.serve, unit },
  { figure: "- both", measured: fits.both, unit },
  { figure: "- peer: a request per changed deal", measured: fits.requestPerDeal, unit },
  { figure: "- peer: full refreshes every 15 minutes", measured: fits.fullRefreshes, unit },
];
writeResults("tokens", figures, { day, budget: smallestBudget, modelled, fits, scheduled, events });
process.exit(0);

/** Counts scheduled syncs, a quarter of an hour of the sandbox's time and a few changes apart. */
async function countSchedule(runs: number) {
  const account = inventAccount({ organizations: 400, persons: 800, deals: 2000, notes: 1200 });
  let minutes = 0;
  const clock = () => new Date(account.now.getTime() + minutes * 60_000);
  const setting = await sandboxSync("server", { account, burstLimit: 1e6, dailyTokens: 1e9, clock });
  try {
    await setting.sync();
    const { store, requests } = setting.sandbox;
    const deals = store.find("deals", isOpenToEdits).map(({ id }) => id as number);
    requests.reset();
    let expected = 0;
    for (let run = 0; run < runs; run++) {
      minutes += 15;
      const changed = run % 4;
      for (const id of deals.slice(run * 4, run * 4 + changed)) store.update("deals", id, { value: 1000 + run });
      const isHourly = run % 4 === 0;
      if (isHourly) await setting.hourPasses();
      await setting.sync();
      const changes = { deals: changed, archivedDeals: 0, organizations: 0, persons: 0, notes: 0 };
      expected += isHourly ? syncTokens(changes) : syncAgainTokens(changes);
    }
    return { deals: 2000, runs, counted: requests.tokens, modelled: expected };
  } finally {
    await setting.close();
  }
}

/** Counts events, each of a deal that may sync and each alone: the model's quiet day. */
async function countEvents(events: number) {
  const setting = await sandboxSync("server", { burstLimit: 1e6, dailyTokens: 1e9, deals: 200 });
  try {
    const port = await freePort();
    setting.configure(webhookConfig(port));
    await setting.sync();
    const service = await startServe(setting, port, ["--log-format", "json"]);
    const { store, requests } = setting.sandbox;
    const won = store.find(
      "deals",
      (deal) => isOpenToEdits(deal) && deal.status === "won" && deal.organization !== null,
    );
    const change = async (index: number) => {
      store.update("deals", won[index % won.length]!["id"] as number, { value: 5000 + index });
      await sleep(500);
      await service.settled();
      await sleep(2_000);
    };
    // The first may read the account's fields.
    await change(0);
    requests.reset();
    for (let index = 1; index <= events; index++) await change(index);
    const counted = requests.tokens;
    await unsubscribe(setting);
    await service.end();
    const none: AccountShape = { deals: 0, archivedDeals: 0, organizations: 0, persons: 0, notes: 0 };
    const cost = (deals: number) =>
      tokensPerDay({ ...none, deals }, { ...day, changeRate: 1, eligible: 1, hours: 1e6 }).serve;
    return { events, counted, modelled: cost(events) - cost(0) };
  } finally {
    await setting.close();
  }
}

function isOpenToEdits({ deleted, archived }: Entry): boolean {
  return !deleted && !archived;
}
