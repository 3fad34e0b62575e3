// Run in a process of its own by allocations.test.ts, with flags that make allocations repeatable: prints, as JSON, the
// bytes that each stage of a sync allocates for one record. It is bundled like the bin.
import { PerformanceObserver } from "node:perf_hooks";
import { setImmediate } from "node:timers/promises";
import { loadMapping } from "../connector/commands/opening/load-mapping.ts";
import { modelColumns } from "../connector/database/bulk/model-columns.ts";
import { landRecords } from "../connector/database/landing/landing.ts";
import { createRows } from "../connector/database/rows/store-rows.ts";
import { packageRoot } from "../connector/package-root.ts";
import { readCatalog } from "../connector/pipedrive/account/account.ts";
import { createBudget } from "../connector/pipedrive/client/budget.ts";
import { createClient } from "../connector/pipedrive/client/client.ts";
import { parseCompanyUrl } from "../connector/pipedrive/client/company-url.ts";
import { readListed } from "../connector/pipedrive/lists/listed-records.ts";
import { decode } from "../connector/pipedrive/records/decode.ts";
import { startSandbox } from "../connector/sandbox/server.ts";
import { decideCandidate } from "../connector/sync/decide/decide-candidate.ts";

/** Rounds until V8 has compiled the measured code for good. */
const warmUpRounds = 60;
const measuredRounds = 15;

/** The start of V8's last garbage collection, by `performance.now`; V8 reports it a little later. */
let lastCollection = 0;
new PerformanceObserver((list) => {
  lastCollection = list.getEntries().at(-1).startTime;
}).observe({ entryTypes: ["gc"] });

const sandbox = await startSandbox({
  organizations: 300,
  persons: 300,
  deals: 800,
  notes: 300,
  burstLimit: 1e6,
  seed: "fjord",
});
const client = createClient({
  companyUrl: parseCompanyUrl(sandbox.url),
  apiToken: sandbox.token,
  budget: createBudget(),
});
const catalog = await readCatalog(client);
const mapping = loadMapping({ mappings: `${packageRoot}mappings` }, catalog, () => {});
const pages = {
  organizations: await page("/api/v2/organizations?limit=200"),
  persons: await page("/api/v2/persons?limit=200"),
  deals: await page("/api/v2/deals?limit=200&status=won"),
  notes: await page("/v1/notes?limit=200"),
};
await sandbox.close();

/** A database that holds nothing and accepts everything. */
const transaction = {
  async query(sql, [, count] = []) {
    return sql.includes("nextval") ? [{ ids: Array.from({ length: count }, (_, index) => index + 1).join(",") }] : [];
  },
  async copyIn(_statement, chunks) {
    for (const _ of chunks);
  },
};

const streams = ["organizations", "persons", "deals", "notes"];
const records = Object.fromEntries(streams.map((stream) => [stream, read(stream, pages[stream])]));
const organization = records.organizations[0].record;
const person = records.persons[0].record;
const candidates = Object.fromEntries(
  streams.map((stream) => [stream, records[stream].map((one) => candidateOf(stream, one))]),
);
const nothing = new Map();
const history = { runId: "00000000-0000-4000-8000-000000000000", isKept: true };
const created = Object.fromEntries(
  streams.map((stream) => [
    stream,
    candidates[stream].map((one) => decideCandidate(mapping[stream], one, { rows: nothing })),
  ]),
);
const found = {};
for (const stream of streams) {
  const own = records[stream];
  const model = created[stream][0].action.model;
  const stored = new Map([
    [model, new Map(created[stream].map((decision, index) => [decision.action.sourceId, storedRow(decision, index)]))],
  ]);
  const base = (index) => created[stream][index].base ?? undefined;
  const writes = created[stream].filter(({ action }) => action.action === "create").map(({ action }) => action.write);
  found[stream] = {
    read: await bytesEach(own.length, () => read(stream, pages[stream])),
    land: await bytesEach(own.length, () =>
      landRecords(transaction, stream, own, { extractedAt: "2026-01-31T10:00:00Z" }),
    ),
    map: await bytesEach(own.length, () =>
      own.map(({ record }) => mapping[stream].map(record, { organization, person })),
    ),
    "decide on a new row": await bytesEach(own.length, () =>
      candidates[stream].map((one) => decideCandidate(mapping[stream], one, { rows: nothing })),
    ),
    "decide on a row that stays": await bytesEach(own.length, () =>
      candidates[stream].map((one, index) =>
        decideCandidate(mapping[stream], one, { rows: stored, base: base(index) }),
      ),
    ),
    "copy a row": await bytesEach(writes.length, () => createRows(transaction, history, model, writes)),
  };
}
process.stdout.write(JSON.stringify(found));

/** Returns the bytes of a page of the API. */
async function page(path) {
  const answer = await fetch(`${sandbox.url}${path}`, { headers: { "x-api-token": sandbox.token } });
  return Buffer.from(await answer.arrayBuffer());
}

/** Reads the pages of a list as a sync does: those of v1 are parsed. */
function read(stream, bytes) {
  if (stream !== "notes") return readListed(stream, bytes).decoded.records;
  const text = bytes.toString();
  return decode(stream, { body: JSON.parse(text), text, bytes }).records;
}

function candidateOf(stream, { id, record, updateTime }) {
  return {
    recordId: id,
    sourceId: String(id),
    mapped: mapping[stream].map(record, { organization, person }),
    updateTime,
    ...(stream === "organizations" ? {} : { company: { rowId: "7" } }),
    ...(stream === "notes" ? { externalId: `pipedrive-note-${id}`, constants: { type: "note" } } : {}),
  };
}

/** Returns the row that a decision to create one leaves. */
function storedRow({ action: { model, sourceId, write } }, index) {
  return {
    id: String(index + 1),
    sourceId,
    companyId: write.companyId ?? null,
    externalId: write.externalId ?? null,
    columns: Object.fromEntries(modelColumns[model].map(({ name }) => [name, write.columns[name] ?? null])),
    custom: write.custom ?? {},
    updatedAt: "2026-01-31T10:00:00Z",
  };
}

/** Returns the bytes that a round of work takes for each of its records: the median of the rounds. */
async function bytesEach(count, work) {
  globalThis.gc();
  for (let round = 0; round < warmUpRounds; round++) await work();
  globalThis.gc({ type: "minor" });
  const began = performance.now();
  const rounds = [];
  for (let round = 0; round < measuredRounds; round++) {
    const start = process.memoryUsage();
    await work();
    const end = process.memoryUsage();
    rounds.push((end.heapUsed - start.heapUsed + end.arrayBuffers - start.arrayBuffers) / count);
  }
  await setImmediate();
  await setImmediate();
  if (lastCollection >= began) throw new Error("There was a garbage collection while allocations were measured.");
  rounds.sort((one, other) => one - other);
  return Math.round(rounds[measuredRounds >> 1]);
}
