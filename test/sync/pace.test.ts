import { expect } from "chai";
import { Pace } from "../../connector/sync/pace.ts";

describe("the pace of a run", () => {
  let now = 0;
  const reading = (records: number, total?: number) =>
    ({ stage: "read", stream: "deals", records, ...(total === undefined ? {} : { total }) }) as const;

  it("has no rate before there is one, and no time left without a total", () => {
    const pace = new Pace(() => now);
    expect(pace.of(reading(500))).to.deep.equal({});
    now += 900;
    expect(pace.of(reading(1_000))).to.deep.equal({});
    now += 1_100;
    expect(pace.of(reading(2_500))).to.deep.equal({ rate: 1_000 });
  });

  it("has a share at once, and a time left as soon as there is a rate", () => {
    const pace = new Pace(() => now);
    expect(pace.of(reading(500, 10_000))).to.deep.equal({ share: 0.05 });
    now += 2_000;
    expect(pace.of(reading(4_500, 10_000))).to.deep.equal({ share: 0.45, rate: 2_000, secondsLeft: 2.75 });
  });

  it("begins anew with each stage, and tells no share of a total that has been passed", () => {
    const pace = new Pace(() => now);
    pace.of(reading(500));
    now += 5_000;
    expect(pace.of({ stage: "apply", records: 2_500, total: 2_000 })).to.deep.equal({});
    now += 1_000;
    expect(pace.of({ stage: "apply", records: 3_000, total: 2_000 })).to.deep.equal({ rate: 500 });
  });
});
