import type { Queryable } from "../database.ts";
import { keptData } from "./kept-data.ts";

/** A field that may hold personal values, as it stands in the database. */
export interface PersonalField {
  field: string;
  holds: string;
  /** The rows in which it has a value. */
  rows: number;
}

/** A table of the register with its rows. */
export interface CountedTable {
  table: string;
  rows: number;
  /** The day of its oldest row; null if it has none, or keeps no time. */
  oldest: string | null;
  purpose: string;
  goes: string;
  /** The config's `retention` of its values: `90d`, or `never`; absent where none applies. */
  retention?: string;
  fields: PersonalField[];
}

/** Counts what the database keeps, table by table in the order of the register. */
export async function countKept(queryable: Queryable): Promise<CountedTable[]> {
  const counted: CountedTable[] = [];
  for (const [table, { purpose, goes, since, personal }] of Object.entries(keptData)) {
    const fields = Object.entries(personal);
    const counts = fields.map(([column], at) => `, count("${column}") as field_${at}`).join("");
    const oldest = since === undefined ? "null" : `to_char(min(${since}), 'YYYY-MM-DD')`;
    const [row] = await queryable.query<Record<string, string | null>>(
      `select count(*) as rows, ${oldest} as oldest${counts} from ${table}`,
    );
    counted.push({
      table,
      rows: Number(row!["rows"]),
      oldest: row!["oldest"] ?? null,
      purpose,
      goes,
      fields: fields.map(([field, holds], at) => ({ field, holds, rows: Number(row![`field_${at}`]) })),
    });
  }
  return counted;
}
