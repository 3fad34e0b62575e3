import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageRoot } from "../connector/package-root.ts";
import type { Summary } from "../connector/sync/summary.ts";
import { type AccountServer, serveAccount } from "./account-server.ts";
import { type MeasuredRun, median } from "./measured-run.ts";
import { serverProcessorTime } from "./processor-time.ts";
import { type Figure, writeResults } from "./results.ts";
import { syncPlace } from "./sync-place.ts";

/**
 * Measures first syncs of deals with their products as deals and line items, beside first syncs of the same account
 * without products, on a server. All deals sync that have an organization, and each has two or three products.
 * Arguments: the number of deals and of rounds. A sync with nothing new follows each.
 */
const deals = Number(process.argv[2] ?? 100_000);
const rounds = Number(process.argv[3] ?? 1);

/** The streams that are synced: the four alone, or with the products of deals. */
type Kind = "alone" | "products";

/** One first sync, and one with nothing new after it. */
interface Round {
  seconds: number;
  /** Of the connector and of the Postgres server; undefined where the server's cannot be seen. */
  cpuSeconds: number | undefined;
  megabytes: number;
  requests: number;
  tokens: number;
  eligible: number;
  products: number;
  rows: number;
  again: { requests: number; megabytes: number; written: number };
}

const shipped = (file: string) => readFileSync(`${packageRoot}mappings/${file}`, "utf8");
const allDeals = (text: string) =>
  text
    .replace(/^statuses: \[won\]/m, "statuses: [open, won, lost]")
    .replace(/^start_date: \[local_won_date, won_time\]/m, "start_date: [local_won_date, won_time, add_time]")
    .replace("lookup: {won: Closed Won", "lookup: {open: Open, won: Closed Won");
const others = ["organizations.yaml", "persons.yaml", "notes.yaml"].map((file) => [file, shipped(file)] as const);
const mappings: Record<Kind, (readonly [string, string])[]> = {
  alone: [...others, ["deals.yaml", allDeals(shipped("deals.yaml"))]],
  products: [
    ...others,
    ["deals.yaml", allDeals(shipped("deal-models/deals.yaml"))],
    ["deal_products.yaml", shipped("deal-models/deal_products.yaml")],
  ],
};

const account = await serveAccount(deals, false, "serve-products");
const all: Record<Kind, Round[]> = { alone: [], products: [] };
try {
  for (let round = 0; round < rounds; round++) {
    for (const kind of ["alone", "products"] as const) all[kind].push(await measure(account, kind));
  }
} finally {
  account.stop();
}
writeResults("products", figures(), all);

async function measure(server: AccountServer, kind: Kind): Promise<Round> {
  const folder = mkdtempSync(join(tmpdir(), "pipedrive-planhat-bench-"));
  for (const [name, text] of mappings[kind]) writeFileSync(join(folder, name), text);
  const place = await syncPlace(server, "server", { mappings: folder });
  try {
    const before = await serverProcessorTime(place.location);
    const first = await place.sync();
    const after = await serverProcessorTime(place.location);
    const again = await place.sync();
    return {
      ...figuresOf(first, before === undefined || after === undefined ? undefined : after - before),
      ...{
        again: {
          requests: again.summary.requests.count,
          megabytes: again.peakMegabytes,
          written: rowsOf(again.summary, ({ created, updated }) => created + updated),
        },
      },
    };
  } finally {
    await place.remove();
    rmSync(folder, { recursive: true });
  }
}

function figuresOf(first: MeasuredRun & { summary: Summary }, serverSeconds: number | undefined): Omit<Round, "again"> {
  const { streams, requests } = first.summary;
  return {
    seconds: first.seconds,
    cpuSeconds: serverSeconds === undefined ? undefined : first.cpuSeconds + serverSeconds,
    megabytes: first.peakMegabytes,
    requests: requests.count,
    tokens: requests.tokens,
    eligible: streams.deals.eligible ?? 0,
    products: streams.deal_products?.read ?? 0,
    rows: rowsOf(first.summary, ({ created }) => created),
  };
}

function rowsOf({ models }: Summary, count: (counts: { created: number; updated: number }) => number): number {
  return Object.values(models).reduce((total, counts) => total + count(counts), 0);
}

function figures(): Figure[] {
  const [alone, products] = [all.alone[0]!, all.products[0]!];
  const rate = (kind: Kind, cost: (round: Round) => number) => median(all[kind].map((one) => one.rows / cost(one)));
  const beside = (cost: (round: Round) => number) => rate("products", cost) / rate("alone", cost);
  const number = (of: number) => of.toLocaleString("en-US");
  const name = ({ eligible, products }: Round) =>
    `${number(eligible)} deals${products === 0 ? ", alone" : ` with ${number(products)} products`}`;
  const line = (kind: Kind): Figure => ({
    figure: `first sync, ${name(all[kind][0]!)}`,
    measured: median(all[kind].map(({ seconds }) => seconds)),
    unit: "s",
    megabytes: Math.max(...all[kind].map(({ megabytes }) => megabytes)),
    requests: all[kind][0]!.requests,
    tokens: all[kind][0]!.tokens,
    ...(all[kind][0]!.cpuSeconds === undefined ? {} : { cpuSeconds: median(all[kind].map((one) => one.cpuSeconds!)) }),
  });
  return [
    line("alone"),
    line("products"),
    {
      figure: "- its rows a second beside those of the four streams alone",
      measured: beside(({ seconds }) => seconds),
      unit: "of its rate",
      asked: { least: 0.9 },
    },
    ...(alone.cpuSeconds === undefined
      ? []
      : [
          {
            figure: "- the same by processor time",
            measured: beside(({ cpuSeconds }) => cpuSeconds!),
            unit: "of its rate",
          },
        ]),
    {
      figure: "- its requests for products",
      measured: products.requests - alone.requests,
      unit: "requests",
      asked: { most: Math.ceil(products.eligible / 100) },
    },
    {
      figure: "- its memory",
      measured: Math.max(...all.products.map(({ megabytes }) => megabytes)),
      unit: "MB",
      asked: { most: 300 },
    },
    {
      figure: "- again, with nothing new: requests more than without products",
      measured: products.again.requests - alone.again.requests,
      unit: "requests",
      asked: { most: 0 },
    },
    { figure: "- again: rows written", measured: products.again.written, unit: "rows", asked: { most: 0 } },
  ];
}
