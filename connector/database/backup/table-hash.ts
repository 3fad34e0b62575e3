import { identifier } from "../bulk/model-columns.ts";
import type { BackupColumn } from "./hub-tables.ts";

/** Returns a table's name for SQL. */
export function tableName(table: string): string {
  return table.split(".").map(identifier).join(".");
}

/** Returns the names of columns for SQL. */
export function columnNames(columns: readonly BackupColumn[]): string {
  return columns.map(({ name }) => identifier(name)).join(", ");
}

/** Returns the statement that counts a table's rows and sums their hashes, as text columns `rows` and `hash`. */
export function tableHash(table: string, columns: readonly BackupColumn[]): string {
  return `select count(*)::text as rows, coalesce(sum(
      ('x' || encode(substring(sha256(convert_to(row(${columnNames(columns)})::text, 'UTF8')) from 1 for 7), 'hex'))::bit(56)::bigint
    ), 0)::text as hash from ${tableName(table)}`;
}
