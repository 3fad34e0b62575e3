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
/** Width below which a column is not broken: words in pieces of fewer letters cannot be read. */
const narrowest = 8;

/**
 * Returns rows as lines of aligned columns, numbers aligned right. If a line would exceed the width, the texts of the
 * widest columns are broken into several lines.
 */
export function table(
  rows: readonly (readonly Cell[])[],
  { heads = true, width = terminalWidth() }: TableOptions = {},
): string[] {
  const texts = rows.map((row) => row.map((cell) => oneLine(String(contentOf(cell)))));
  const natural: number[] = [];
  for (const row of texts) {
    row.forEach((text, column) => {
      natural[column] = Math.max(natural[column] ?? 0, displayWidth(text));
    });
  }
  const numeric = natural.map((_width, column) =>
    rows.slice(heads ? 1 : 0).some((row) => row[column] !== undefined && isSetRight(row[column])),
  );
  const words = natural.map((whole, column) => {
    if (numeric[column]) return whole;
    return Math.max(...texts.flatMap((row) => (row[column] ?? "").split(" ").map(displayWidth)));
  });
  const widths = width === undefined ? natural : fitWidths(natural, words, width);
  return rows.flatMap((row, index) => {
    const cells = row.map((cell, column) => {
      const text = texts[index]![column]!;
      const style = heads && index === 0 ? "quiet" : styleOf(cell);
      return { lines: numeric[column] ? [text] : wrap(text, widths[column]), style };
    });
    const height = Math.max(...cells.map(({ lines }) => lines.length));
    return Array.from({ length: height }, (_line, at) =>
      cells
        .map(({ lines, style }, column) => {
          const text = lines[at] ?? "";
          const padding = " ".repeat(Math.max(widths[column]! - displayWidth(text), 0));
          const painted = text === "" ? "" : paint(text, style);
          if (numeric[column]) return padding + painted;
          return column === row.length - 1 ? painted : painted + padding;
        })
        .join(gap)
        .trimEnd(),
    );
  });
}

/**
 * Narrows the widest columns of text, step by step to the next widest, until a line fits or nothing can give way.
 * `words` are the widths of each column's longest word, which are cut only if it must be.
 */
function fitWidths(natural: readonly number[], words: readonly number[], most: number): number[] {
  const widths = [...natural];
  for (const least of [words, words.map((width) => Math.min(width, narrowest))]) {
    for (;;) {
      const excess = widths.reduce((sum, column) => sum + column, 0) + gap.length * (widths.length - 1) - most;
      const broad = widths.flatMap((column, index) => (column > least[index]! ? [{ column, index }] : []));
      if (excess <= 0) return widths;
      const [widest, next] = broad.toSorted((one, other) => other.column - one.column || other.index - one.index);
      if (widest === undefined) break;
      const step = Math.max(widest.column - (next?.column ?? 0), 1);
      widths[widest.index] = Math.max(widest.column - Math.min(step, excess), least[widest.index]!);
    }
  }
  return widths;
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
