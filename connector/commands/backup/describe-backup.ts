import type { BackupTable } from "../../database/backup/hub-tables.ts";
import { table } from "../terminal/table.ts";

/** Returns the lines of a table: what of the hub has how many rows. */
export function rowsBySchema(tables: readonly BackupTable[]): string[] {
  const planhat = tables.filter((one) => one.table.startsWith("planhat."));
  const sum = (schema: string) =>
    tables.filter((one) => one.table.startsWith(`${schema}.`)).reduce((total, { rows }) => total + rows, 0);
  return table([
    ["table", "rows"],
    ...planhat.map((one) => [one.table, one.rows]),
    ["pipedrive (what has landed)", sum("pipedrive")],
    ["connector (state and history)", sum("connector")],
  ]);
}

/** Returns a size for people: `1.2 MB`. */
export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ["kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = "B";
  while (value >= 999.95 && units.length > 0) {
    value /= 1000;
    unit = units.shift()!;
  }
  return `${value.toFixed(1)} ${unit}`;
}
