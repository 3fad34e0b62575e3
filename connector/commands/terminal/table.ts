import { displayWidth, oneLine, terminalWidth, wrap } from "./display-text.ts";
import { paint, type Style } from "./paint.ts";

/**
 * The content of a cell: a text or a number, optionally with a style. Numbers, and texts with `right`, are aligned
 * right.
 */
export type Cell = string | number | { cell: string | number; style: Style | undefined; right?: true };

/** The layout options of a table. */
export interface TableOptions {
  /** True, the default, if the first row holds the column heads. */
  heads?: boolean;
  /** The maximum width of a line; by default the terminal's, or unlimited if stdout is not a terminal. */
  width?: number | undefined;
}

const gap = "  ";
/** Width below which a last column is not broken: a terminal that narrow breaks it itself. */
const narrowest = 20;

/**
 * Returns rows as lines of aligned columns, numbers aligned right. If a line would exceed the width, its last column is
 * broken into several lines.
 */
export function table(
  rows: readonly (readonly Cell[])[],
  { heads = true, width = terminalWidth() }: TableOptions = {},
): string[] {
  const texts = rows.map((row) => row.map((cell) => oneLine(String(contentOf(cell)))));
  const widths: number[] = [];
  for (const row of texts) {
    row.forEach((text, column) => {
      widths[column] = Math.max(widths[column] ?? 0, displayWidth(text));
    });
  }
  const last = widths.length - 1;
  const before = widths.slice(0, -1).reduce((sum, column) => sum + column + gap.length, 0);
  const room = width === undefined ? undefined : width - before;
  const numeric = widths.map((_width, column) =>
    rows.slice(heads ? 1 : 0).some((row) => row[column] !== undefined && isSetRight(row[column])),
  );
  return rows.flatMap((row, index) => {
    const line = (column: number, text: string, style: Style | undefined) => {
      const padding = " ".repeat(Math.max(widths[column]! - displayWidth(text), 0));
      const painted = paint(text, heads && index === 0 ? "quiet" : style);
      if (numeric[column]) return padding + painted;
      return column === row.length - 1 ? painted : painted + padding;
    };
    const cells = row.map((cell, column) => ({ text: texts[index]![column]!, style: styleOf(cell), column }));
    const broken = cells[last] === undefined || numeric[last] ? undefined : wrapped(cells[last].text, room);
    if (broken !== undefined && broken.length > 1) {
      const { style } = cells[last]!;
      const first = cells.map(({ text, style: own, column }) => line(column, column === last ? broken[0]! : text, own));
      return [first.join(gap), ...broken.slice(1).map((text) => " ".repeat(before) + paint(text, style))];
    }
    return [
      cells
        .map(({ text, style, column }) => line(column, text, style))
        .join(gap)
        .trimEnd(),
    ];
  });
}

function wrapped(text: string, room: number | undefined): string[] {
  return room === undefined || room < narrowest ? [text] : wrap(text, room);
}

function isSetRight(cell: Cell): boolean {
  return typeof contentOf(cell) === "number" || (typeof cell === "object" && cell.right === true);
}

function contentOf(cell: Cell): string | number {
  return typeof cell === "object" ? cell.cell : cell;
}

function styleOf(cell: Cell): Style | undefined {
  return typeof cell === "object" ? cell.style : undefined;
}
