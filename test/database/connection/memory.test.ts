import { randomUUID } from "node:crypto";
import { expect } from "chai";
import type { Database, Transaction } from "../../../connector/database/database.ts";
import { openDatabase } from "../../../connector/database/open/open-database.ts";
import { acquireRunLock } from "../../../connector/database/open/run-lock.ts";
import { type Link, readLinks, storeLinks } from "../../../connector/database/rows/links.ts";
import { addUsage, readUsage } from "../../../connector/database/tables/budget.ts";
import { readCatalogEntry, saveCatalogEntry } from "../../../connector/database/tables/catalog.ts";
import { countConflicts, listConflicts, recordConflicts } from "../../../connector/database/tables/conflicts.ts";
import { claimFence, holdFence } from "../../../connector/database/tables/fence.ts";
import { finishRun, lastRuns, pruneRuns, startRun } from "../../../connector/database/tables/runs.ts";
import { caughtFailure } from "../../caught-failure.ts";
import { eachDatabase } from "../../databases.ts";
import { postgresServer } from "../../postgres-server.ts";

describe("the connector's memory", () => {
  eachDatabase((open, kind) => {
    let database: Database;
    before(async () => {
      database = await open();
    });
    const within = <Result>(work: (transaction: Transaction) => Promise<Result>) => database.transaction(work);
    const run = randomUUID();

    it("adds up what a day has spent of the API budget", async () => {
      expect(await readUsage(database, "2026-01-31")).to.deep.equal({ requests: 0, tokens: 0 });
      await within((transaction) => addUsage(transaction, "2026-01-31", { requests: 2, tokens: 20 }));
      await within((transaction) => addUsage(transaction, "2026-01-31", { requests: 1, tokens: 5 }));
      expect(await readUsage(database, "2026-01-31")).to.deep.equal({ requests: 3, tokens: 25 });
      expect(await readUsage(database, "2026-02-01")).to.deep.equal({ requests: 0, tokens: 0 });
    });

    it("keeps the account's catalog", async () => {
      expect(await readCatalogEntry(database, "account")).to.equal(undefined);
      for (const value of [{ pipelines: [] }, "text", null, { pipelines: [{ id: 1 }] }]) {
        await saveCatalogEntry(database, "account", value);
        expect(await readCatalogEntry(database, "account")).to.deep.equal(value);
      }
    });

    it("keeps links with their base, each in place of the one before", async () => {
      const links: Link[] = [
        { recordId: 1, model: "company", rowId: "11", base: { name: "A", city: null } },
        { recordId: 2, model: "company", rowId: "12", base: null },
      ];
      await within((transaction) => storeLinks(transaction, run, { stream: "organizations", links }));
      await within((transaction) => storeLinks(transaction, run, { stream: "organizations", links: [] }));
      expect(await readLinks(database, "organizations", [2, 1, 3])).to.deep.equal(links);
      expect(await readLinks(database, "deals", [1, 2])).to.deep.equal([]);
      const moved: Link = { recordId: 1, model: "company", rowId: "13", base: {} };
      await within((transaction) =>
        storeLinks(transaction, run, { stream: "organizations", links: [links[0]!, moved] }),
      );
      expect(await readLinks(database, "organizations", [1])).to.deep.equal([moved]);
    });

    it("records conflicts with the values of both sides", async () => {
      const conflict = { field: "name", base: undefined, pipedrive: "A\0", planhat: null, winner: "planhat" as const };
      await within((transaction) =>
        recordConflicts(transaction, run, { stream: "organizations", recordId: 7 }, [conflict]),
      );
      await within((transaction) => recordConflicts(transaction, run, { stream: "organizations", recordId: 7 }, []));
      expect(await countConflicts(database)).to.equal(1);
      const [recorded] = await listConflicts(database, 10);
      expect(recorded).to.deep.include({ ...conflict, base: null, stream: "organizations", recordId: 7, runId: run });
      expect(recorded?.at).to.match(/Z$/);
    });

    it("writes down how each run went, and that a killed one failed", async () => {
      const [killed, done] = [randomUUID(), randomUUID()];
      await within((transaction) => startRun(transaction, killed, "full"));
      expect((await lastRuns(database, 1))[0]).to.deep.include({ id: killed, status: "running", finishedAt: null });
      await within((transaction) => startRun(transaction, done, "incremental"));
      await within((transaction) =>
        finishRun(transaction, done, { status: "partial", summary: { seconds: 1.5 }, error: "it said \0" }),
      );
      const [last, before] = await lastRuns(database, 2);
      expect(last).to.deep.include({ id: done, mode: "incremental", status: "partial", error: "it said \\u0000" });
      expect(last?.summary).to.deep.equal({ seconds: 1.5 });
      expect(before).to.deep.include({ id: killed, status: "failed", error: "the process ended before the run did" });
      expect(before?.finishedAt).to.match(/Z$/);
    });

    it("forgets incremental runs of more than 30 days ago that ended well, unless something refers to them", async () => {
      const ended = async (mode: string, status: string, days: number) => {
        const id = randomUUID();
        await within((transaction) => startRun(transaction, id, mode));
        await within((transaction) => finishRun(transaction, id, { status, summary: {}, error: null }));
        await database.query(
          "update connector.runs set finished_at = now() - make_interval(days => $2) where id = $1",
          [id, days],
        );
        return id;
      };
      const idle = await ended("incremental", "succeeded", 31);
      const linked = await ended("incremental", "succeeded", 31);
      const kept = [
        linked,
        await ended("incremental", "succeeded", 29),
        await ended("incremental", "failed", 31),
        await ended("full", "succeeded", 31),
      ];
      const link = { recordId: 4_000, model: "company", rowId: "4000", base: null } as const;
      await within((transaction) => storeLinks(transaction, linked, { stream: "organizations", links: [link] }));
      expect(await pruneRuns(database)).to.equal(1);
      const left = (await lastRuns(database, 100)).map(({ id }) => id);
      expect(left).to.include.members(kept);
      expect(left).not.to.include(idle);
    });

    it("rolls a run back when another took over", async () => {
      const [old, next] = [randomUUID(), randomUUID()];
      await within((transaction) => claimFence(transaction, old));
      await within((transaction) => holdFence(transaction, old));
      await within((transaction) => claimFence(transaction, next));
      const late = within(async (transaction) => {
        await saveCatalogEntry(transaction, "late", 1);
        await holdFence(transaction, old);
      });
      expect(await caughtFailure(late)).to.deep.equal({
        kind: "surroundings",
        message: `Another run took over this database while run ${old} was under way.`,
        hint: "What this run had committed is kept. Make sure that only one sync is started at a time.",
      });
      expect(await readCatalogEntry(database, "late")).to.equal(undefined);
      await within((transaction) => holdFence(transaction, next));
    });

    it("lets one run at a time work, and says which one it is", async () => {
      const id = randomUUID();
      const lock = await acquireRunLock(database);
      await within((transaction) => startRun(transaction, id, "full"));
      const [{ startedAt } = { startedAt: "" }] = await lastRuns(database, 1);
      expect(await caughtFailure(acquireRunLock(database))).to.deep.equal({
        kind: "surroundings",
        message: `Another sync is running on this database (run ${id}, started ${startedAt}).`,
        hint: "Let it finish: --wait <seconds> waits for it.",
      });
      const waiting = acquireRunLock(database, { waitSeconds: 30 });
      await lock.release();
      await (await waiting).release();
    });

    it("stops waiting for another run when it is told to", async () => {
      const lock = await acquireRunLock(database);
      const stop = new AbortController();
      const waiting = acquireRunLock(database, { waitSeconds: 30, signal: stop.signal });
      stop.abort();
      expect(await waiting.catch((error: Error) => error.name)).to.equal("AbortError");
      await lock.release();
    });

    if (kind === "server") {
      it("keeps runs of other processes out too", async () => {
        const url = new URL(await postgresServer());
        const [{ name } = { name: "" }] = await database.query<{ name: string }>("select current_database() as name");
        url.pathname = `/${name}`;
        const other = await openDatabase(url.href);
        try {
          const lock = await acquireRunLock(database);
          expect((await caughtFailure(acquireRunLock(other))).kind).to.equal("surroundings");
          const waiting = acquireRunLock(other, { waitSeconds: 30 });
          await lock.release();
          await (await waiting).release();
        } finally {
          await other.close();
        }
      });
    }
  });
});
