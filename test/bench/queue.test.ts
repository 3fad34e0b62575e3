import { expect } from "chai";
import { type QueueSetting, simulateQueue, timesLike } from "../../bench/queue.ts";
import { Random } from "../../connector/sandbox/account/random.ts";

describe("the simulation of the queue", () => {
  const setting: QueueSetting = {
    arrivalsPerSecond: 8,
    organizations: 1_000_000,
    busiest: 0,
    workers: 1,
    seconds: 20_000,
    serviceTime: () => 0.1,
    seed: 1,
  };

  it("waits as theory says for one worker and equal times (M/D/1: ρs / 2(1 − ρ) on average)", () => {
    const { utilisation, waiting, events } = simulateQueue(setting);
    expect(events).to.be.within(158_000, 162_000);
    expect(utilisation).to.be.closeTo(0.8, 0.01);
    // The mean of M/D/1 is 0.2 s at ρ = 0.8; its median lies below, its 99th percentile is about five times as much.
    expect(waiting.median).to.be.within(0.1, 0.2);
    expect(waiting.p99).to.be.within(0.8, 1.2);
  });

  it("waits as theory says for times at random (M/M/1: P(wait > t) = ρ e^−(1 − ρ)t/s)", () => {
    const exponential = (random: Random) => -0.1 * Math.log(1 - random.next());
    const { waiting } = simulateQueue({ ...setting, serviceTime: exponential });
    expect(waiting.median).to.be.closeTo((0.1 / 0.2) * Math.log(0.8 / 0.5), 0.03);
    expect(waiting.p99).to.be.closeTo((0.1 / 0.2) * Math.log(0.8 / 0.01), 0.25);
  });

  it("waits less the more workers there are, and is busy accordingly", () => {
    const outcomes = [1, 2, 4].map((workers) => simulateQueue({ ...setting, workers }));
    expect(outcomes[1]!.waiting.p99).to.be.lessThan(outcomes[0]!.waiting.p99);
    expect(outcomes[2]!.waiting.p99).to.be.lessThan(outcomes[1]!.waiting.p99);
    for (const [index, workers] of [1, 2, 4].entries()) {
      expect(outcomes[index]!.utilisation * workers).to.be.closeTo(0.8, 0.01);
    }
  });

  it("does one organization's events one at a time: more workers do not help it", () => {
    const one = simulateQueue({ ...setting, organizations: 1, busiest: 1 });
    const many = simulateQueue({ ...setting, organizations: 1, busiest: 1, workers: 16 });
    expect(many.waiting).to.deep.equal(one.waiting);
    expect(many.utilisation).to.be.closeTo(one.utilisation / 16, 0.001);
  });

  it("keeps a backlog where more comes than is done, and none to speak of elsewhere", () => {
    const { backlog, utilisation } = simulateQueue({ ...setting, arrivalsPerSecond: 12 });
    expect(backlog).to.be.within(35_000, 45_000);
    expect(utilisation).to.be.closeTo(1, 0.001);
    expect(simulateQueue({ ...setting, workers: 2 }).backlog).to.be.lessThan(10);
  });

  it("takes times that spread as they were measured", () => {
    const random = new Random("times");
    const time = timesLike(0.3, 1.5);
    const times = Array.from({ length: 20_000 }, () => time(random)).sort((one, other) => one - other);
    expect(times[10_000]).to.be.closeTo(0.3, 0.02);
    expect(times[19_800]).to.be.closeTo(1.5, 0.2);
    expect(timesLike(0.3, 0.3)(random)).to.equal(0.3);
  });
});
