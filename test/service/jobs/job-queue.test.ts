import { expect } from "chai";
import type { Database } from "../../../connector/database/database.ts";
import { listDeadLetters, retryDeadLetters } from "../../../connector/database/tables/jobs.ts";
import { type JobQueue, openJobQueue } from "../../../connector/service/jobs/job-queue.ts";
import { eachDatabase } from "../../databases.ts";

const event = (id: number, deleted = false) =>
  ({ stream: "deals", id, deleted, at: "2026-01-01T00:00:00.000Z" }) as const;

eachDatabase((open, kind) => {
  describe(`the queue of the service (${kind})`, function () {
    this.timeout(300_000);
    let database: Database;
    let jobs: JobQueue;

    before(async () => {
      database = await open();
      jobs = await openJobQueue(database, () => {}, { retryLimit: 1, retryDelay: 1 });
    });
    after(() => jobs.close());
    const empty = async () => {
      await database.query("delete from connector.job");
    };
    afterEach(empty);
    const ids = async () => (await jobs.takeEvents()).map(({ data }) => data.id).sort((a, b) => a - b);

    it("starts again on a database that has it already, and its tables are in the schema connector", async () => {
      await (await openJobQueue(database, () => {})).close();
      const found = await database.query("select nspname from pg_namespace where nspname like '%boss%'");
      expect(found).to.deep.equal([]);
      await (await openJobQueue(database, () => {}, { retryLimit: 1, retryDelay: 1 })).close();
    });

    it("several processes that open it at once on a new database all have it", async () => {
      const fresh = await open();
      const opened = await Promise.all(Array.from({ length: 4 }, () => openJobQueue(fresh, () => {})));
      await opened[0]!.storeEvents([event(3)]);
      for (const one of opened) await one.close();
    });

    it("of several events for one record one waits; a deletion is another matter", async () => {
      await jobs.storeEvents([event(1), event(2), event(1)]);
      await jobs.storeEvents([event(1), event(1, true)]);
      expect((await jobs.counts()).events).to.equal(3);
      expect(await ids()).to.deep.equal([1, 1, 2]);
    });

    it("an event that comes while one for the same record is under way is not lost with it", async () => {
      await jobs.storeEvents([event(1)]);
      const taken = await jobs.takeEvents();
      await jobs.storeEvents([event(1)]);
      await jobs.done("events", taken);
      expect(await ids()).to.deep.equal([1]);
    });

    it("what a killed process had taken is taken again by the next who has the lock, and that is no try", async () => {
      await jobs.storeEvents([event(1), event(2)]);
      for (let time = 0; time < 4; time++) expect(await ids()).to.deep.equal([1, 2]);
    });

    it("what was put back waits again, and a new event for the same record is one with it", async () => {
      await jobs.storeEvents([event(1)]);
      const taken = await jobs.takeEvents();
      await jobs.storeEvents([event(1)]);
      await jobs.putBack("events", taken);
      expect((await jobs.counts()).events).to.equal(1);
      await jobs.storeEvents([event(1)]);
      expect(await ids(), "nor are two done that wait beside each other").to.deep.equal([1]);
      expect((await jobs.counts()).events).to.equal(1);
    });

    it("what fails is tried again later, then given up, shown, and taken up again when someone asks", async () => {
      await jobs.storeEvents([event(5)]);
      await jobs.failed("events", await jobs.takeEvents(), new Error("the first time"));
      expect(await ids(), "not at once").to.deep.equal([]);
      expect((await jobs.counts()).events).to.equal(1);
      await database.query("update connector.job set start_after = now() - interval '1 second'");
      await jobs.failed("events", await jobs.takeEvents(), new Error("the second time"));
      expect(await jobs.counts()).to.include({ events: 0, deadLetters: 1 });
      const [letter] = await listDeadLetters(database, 10);
      expect(letter).to.include({ queue: "events", error: "the second time" });
      expect(letter?.data).to.include({ stream: "deals", id: 5 });
      expect(await retryDeadLetters(database)).to.equal(1);
      expect(await jobs.counts()).to.include({ events: 1, deadLetters: 0 });
      await jobs.failed("events", await jobs.takeEvents(), new Error("again"));
      expect((await jobs.counts()).events, "it has all its tries again").to.equal(1);
    });

    it("who asks for a run that waits already has its id; of different ones, and of one under way, another waits", async () => {
      const first = await jobs.requestSync({ mode: "company", company: 7 });
      expect(await jobs.requestSync({ mode: "company", company: 7 })).to.equal(first);
      const other = await jobs.requestSync({ mode: "company", company: 8 });
      const taken = await jobs.takeSyncs();
      expect(taken.map(({ id }) => id).sort()).to.deep.equal([first, other].sort());
      expect(taken.find(({ id }) => id === first)?.data).to.include({ mode: "company", company: 7 });
      expect(await jobs.requestSync({ mode: "company", company: 7 })).not.to.equal(first);
    });

    it("tells when the last run began, so that the next keeps its distance", async () => {
      expect(await jobs.findDue()).to.deep.equal({ due: false, sinceLastRun: undefined });
      await database.query(
        "insert into connector.runs (id, mode, status) values (gen_random_uuid(), 'full', 'running')",
      );
      await jobs.storeEvents([event(1)]);
      const { due, sinceLastRun } = await jobs.findDue();
      expect(due).to.equal(true);
      expect(sinceLastRun).to.be.within(0, 60_000);
      await database.query("delete from connector.runs");
    });

    it("maintenance throws nothing away that waits, however long it has", async () => {
      await jobs.storeEvents([event(9)]);
      await database.query(
        "update connector.job set created_on = now() - interval '1 year', start_after = now() - interval '1 year'",
      );
      const { makeBoss } = await import("../../../connector/service/jobs/job-queue.ts");
      const boss = makeBoss(database, () => {}) as unknown as {
        start(): Promise<void>;
        maintain(): Promise<void>;
        stop(o: object): Promise<void>;
      };
      await boss.start();
      await boss.maintain();
      await boss.stop({ graceful: false });
      expect(await ids()).to.deep.equal([9]);
    });
  });
});

describe("a database that no serve has used", () => {
  eachDatabase((open) => {
    it("has no jobs, and nothing to take up again", async () => {
      const database = await open();
      const { countJobs } = await import("../../../connector/database/tables/jobs.ts");
      expect(await countJobs(database)).to.deep.equal({ events: 0, syncs: 0, deadLetters: 0, oldestEvent: null });
      expect(await listDeadLetters(database, 1)).to.deep.equal([]);
      expect(await retryDeadLetters(database)).to.equal(0);
    });
  });
});
