import { bundle } from "../build/bundle.ts";
import { packageRoot } from "../connector/package-root.ts";
import { serveAccount } from "./account-server.ts";
import { median } from "./measured-run.ts";
import { writeResults } from "./results.ts";
import { syncPlace } from "./sync-place.ts";
import { withoutChecks } from "./without-checks.ts";

/**
 * Measures the cost of a first sync's checks, on a server: with and without them (bench/without-checks.ts lists them),
 * by turns. Arguments: the deals (8,000) and the rounds (3). It compares processor time, which other programs disturb
 * less.
 */
const deals = Number(process.argv[2] ?? 8_000);
const times = Number(process.argv[3] ?? 3);
const without = `${packageRoot}.built-without-checks`;
await bundle(without, [withoutChecks]);
const account = await serveAccount(deals, false, "serve-account");
const costs: Record<"checked" | "unchecked", { seconds: number; cpuSeconds: number }[]> = {
  checked: [],
  unchecked: [],
};
try {
  for (let time = 0; time < times * 2; time++) {
    const sort = time % 2 === 0 ? "checked" : "unchecked";
    const bin = sort === "unchecked" ? `${without}/main.js` : undefined;
    const place = await syncPlace(account, "server", {}, bin);
    try {
      const { seconds, cpuSeconds } = await place.sync();
      costs[sort].push({ seconds, cpuSeconds });
    } finally {
      await place.remove();
    }
  }
} finally {
  account.stop();
}
const cpu = (sort: keyof typeof costs) => median(costs[sort].map(({ cpuSeconds }) => cpuSeconds));
writeResults(
  "safety",
  [
    {
      figure: `what a first sync of ${deals.toLocaleString("en-US")} deals costs more with its checks than without`,
      measured: (cpu("checked") / cpu("unchecked") - 1) * 100,
      unit: "%",
      asked: { most: 10 },
      cpuSeconds: cpu("checked"),
    },
  ],
  { deals, ...costs },
);
