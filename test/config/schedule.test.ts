import { expect } from "chai";
import { isSchedule, readSchedule, type Schedule } from "../../connector/config/schedule.ts";

describe("schedule", () => {
  const read = async (text: string): Promise<Schedule> => {
    const schedule = await readSchedule(text);
    if (!isSchedule(schedule)) throw new Error(schedule.message);
    return schedule;
  };
  const problemOf = async (text: string) => {
    const schedule = await readSchedule(text);
    if (isSchedule(schedule)) throw new Error(`${text} was accepted`);
    return schedule.message;
  };
  /** Returns the next times after an instant, in UTC. */
  const times = async (text: string, from: string, count: number) => {
    const schedule = await read(text);
    const found: string[] = [];
    let at = new Date(from);
    while (found.length < count) {
      at = schedule.next(at)!;
      found.push(at.toISOString().slice(0, 16));
    }
    return found;
  };

  it("is in UTC, or in the time zone that CRON_TZ names", async () => {
    expect(await times("*/15 * * * *", "2026-11-24T16:50:00Z", 2)).to.deep.equal([
      "2026-11-24T17:00",
      "2026-11-24T17:15",
    ]);
    expect(await times("CRON_TZ=America/New_York 0 6 * * MON-FRI", "2026-11-27T12:00:00Z", 1)).to.deep.equal([
      "2026-11-30T11:00",
    ]);
    expect(await times("@daily", "2026-11-24T16:50:00Z", 1)).to.deep.equal(["2026-11-25T00:00"]);
  });

  it("a fixed time that the clock leaps over in spring comes right after, and one that it repeats in autumn comes once", async () => {
    expect(await times("CRON_TZ=Europe/Berlin 30 2 * * *", "2026-03-28T12:00:00Z", 2)).to.deep.equal([
      "2026-03-29T01:00",
      "2026-03-30T00:30",
    ]);
    expect(await times("CRON_TZ=Europe/Berlin 30 2 * * *", "2026-10-24T12:00:00Z", 2)).to.deep.equal([
      "2026-10-25T00:30",
      "2026-10-26T01:30",
    ]);
  });

  it("what recurs goes on through both changes of the clock, neither missing an hour nor doubling one", async () => {
    const spring = await times("CRON_TZ=Europe/Berlin */30 * * * *", "2026-03-29T00:00:00Z", 4);
    expect(spring).to.deep.equal(["2026-03-29T00:30", "2026-03-29T01:00", "2026-03-29T01:30", "2026-03-29T02:00"]);
    const autumn = await times("CRON_TZ=Europe/Berlin */30 * * * *", "2026-10-25T00:00:00Z", 4);
    expect(autumn).to.deep.equal(["2026-10-25T00:30", "2026-10-25T01:00", "2026-10-25T01:30", "2026-10-25T02:00"]);
  });

  it("knows the last time at or before an instant", async () => {
    const schedule = await read("0 * * * *");
    const latest = (at: string) => schedule.latest(new Date(at))?.toISOString();
    expect(latest("2026-11-24T17:00:00Z")).to.equal("2026-11-24T17:00:00.000Z");
    expect(latest("2026-11-24T17:00:00.400Z")).to.equal("2026-11-24T17:00:00.000Z");
    expect(latest("2026-11-24T16:59:59.900Z")).to.equal("2026-11-24T16:00:00.000Z");
  });

  it("says what is wrong with a text that is none", async () => {
    expect(await problemOf("")).to.equal("`schedule` has 0 fields.");
    expect(await problemOf("* * * *")).to.equal("`schedule` has 4 fields.");
    expect(await problemOf("0 0 * * * *")).to.equal("`schedule` has 6 fields.");
    expect(await problemOf("every hour")).to.equal("`schedule` has 2 fields.");
    expect(await problemOf("2026-01-01T00:00:00")).to.equal("`schedule` has 1 field.");
    expect(await problemOf("61 * * * *")).to.equal(
      "`schedule` is not a cron expression: Invalid value for minute: 61.",
    );
    expect(await problemOf("0 0 31 2 *")).to.equal("`schedule` names a day that never comes.");
    expect(await problemOf("@fortnightly")).to.match(/^`schedule` is not a cron expression: /);
    expect(await problemOf("CRON_TZ=Europe/Atlantis 0 6 * * *")).to.equal(
      '`schedule` names the time zone "Europe/Atlantis", which does not exist.',
    );
  });
});
