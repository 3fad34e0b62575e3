import { expect } from "chai";
import { isSchedule, readSchedule } from "../../../connector/config/schedule.ts";
import type { Database } from "../../../connector/database/database.ts";
import { type Clock, type RecurringRun, recur } from "../../../connector/service/jobs/recurring-run.ts";
import { onServerFirst } from "../../databases.ts";

describe("a run that recurs", function () {
  this.timeout(240_000);

  onServerFirst((_kind, open) => {
    let database: Database;
    let asked: string[];
    let stop: AbortController;
    let clock: Clock & { time: number; until: number };
    before(async () => {
      database = await open();
    });
    beforeEach(async () => {
      await database.query("delete from connector.planned_runs");
      asked = [];
    });

    const hourly = async (request?: () => Promise<void>): Promise<RecurringRun> => {
      const schedule = await readSchedule("0 * * * *");
      if (!isSchedule(schedule)) throw new Error(schedule.message);
      return {
        name: "sync",
        latest: (now) => schedule.latest(now),
        next: (now) => schedule.next(now),
        request: request ?? (async () => void asked.push(new Date(clock.time).toISOString().slice(11, 19))),
      };
    };
    /** Runs the clock from one time of 24 November to another, in steps as long as each sleep. */
    const serve = async (from: string, to: string, run?: RecurringRun, processes = 1) => {
      stop = new AbortController();
      clock = {
        time: Date.parse(`2026-11-24T${from}Z`),
        until: Date.parse(`2026-11-24T${to}Z`),
        now: () => new Date(clock.time),
        sleep: async (milliseconds) => {
          await new Promise((resolve) => setImmediate(resolve));
          clock.time += Math.max(1, milliseconds / processes);
          if (clock.time >= clock.until) stop.abort();
        },
      };
      const problems: string[] = [];
      const chosen = run ?? (await hourly());
      const problem = (error: unknown) => void problems.push((error as Error).message);
      await Promise.all(
        Array.from({ length: processes }, () => recur(database, chosen, stop.signal, { problem, clock })),
      );
      return problems;
    };

    it("is asked for at each of its times, and not when it is first set up", async () => {
      await serve("08:30:00", "11:30:00");
      expect(asked).to.deep.equal(["09:00:00", "10:00:00", "11:00:00"]);
    });

    it("that was missed is asked for once after a restart, whatever the number of times", async () => {
      await serve("08:30:00", "09:10:00");
      await serve("14:20:00", "15:10:00");
      expect(asked).to.deep.equal(["09:00:00", "14:20:00", "15:00:00"]);
      await serve("15:11:00", "15:50:00");
      expect(asked).to.have.length(3);
    });

    it("is asked for once by several processes", async () => {
      await serve("08:30:00", "08:31:00");
      await serve("08:59:00", "11:10:00", undefined, 3);
      expect(asked.map((time) => time.slice(0, 2))).to.deep.equal(["09", "10", "11"]);
    });

    it("that could not be asked for is tried again", async () => {
      let tries = 0;
      const run = await hourly(async () => {
        if (++tries < 3) throw new Error("the queue is not there");
        asked.push(new Date(clock.time).toISOString().slice(11, 16));
      });
      await serve("08:59:00", "08:59:30");
      expect(await serve("09:00:00", "09:10:00", run)).to.deep.equal([
        "the queue is not there",
        "the queue is not there",
      ]);
      expect(asked).to.deep.equal(["09:02"]);
    });

    it("is not doubled when the clock is set back", async () => {
      await serve("08:59:00", "09:10:00");
      await serve("08:50:00", "09:20:00");
      expect(asked).to.deep.equal(["09:00:00"]);
    });
  });
});
