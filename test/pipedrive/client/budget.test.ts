import { expect } from "chai";
import fc from "fast-check";
import { createBudget } from "../../../connector/pipedrive/client/budget.ts";
import { failureOf } from "../failure-of.ts";

/** Returns a clock that only sleeping advances. */
function fakeTime(start = Date.UTC(2026, 10, 23, 12)) {
  const time = { now: start };
  return {
    time,
    clock: () => time.now,
    sleep: async (milliseconds: number) => {
      time.now += milliseconds;
    },
  };
}

describe("the request budget", () => {
  it("sends ten requests in two seconds until the account announces more", async () => {
    const { time, clock, sleep } = fakeTime(0);
    const budget = createBudget({ clock, sleep });
    const sent: number[] = [];
    for (let request = 0; request < 25; request++) {
      await budget.acquire(1);
      sent.push(time.now);
    }
    expect(sent.filter((at) => at === 0)).to.have.length(10);
    expect(sent.filter((at) => at === 2000)).to.have.length(10);
    expect(sent.filter((at) => at === 4000)).to.have.length(5);
  });

  it("takes half of what the account announces, whether more or less", async () => {
    for (const [limit, expected] of [
      [1000, 500],
      [80, 40],
      [20, 10],
      [6, 3],
      [1, 1],
    ] as const) {
      const { time, clock, sleep } = fakeTime(0);
      const budget = createBudget({ clock, sleep });
      budget.observe({ "x-ratelimit-limit": String(limit) });
      let atOnce = 0;
      while (time.now === 0) {
        await budget.acquire(1);
        if (time.now === 0) atOnce++;
      }
      expect(atOnce).to.equal(expected);
    }
  });

  it("never has more than the window holds in any two seconds, however requests come", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(700), { maxLength: 60 }), async (gaps) => {
        const { time, clock, sleep } = fakeTime(0);
        const budget = createBudget({ clock, sleep });
        const sent: number[] = [];
        for (const gap of gaps) {
          time.now += gap;
          await budget.acquire(1);
          sent.push(time.now);
        }
        for (const at of sent)
          expect(sent.filter((other) => other >= at && other < at + 2000).length).to.be.at.most(10);
      }),
    );
  });

  it("is one for all callers: those who ask together are served in turn", async () => {
    const { time, clock, sleep } = fakeTime(0);
    const budget = createBudget({ clock, sleep });
    const served: [number, number][] = [];
    await Promise.all(
      Array.from({ length: 12 }, async (_, caller) => {
        await budget.acquire(1);
        served.push([caller, time.now]);
      }),
    );
    expect(served.map(([caller]) => caller)).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(served.slice(10).map(([, at]) => at)).to.deep.equal([2000, 2000]);
  });

  it("holds everybody back after a pause was asked for", async () => {
    const { time, clock, sleep } = fakeTime(0);
    const budget = createBudget({ clock, sleep });
    budget.pause(1500);
    budget.pause(300);
    await budget.acquire(1);
    expect(time.now).to.equal(1500);
  });

  it("counts requests, retries and tokens", async () => {
    const budget = createBudget(fakeTime());
    await budget.acquire(10);
    await budget.acquire(20);
    await budget.acquire(20, { retry: true });
    expect(budget.usage()).to.deep.equal({ count: 3, retried: 1, tokens: 50 });
  });

  it("stops before the config's daily tokens are exceeded, with what was spent earlier today", async () => {
    const budget = createBudget({ ...fakeTime(), dailyTokenBudget: 30_000 });
    budget.startFrom({ tokens: 29_970 });
    await budget.acquire(20);
    const failure = await failureOf(() => budget.acquire(20));
    expect(failure.kind).to.equal("surroundings");
    expect(failure.message).to.equal(
      "The daily token budget is used up: 29,990 of 30,000 API tokens are spent today, and the next request costs 20.",
    );
    expect(failure.hint).to.equal(
      "It resets at 00:00 UTC. Committed work is kept: run again then, or raise daily_token_budget.",
    );
    await budget.acquire(10);
    expect(budget.usage()).to.deep.equal({ count: 2, retried: 0, tokens: 30 });
  });

  it("has a new day's tokens after midnight UTC", async () => {
    const { time, clock, sleep } = fakeTime(Date.UTC(2026, 10, 23, 23, 59));
    const budget = createBudget({ clock, sleep, dailyTokenBudget: 10 });
    await budget.acquire(10);
    await failureOf(() => budget.acquire(1));
    time.now += 60_000;
    await budget.acquire(10);
    expect(budget.usage().tokens).to.equal(20);
  });

  it("stops before it asks for more than Pipedrive says is left, and believes it for five minutes only", async () => {
    const { time, clock, sleep } = fakeTime();
    const budget = createBudget({ clock, sleep });
    budget.observe({ "x-daily-ratelimit-token-remaining": "25" });
    await budget.acquire(20);
    const failure = await failureOf(() => budget.acquire(10));
    expect(failure.message).to.equal(
      "The Pipedrive account has 5 API tokens left today, and the next request costs 10.",
    );
    expect(failure.hint).to.contain("midnight");
    time.now += 300_000;
    await budget.acquire(10);
  });

  it("survives headers that are missing, empty or nonsense", async () => {
    const budget = createBudget(fakeTime());
    for (const header of ["", "many", "NaN", "-1", "Infinity"]) {
      budget.observe({
        "x-ratelimit-limit": header,
        "x-daily-ratelimit-token-remaining": header === "-1" ? "" : header,
      });
    }
    budget.observe({});
    await budget.acquire(1);
    expect(budget.usage().count).to.equal(1);
  });

  it("lets a stop interrupt the wait, and the next caller through", async () => {
    const budget = createBudget();
    budget.pause(60_000);
    const stop = new AbortController();
    const waiting = budget.acquire(1, { signal: stop.signal });
    stop.abort(new Error("stopped"));
    let message = "";
    await waiting.catch((error: Error) => {
      message = error.message;
    });
    expect(message).to.equal("stopped");
    expect(budget.usage().count).to.equal(0);
  });
});
