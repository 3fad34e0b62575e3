import { readFileSync, writeFileSync } from "node:fs";
import type { Summary } from "../connector/sync/summary.ts";
import { type AccountServer, serveAccount } from "./account-server.ts";
import { type MeasuredRun, measuredRun } from "./measured-run.ts";
import { type Figure, writeResults } from "./results.ts";
import { type SyncPlace, syncPlace } from "./sync-place.ts";

/**
 * Measures the first publication of an account's rows to a local Planhat, on a server, beside a program that only sends
 * the same objects; then a sync with nothing new. Arguments: numbers of deals, and the rounds of each.
 */
const sizes = (process.argv[2] ?? "20000,100000").split(",").map(Number);
const rounds = Number(process.argv[3] ?? 1);

interface Published {
  deals: number;
  rows: number;
  first: Pick<MeasuredRun, "seconds" | "cpuSeconds" | "peakMegabytes">;
  requests: number;
  /** Bulk upserts that the rows need, 5,000 objects each. */
  upserts: number;
  floor: { seconds: number; cpuSeconds: number; requests: number; objects: number };
  idle: { requests: Record<string, number>; published: number };
}

const all: Published[] = [];
for (const deals of sizes) for (let round = 0; round < rounds; round++) all.push(await measure(deals));

const figures = all.flatMap(({ deals, rows, first, requests, upserts, floor, idle }): Figure[] => {
  const writes = Object.entries(idle.requests).filter(([path]) => !path.startsWith("GET"));
  const lists = Object.entries(idle.requests).filter(
    ([path]) => path.startsWith("GET") && path !== "GET /customfields",
  );
  const pages = Math.max(0, ...lists.map(([, count]) => count));
  return [
    {
      figure: `publication of ${rows.toLocaleString("en-US")} rows, ${deals.toLocaleString("en-US")} deals`,
      measured: rows / first.seconds,
      unit: "rows/s",
      ratio: { of: "the floor's rate", value: floor.seconds / first.seconds },
      cpuSeconds: first.cpuSeconds,
      megabytes: first.peakMegabytes,
      requests,
    },
    { figure: "- its memory", measured: first.peakMegabytes, unit: "MB", asked: { most: 300 } },
    { figure: "- requests beside ⌈rows/5,000⌉ of each model", measured: requests - upserts, unit: "more" },
    { figure: "- again, with nothing new: writes", measured: writes.length, unit: "", asked: { most: 0 } },
    { figure: "- again: pages of one list", measured: pages, unit: "pages", asked: { most: 1 } },
  ];
});
writeResults("publication", figures, { all });

async function measure(deals: number): Promise<Published> {
  const account = await serveAccount(deals);
  const other = await serveAccount(1);
  const place = await syncPlace(account, "server");
  try {
    await place.sync();
    await place.sync();
    nameTenant(place, account);
    const { stdout, ...first } = await place.run("sync", "--json", "--yes");
    const { planhat } = JSON.parse(stdout) as Summary;
    const published = Object.values(planhat!.published);
    const refused = published.reduce((sum, { rejected }) => sum + rejected, 0);
    if (refused > 0) throw new Error(`${refused} rows were refused.`);
    const rows = published.reduce((sum, { created }) => sum + created, 0);
    const upserts = published.reduce((sum, { created }) => sum + Math.ceil(created / 5_000), 0);
    const floor = await measuredRun(process.execPath, [
      "--import",
      "tsx",
      "bench/publication-floor.ts",
      ...[`${account.url}/planhat`, `${other.url}/planhat`, "sandbox-planhat-token"],
    ]);
    if (floor.status !== 0) throw new Error(floor.stderr);
    const before = await requestsOf(account);
    const again = (await place.sync()).summary.planhat!;
    const after = await requestsOf(account);
    const requests = Object.fromEntries(
      Object.entries(after).flatMap(([path, count]) => {
        const more = count - (before[path] ?? 0);
        return more > 0 ? [[path, more]] : [];
      }),
    );
    return {
      ...{ deals, rows, first, requests: planhat!.requests.count, upserts },
      floor: JSON.parse(floor.stdout) as Published["floor"],
      idle: {
        requests,
        published: Object.values(again.published).reduce((sum, { created, updated }) => sum + created + updated, 0),
      },
    };
  } finally {
    await place.remove();
    other.stop();
    account.stop();
  }
}

/** Adds the account's local Planhat to the config. */
function nameTenant({ config }: SyncPlace, { url }: AccountServer): void {
  const planhat = { api_url: `${url}/planhat`, api_token: "sandbox-planhat-token" };
  writeFileSync(config, JSON.stringify({ ...JSON.parse(readFileSync(config, "utf8")), planhat }), { mode: 0o600 });
}

/** Returns the requests that the account's Planhat has had, by method and path. */
async function requestsOf({ url }: AccountServer): Promise<Record<string, number>> {
  const answer = await fetch(`${url}/planhat/sandbox/requests`);
  return ((await answer.json()) as { byPath: Record<string, number> }).byPath;
}
