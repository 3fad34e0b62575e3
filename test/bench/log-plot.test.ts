import { expect } from "chai";
import { logPlot } from "../../bench/log-plot.ts";

describe("a plot with logarithmic axes", () => {
  const points = [1000, 10_000, 100_000].map((x) => ({ x, y: x / 100 }));
  const svg = logPlot({
    title: "Time <s> & size",
    x: "deals",
    y: "seconds",
    series: [
      { name: "as its cause", points },
      { name: "flat", points: points.map(({ x }) => ({ x, y: 10 })) },
    ],
  });
  const lines = [...svg.matchAll(/<polyline points="([^"]+)"/g)].map(([, places]) =>
    places!.split(" ").map((place) => place.split(",").map(Number) as [number, number]),
  );

  it("puts equal factors at equal distances", () => {
    const [[first, second, third]] = lines as [[number, number][]];
    expect(second![0] - first![0]).to.be.closeTo(third![0] - second![0], 0.2);
    expect(first![1] - second![1]).to.be.closeTo(second![1] - third![1], 0.2);
    expect(first![1]).to.be.greaterThan(third![1]);
  });

  it("draws what does not grow as a flat line", () => {
    expect(new Set(lines[1]!.map(([, y]) => y)).size).to.equal(1);
  });

  it("marks every power of ten, names its lines and escapes its texts", () => {
    for (const mark of ["1,000", "10,000", "100,000", "10", "100"]) expect(svg).to.include(`>${mark}</text>`);
    expect(svg).to.include(">as its cause</text>").and.include(">Time &lt;s> &amp; size</text>");
  });

  it("keeps everything inside its frame, one value alone too", () => {
    const one = logPlot({ title: "", x: "", y: "", series: [{ name: "", points: [{ x: 5, y: 0.02 }] }] });
    const [, cx, cy] = /<circle cx="([\d.]+)" cy="([\d.]+)"/.exec(one)!;
    expect(Number(cx)).to.be.within(0, 640);
    expect(Number(cy)).to.be.within(0, 400);
  });
});
