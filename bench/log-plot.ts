/** A line of a plot. */
export interface Series {
  name: string;
  /** Ascending by x, all positive. */
  points: readonly { x: number; y: number }[];
}

/** A plot with both axes logarithmic. */
export interface LogPlot {
  title: string;
  x: string;
  y: string;
  series: readonly Series[];
}

const [width, height] = [640, 400];
const margin = { left: 64, right: 150, top: 40, bottom: 48 };
/** Colours that are distinct even with colour blindness (Okabe and Ito's palette). */
const colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00"];

/** Draws a plot as an SVG document. A line of slope 1 grows in proportion to x; a flat one does not grow. */
export function logPlot({ title, x, y, series }: LogPlot): string {
  const points = series.flatMap((one) => one.points);
  const across = decades(points.map((point) => point.x));
  const up = decades(points.map((point) => point.y));
  const left = (value: number) => margin.left + place(value, across) * (width - margin.left - margin.right);
  const top = (value: number) => height - margin.bottom - place(value, up) * (height - margin.top - margin.bottom);
  const [right, bottom] = [width - margin.right, height - margin.bottom];
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    text(margin.left, 22, title, 'font-size="15" font-weight="bold"'),
    ...marks(across).flatMap((value) => [
      line([left(value), margin.top], [left(value), bottom]),
      text(left(value), bottom + 18, label(value), 'text-anchor="middle"'),
    ]),
    ...marks(up).flatMap((value) => [
      line([margin.left, top(value)], [right, top(value)]),
      text(margin.left - 8, top(value) + 4, label(value), 'text-anchor="end"'),
    ]),
    text((margin.left + right) / 2, height - 10, x, 'text-anchor="middle"'),
    text(0, 0, y, `text-anchor="middle" transform="translate(16 ${(margin.top + bottom) / 2}) rotate(-90)"`),
    ...series.flatMap((one, index) => {
      const colour = colours[index % colours.length]!;
      const places = one.points.map((point) => `${round(left(point.x))},${round(top(point.y))}`);
      return [
        `<polyline points="${places.join(" ")}" fill="none" stroke="${colour}" stroke-width="2"/>`,
        ...one.points.map(
          (point) => `<circle cx="${round(left(point.x))}" cy="${round(top(point.y))}" r="3" fill="${colour}"/>`,
        ),
        line([right + 12, margin.top + 10 + index * 20], [right + 32, margin.top + 10 + index * 20], colour, 2),
        text(right + 38, margin.top + 14 + index * 20, one.name, 'font-size="11"'),
      ];
    }),
    "</svg>",
  ];
  return `${parts.join("\n")}\n`;
}

/** Returns the powers of ten around the values. */
function decades(values: readonly number[]): { from: number; to: number } {
  const from = Math.floor(Math.log10(Math.min(...values)) + 1e-9);
  return { from, to: Math.max(from + 1, Math.ceil(Math.log10(Math.max(...values)) - 1e-9)) };
}

/** Returns 0 at the lower end of the decades, 1 at the upper. */
function place(value: number, { from, to }: { from: number; to: number }): number {
  return (Math.log10(value) - from) / (to - from);
}

function marks({ from, to }: { from: number; to: number }): number[] {
  return Array.from({ length: to - from + 1 }, (_, step) => 10 ** (from + step));
}

function label(value: number): string {
  return value >= 1 ? value.toLocaleString("en-US") : String(Number(value.toPrecision(1)));
}

type Point = [x: number, y: number];

function line([x1, y1]: Point, [x2, y2]: Point, colour = "#dddddd", thickness = 1): string {
  const ends = `x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}"`;
  return `<line ${ends} stroke="${colour}" stroke-width="${thickness}"/>`;
}

function text(x: number, y: number, content: string, attributes: string): string {
  const escaped = content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  const at = attributes.includes("transform=") ? "" : `x="${round(x)}" y="${round(y)}" `;
  return `<text ${at}fill="#333333" ${attributes}>${escaped}</text>`;
}

function round(number: number): number {
  return Math.round(number * 10) / 10;
}
