import { expect } from "chai";
import fc from "fast-check";
import type { Database } from "../../../connector/database/database.ts";
import { startSandbox } from "../../../connector/sandbox/server.ts";
import type { LandingExtent, SyncRequest } from "../../../connector/sync/run-context.ts";
import { runEvents } from "../../../connector/sync/runs/run-events.ts";
import { runRemap } from "../../../connector/sync/runs/run-remap.ts";
import { runSync } from "../../../connector/sync/runs/run-sync.ts";
import { onServerFirst } from "../../databases.ts";
import { itLong } from "../../long.ts";
import { compiler, emptyTables, requestFor } from "../../random-runs.ts";
import { carryOutDeed, deeds, type MappingTexts, mappings } from "../../random-work.ts";
import { readPlanhatRows } from "../../row-difference.ts";

/** What happens between two comparisons: actions in Pipedrive, a sync, and perhaps another mapping of what landed. */
const step = fc.record({
  deeds: deeds.map((all) => all.filter(({ kind }) => kind !== "by hand")),
  mapping: fc.option(mappings, { freq: 2 }),
  remap: fc.option(mappings, { freq: 4 }),
  events: fc.boolean(),
  options: fc.constantFrom<Partial<SyncRequest>>(
    {},
    {},
    { full: true },
    { followChanges: true },
    { companies: [1, 3] },
  ),
});
const work = fc.record({
  seed: fc.nat(1_000_000),
  startDate: fc.constantFrom(undefined, undefined, "2026-01-01T00:00:00Z"),
  mapping: mappings,
  steps: fc.array(step, { minLength: 2, maxLength: 5 }),
});

type Work = typeof work extends fc.Arbitrary<infer Value> ? Value : never;

/** Carries out work on two databases of one account, and compares their rows. Returns how many copies were lean. */
async function expectSameRows(full: Database, eligible: Database, { seed, startDate, mapping, steps }: Work) {
  const databases: [LandingExtent, Database][] = [
    ["full", full],
    ["eligible", eligible],
  ];
  for (const [, database] of databases) await emptyTables(database);
  const sandbox = await startSandbox({
    ...{ seed, organizations: 6, persons: 14, deals: 12, notes: 14 },
    ...{ burstLimit: 1000, dailyTokens: Number.POSITIVE_INFINITY },
  });
  let lean = 0;
  try {
    const run = async (texts: MappingTexts, how: "sync" | "events" | "remap", options: Partial<SyncRequest>) => {
      for (const [landing, database] of databases) {
        const { sending: _, ...request } = await requestFor(
          database,
          sandbox,
          compiler(texts, { creates: false, ending: false }),
          { startDate, ...options, landing },
        );
        const changed = sandbox.store
          .find("deals", () => true)
          .map((deal) => ({
            ...{ stream: "deals" as const, id: deal["id"] as number, deleted: false },
          }));
        const { failure } =
          how === "sync"
            ? await runSync(request)
            : how === "events"
              ? await runEvents({ ...request, changed })
              : await runRemap(request);
        if (failure !== undefined) throw failure;
      }
    };
    const compare = async () => {
      const [one, other] = [await readPlanhatRows(full), await readPlanhatRows(eligible)];
      const plain = (rows: typeof one) =>
        Object.fromEntries(
          [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, { companyId: _, ...values }]) => [key, values]),
        );
      expect(plain(other)).to.deep.equal(plain(one));
      expect(await companiesOf(eligible)).to.deep.equal(await companiesOf(full));
      lean += await leanWithValues(eligible);
    };
    let texts = mapping;
    await run(texts, "sync", {});
    await compare();
    for (const { deeds: done, mapping: changed, remap, events, options } of steps) {
      for (const deed of done) await carryOutDeed(sandbox.store, full, deed);
      texts = changed ?? texts;
      // A list shows no deletion, so that without a sweep a replica knows less than a request by id tells.
      const isSweep = options.full !== true && done.some(({ kind }) => kind === "delete");
      // Events read no list where no deal changed: a remap maps what is known, and deals that wait what a sync reads.
      const byEvents = events && remap === null && !isSweep && options.full !== true && options.companies === undefined;
      await run(texts, byEvents ? "events" : "sync", isSweep ? { sweep: true } : options);
      await compare();
      // A stream that has never been read is read by the sync after the remap, too late for deals that did not wait.
      if (remap === null || Object.keys(remap).some((stream) => !(stream in texts))) continue;
      texts = remap;
      await run(texts, "remap", {});
      await run(texts, "sync", {});
      await compare();
    }
  } finally {
    await sandbox.close();
  }
  return lean;
}

/** Returns the source id of each row's company, by the row's own. */
async function companiesOf(database: Database): Promise<unknown[]> {
  return database.query(
    `${["endusers", "notes", "licenses", "sales"]
      .map(
        (table) => `select '${table}' as table, r.source_id, c.source_id as company
         from planhat.${table} as r left join planhat.companies as c on c.id = r.company_id`,
      )
      .join(" union all ")} order by 1, 2`,
  );
}

/** Expects lean copies to hold no value, and those of rows to be whole; returns how many copies are lean. */
async function leanWithValues(database: Database): Promise<number> {
  let lean = 0;
  for (const [stream, key, table] of [
    ["organizations", "name", "companies"],
    ["persons", "name", "endusers"],
    ["notes", "content", "notes"],
    ["deals", "title", "licenses"],
  ] as const) {
    const found = await database.query<{ valued: boolean; row: boolean }>(
      `select record ? '${key}' as valued, exists (select from planhat.${table} where source_id = r.id::text) as row
       from pipedrive.${stream} as r where lean`,
    );
    lean += found.length;
    for (const one of found) expect(one, stream).to.deep.equal({ valued: false, row: false });
  }
  return lean;
}

describe("landing: eligible", function () {
  this.timeout(3_600_000);
  onServerFirst((_kind, open) => {
    const same = async (numRuns: number, seed?: number) => {
      const [full, eligible] = [await open(), await open()];
      let lean = 0;
      await fc.assert(
        fc.asyncProperty(work, async (one) => {
          lean += await expectSameRows(full, eligible, one);
        }),
        { numRuns, ...(seed === undefined ? {} : { seed }) },
      );
      expect(lean).to.be.above(10);
    };

    it("gives the same rows as landing: full, whatever happens in Pipedrive and to the mapping", () => same(4, 77));

    itLong("gives the same rows over many random histories", () => same(Number(process.env["PROPERTY_RUNS"] ?? 60)));
  });
});
