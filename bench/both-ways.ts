import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { openDatabase } from "../connector/database/open/open-database.ts";
import type { DatabaseKind } from "../test/databases.ts";
import { type AccountServer, serveAccount } from "./account-server.ts";
import { median } from "./measured-run.ts";
import { type Figure, writeResults } from "./results.ts";
import { type SyncPlace, syncPlace } from "./sync-place.ts";

/**
 * Measures a sync with nothing new in three settings: companies both ways, receiving only, and reading Planhat's own
 * changes too. Arguments: the number of companies, the rounds, and the databases (`server,embedded`).
 */
const companies = Number(process.argv[2] ?? 50_000);
const rounds = Number(process.argv[3] ?? 5);
const kinds = (process.argv[4] ?? "server").split(",") as DatabaseKind[];

interface NothingNew {
  kind: DatabaseKind;
  way: Way;
  linked: number;
  seconds: number[];
  cpuSeconds: number[];
  /** The sum over all rounds. */
  rowsWritten: number;
  sent: number;
  /** The figures of the last round. */
  requests: number;
  tokens: number;
  planhatRequests: number;
  peakMegabytes: number;
}

type Way = "one way" | "both ways" | "both ways, with Planhat's API";

const organizations = (direction: string) => `stream: organizations
model: company
direction: ${direction}
fields:
  - {planhat: name, pipedrive: name}
  - {planhat: web, pipedrive: website}
  - {planhat: city, pipedrive: address.locality}
  - {planhat: country, pipedrive: address.country}
  - {planhat: custom.Tier, pipedrive: Tier}
`;
const deals = `stream: deals
start_date: [won_time]
models:
  - model: license
    fields:
      - {planhat: _currency, pipedrive: currency}
      - {planhat: fromDate, pipedrive: $start_date}
      - {planhat: value, pipedrive: value}
`;

const account = await serveAccount(companies, false, "serve-companies");
const measured: NothingNew[] = [];
try {
  for (const kind of kinds) {
    for (const way of ["one way", "both ways", "both ways, with Planhat's API"] as const) {
      measured.push(await measure(kind, way));
    }
  }
} finally {
  account.stop();
}

const figures = kinds.flatMap((kind): Figure[] => {
  const of = (way: Way) => measured.find((one) => one.kind === kind && one.way === way)!;
  const oneWay = of("one way");
  const line = (one: NothingNew): Figure => ({
    figure: `nothing new, ${one.linked.toLocaleString("en-US")} companies, ${one.way}, ${kind}`,
    measured: median(one.seconds),
    unit: "s",
    cpuSeconds: median(one.cpuSeconds),
    megabytes: one.peakMegabytes,
    requests: one.requests,
    tokens: one.tokens,
  });
  return [
    line(oneWay),
    ...(["both ways", "both ways, with Planhat's API"] as const).flatMap((way): Figure[] => {
      const both = of(way);
      const times = median(both.cpuSeconds) / median(oneWay.cpuSeconds);
      return [
        line(both),
        { figure: "- processor time beside one way", measured: times, unit: "times", asked: { most: 2 } },
        { figure: "- requests to Pipedrive", measured: both.requests, unit: "requests", asked: { most: 12 } },
        { figure: "- PATCHes", measured: both.sent, unit: "", asked: { most: 0 } },
        { figure: "- rows written", measured: both.rowsWritten, unit: "", asked: { most: 0 } },
      ];
    }),
  ];
});
writeResults("both-ways", figures, { companies, rounds, measured });

async function measure(kind: DatabaseKind, way: Way): Promise<NothingNew> {
  const more = way.includes("Planhat")
    ? { planhat: { api_url: `${account.url}/planhat`, api_token: "sandbox-planhat-token" } }
    : {};
  const place = await syncPlace(account, kind, { mappings: "mappings", ...more });
  try {
    const folder = join(dirname(place.config), "mappings");
    mkdirSync(folder);
    writeFileSync(join(folder, "organizations.yaml"), organizations(way === "one way" ? "receive" : "both"));
    writeFileSync(join(folder, "deals.yaml"), deals);
    await place.sync(...(way === "one way" ? [] : ["--yes"]));
    // Work that the first sync may leave to the second does not count.
    await place.sync();
    const before = await versions(place);
    const all = [];
    for (let round = 0; round < rounds; round++) all.push(await place.sync());
    const last = all.at(-1)!;
    const after = await versions(place);
    return {
      kind,
      way,
      linked: after.length,
      seconds: all.map(({ seconds }) => seconds),
      cpuSeconds: all.map(({ cpuSeconds }) => cpuSeconds),
      rowsWritten: after.filter((version, index) => version !== before[index]).length,
      sent: await writesOf(account),
      requests: last.summary.requests.count,
      tokens: last.summary.requests.tokens,
      planhatRequests: last.summary.planhat?.requests.count ?? 0,
      peakMegabytes: Math.max(...all.map(({ peakMegabytes }) => peakMegabytes)),
    };
  } finally {
    await place.remove();
  }
}

/** Returns the version of each company's row, which changes with any write. */
async function versions({ location }: SyncPlace): Promise<string[]> {
  const database = await openDatabase(location);
  try {
    const rows = await database.query<{ version: string }>(
      "select xmin::text as version from planhat.companies order by id",
    );
    return rows.map(({ version }) => version);
  } finally {
    await database.close();
  }
}

/** Returns the number of PATCHes that the account has received. */
async function writesOf({ url }: AccountServer): Promise<number> {
  const answer = await fetch(`${url}/sandbox/requests`);
  const { byPath } = (await answer.json()) as { byPath: Record<string, number> };
  return Object.entries(byPath).reduce((sum, [path, count]) => (path.startsWith("PATCH ") ? sum + count : sum), 0);
}
