import type { Column, TextRow } from "../../database/look/reading.ts";
import { displayWidth, oneLine } from "../terminal/display-text.ts";
import { type Cell, table } from "../terminal/table.ts";
import { isNumeric, valueText } from "./value-text.ts";

/** Text that looks like NULL, and is quoted. */
const likeNull = /^"*NULL"*$/;

/**
 * Returns rows as a table. If it would be wider than the terminal, each row becomes a list of columns and values under
 * its number (`before` rows were shown already).
 */
export function tableLines(
  columns: readonly Column[],
  rows: readonly TextRow[],
  before: number,
  width: number | undefined,
): string[] {
  if (columns.length === 0) return [];
  const heads = columns.map(({ name }) => name);
  const cells = rows.map((row) => row.map((text, index) => cellOf(text, columns[index]!.type)));
  if (width === undefined || widthOf([heads, ...cells]) <= width) return table([heads, ...cells]);
  return cells.flatMap((row, index) => [
    `row ${before + index + 1}`,
    ...table(
      row.map((cell, column) => [` ${heads[column]}`, leftOf(cell)]),
      { heads: false },
    ),
    "",
  ]);
}

function cellOf(text: string | null, type: number): Cell {
  if (text === null) return { cell: "NULL", style: "quiet" };
  const shown = valueText(text, type);
  if (isNumeric(type)) return { cell: shown, style: undefined, right: true };
  return likeNull.test(shown) ? `"${shown}"` : shown;
}

function leftOf(cell: Cell): Cell {
  return typeof cell === "object" ? { cell: cell.cell, style: cell.style } : cell;
}

function widthOf(rows: readonly (readonly Cell[])[]): number {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      const text = oneLine(String(typeof cell === "object" ? cell.cell : cell));
      widths[column] = Math.max(widths[column] ?? 0, displayWidth(text));
    });
  }
  return widths.reduce((sum, column) => sum + column + 2, -2);
}
