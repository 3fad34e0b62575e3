import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Plotted, Series } from "./plot.tsx";

/** A drawn plot. */
export interface Drawn {
  remove(): void;
}

const height = 128;
/** Fewer points than this are marked: a line alone would not show them. */
const fewPoints = 12;

/** Draws a plot into a box, in the colours of the page; again when the box or the colours change. */
export function drawPlot(
  box: HTMLElement,
  plotted: { readonly current: Plotted },
  point: (index: number | undefined, left: number) => void,
): Drawn {
  let chart: uPlot | undefined;
  const draw = () => {
    chart?.destroy();
    chart = new uPlot(optionsOf(box, plotted, point), dataOf(plotted.current), box);
  };
  draw();
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  scheme.addEventListener("change", draw);
  const size = new ResizeObserver(() => chart?.setSize({ width: box.clientWidth, height }));
  size.observe(box);
  return {
    remove() {
      scheme.removeEventListener("change", draw);
      size.disconnect();
      chart?.destroy();
    },
  };
}

function dataOf({ points, series, limit }: Plotted): uPlot.AlignedData {
  const drawn = series.map(({ values }) => values);
  const across = limit === undefined ? [] : [points.map(() => limit.value)];
  return [points.map((_, index) => index), ...drawn, ...across];
}

function optionsOf(
  box: HTMLElement,
  plotted: { readonly current: Plotted },
  point: (index: number | undefined, left: number) => void,
): uPlot.Options {
  const { series, limit, log = false, points } = plotted.current;
  const colours = coloursOf(box);
  const most = Math.max(1, ...series.flatMap(({ values }) => values.map((value) => value ?? 0)), limit?.value ?? 0);
  const axis = { stroke: colours("--ink3"), font: "11px system-ui", ticks: { show: false } };
  return {
    width: box.clientWidth,
    height,
    padding: [8, 4, 0, 4],
    legend: { show: false },
    cursor: {
      y: false,
      points: { show: false },
      drag: { x: false, y: false },
      bind: {
        click: (self) => () => {
          if (self.cursor.idx != null) plotted.current.open?.(self.cursor.idx);
          return null;
        },
      },
    },
    scales: {
      x: { time: false, range: [-0.6, points.length - 0.4] },
      y: { range: [0, most * 1.08], ...(log ? { distr: 4 } : {}) },
    },
    axes: [
      {
        ...axis,
        size: 24,
        gap: 4,
        grid: { show: false },
        splits: () =>
          points.length < 3
            ? points.map((_, index) => index)
            : [0, Math.floor((points.length - 1) / 2), points.length - 1],
        values: (_, splits) => splits.map((index) => points[index] ?? ""),
      },
      {
        ...axis,
        side: 1,
        size: 52,
        gap: 4,
        grid: { stroke: colours("--line"), width: 1 },
        filter: (_, splits) => splits,
        splits: () =>
          log ? [0, 10, 100, 1000, 10_000, 100_000].filter((split) => split <= most * 1.08) : niceSplits(most),
        values: (_, splits) => splits.map((value) => plotted.current.format(value)),
      },
    ],
    series: [
      {},
      ...series.map((one) => lookOf(one, colours)),
      ...(limit === undefined ? [] : [{ stroke: colours("--ink2"), dash: [4, 3], width: 1, points: { show: false } }]),
    ],
    hooks: {
      setCursor: [
        (self) => {
          const { idx, left = -1 } = self.cursor;
          point(idx == null || left < 0 ? undefined : idx, left);
        },
      ],
    },
  };
}

function lookOf({ look, values: { length: many } }: Series, colours: (name: string) => string): uPlot.Series {
  if (look === "line" || look === "line2")
    return {
      stroke: colours("--accent"),
      width: 1.5,
      points: { show: many < fewPoints, size: 5, fill: colours("--accent") },
      ...(look === "line2" ? { dash: [3, 3] } : { fill: colours("--accent-wash") }),
    };
  const fills = { bar: "--accent-solid", bar2: "--accent-soft", bar3: "--bg" } as const;
  return {
    fill: colours(fills[look]),
    stroke: colours("--accent-solid"),
    width: look === "bar3" ? 1 : 0,
    points: { show: false },
    paths: uPlot.paths.bars!({ size: [0.62, 28] }),
  };
}

function niceSplits(most: number): number[] {
  const rough = most / 3;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough) ?? rough;
  const splits: number[] = [];
  for (let at = 0; at <= most * 1.08; at += step) splits.push(at);
  return splits;
}

/** Returns the colours of the page as a canvas takes them: the tokens say light and dark at once. */
function coloursOf(box: HTMLElement): (name: string) => string {
  const probe = document.createElement("span");
  box.append(probe);
  const found = new Map<string, string>();
  for (const name of [
    "--accent",
    "--accent-solid",
    "--accent-soft",
    "--accent-wash",
    "--bg",
    "--ink2",
    "--ink3",
    "--line",
  ]) {
    probe.style.color = `var(${name})`;
    found.set(name, getComputedStyle(probe).color);
  }
  probe.remove();
  return (name) => found.get(name)!;
}
