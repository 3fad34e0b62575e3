import { serveAccount } from "./account-server.ts";
import { median } from "./measured-run.ts";
import { writeResults } from "./results.ts";
import { syncPlace } from "./sync-place.ts";

/** Measures `audit` and `explain` of an account with this number of deals (20,000), on a server, after a first sync. */
const deals = Number(process.argv[2] ?? 20_000);
const account = await serveAccount(deals);
const place = await syncPlace(account, "server");
try {
  const first = await place.sync();
  const audit = await place.run("audit", "--json");
  const explained = [];
  for (let run = 0; run < 15; run++) {
    const [stream, id] = run % 2 === 0 ? ["deals", 1 + run * 97] : ["organizations", 1 + run];
    explained.push(await place.run("explain", String(stream), String(id), "--json"));
  }
  const seconds = explained.map((one) => one.seconds);
  writeResults(
    "audit",
    [
      {
        figure: `audit of ${deals.toLocaleString("en-US")} deals`,
        measured: audit.seconds,
        unit: "s",
        ratio: { of: "the first sync's time", value: audit.seconds / first.seconds },
        cpuSeconds: audit.cpuSeconds,
        megabytes: audit.peakMegabytes,
      },
      {
        figure: `explain, median of ${seconds.length} (${Math.round(Math.max(...seconds) * 1000)} at most)`,
        measured: median(seconds) * 1000,
        unit: "ms",
        asked: { most: 300 },
        cpuSeconds: median(explained.map(({ cpuSeconds }) => cpuSeconds)),
        megabytes: Math.max(...explained.map(({ peakMegabytes }) => peakMegabytes)),
      },
    ],
    { deals, audit: { ...audit, stdout: undefined }, explain: seconds },
  );
} finally {
  await place.remove();
  account.stop();
}
