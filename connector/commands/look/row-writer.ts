import type { Column, TextRow } from "../../database/look/reading.ts";
import { terminalText } from "../../text/terminal-text.ts";
import { terminalWidth } from "../terminal/display-text.ts";
import { csvLine } from "./csv.ts";
import { jsonObjects, type ParseArray } from "./json-object.ts";
import { tableLines } from "./table-lines.ts";
import { valueText } from "./value-text.ts";

/** The output formats of rows. */
export type RowFormat = "table" | "csv" | "json" | "jsonl";

/** A writer of rows as text, batch by batch. */
export interface RowWriter {
  /** Returns the text before the first row. */
  begin(): string;
  rows(rows: readonly TextRow[]): string;
  /** Returns the text after the last of `count` rows. */
  end(count: number): string;
}

/** The options of a writer. */
export interface WriterOptions {
  columns: readonly Column[];
  raw: boolean;
  parseArray: ParseArray;
  /** True to remove terminal control characters from CSV too. */
  terminal: boolean;
}

/** Returns a writer of rows in a format. */
export function rowWriter(format: RowFormat, options: WriterOptions): RowWriter {
  if (format === "table") return tableWriter(options);
  return format === "csv" ? csvWriter(options) : jsonWriter(options, format === "json");
}

function csvWriter({ columns, raw, terminal }: WriterOptions): RowWriter {
  const line = (cells: readonly (string | null)[]) => {
    const text = csvLine(cells, { raw });
    return terminal ? text.replace(/[^\r\n]+/g, terminalText) : text;
  };
  return {
    begin: () => (columns.length === 0 ? "" : line(columns.map(({ name }) => name))),
    rows: (rows) =>
      columns.length === 0
        ? ""
        : rows
            .map((row) =>
              line(row.map((text, index) => (text === null ? null : valueText(text, columns[index]!.type)))),
            )
            .join(""),
    end: () => "",
  };
}

function jsonWriter({ columns, parseArray }: WriterOptions, whole: boolean): RowWriter {
  const object = jsonObjects(columns, parseArray);
  let separator = "";
  return {
    begin: () => (whole ? "[" : ""),
    rows: (rows) => {
      if (!whole) return rows.map((row) => `${object(row)}\n`).join("");
      return rows
        .map((row) => {
          const text = `${separator}\n${object(row)}`;
          separator = ",";
          return text;
        })
        .join("");
    },
    end: (count) => (whole ? (count === 0 ? "]\n" : "\n]\n") : ""),
  };
}

function tableWriter({ columns }: WriterOptions): RowWriter {
  let shown = 0;
  const text = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join("");
  return {
    begin: () => "",
    rows: (rows) => {
      const lines = tableLines(columns, rows, shown, terminalWidth());
      shown += rows.length;
      return text(lines);
    },
    end: (count) => {
      const heads = count === 0 && columns.length > 0 ? tableLines(columns, [], 0, terminalWidth()) : [];
      return text([...heads, `(${count === 1 ? "1 row" : `${count} rows`})`]);
    },
  };
}
