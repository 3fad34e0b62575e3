import { readFileSync } from "node:fs";
import type { Queryable } from "../connector/database/database.ts";
import { packageRoot } from "../connector/package-root.ts";

type Values = Record<string, unknown>;
type FieldChanges = Record<string, { from: unknown; to: unknown }>;

/** A difference between two states of the Planhat tables, in the form of `plan --json`. */
export interface RowDifference {
  model: string;
  source_id: string;
  action: "create" | "update" | "delete";
  fields: FieldChanges;
}

/** The rows of the Planhat tables with a source id: by model and source id, their fields by Planhat's names. */
export type Rows = Map<string, Values>;

const tables = { company: "companies", enduser: "endusers", note: "notes", license: "licenses", sale: "sales" };

/**
 * Reads the present Planhat tables. It knows the columns from the schemas and shares no code with the code it judges.
 */
export async function readPlanhatRows(queryable: Queryable): Promise<Rows> {
  const rows: Rows = new Map();
  for await (const { model, row, values } of everyRow(queryable)) {
    if (row["source_id"] !== null) rows.set(`${model} ${row["source_id"]}`, values);
  }
  return rows;
}

/** Reads the rows by model and row id, those without a source id too; `sourceId` is one of their fields. */
export async function readRowsById(queryable: Queryable): Promise<Rows> {
  const rows: Rows = new Map();
  for await (const { model, row, values } of everyRow(queryable)) {
    rows.set(`${model} ${row["id"]}`, row["source_id"] === null ? values : { ...values, sourceId: row["source_id"] });
  }
  return rows;
}

async function* everyRow(queryable: Queryable): AsyncGenerator<{ model: string; row: Values; values: Values }, void> {
  for (const [model, table] of Object.entries(tables)) {
    const schema = JSON.parse(readFileSync(`${packageRoot}schemas/planhat/${model}.json`, "utf8")) as {
      properties: Record<string, { format?: string }>;
    };
    const found = await queryable.query<{ row: Values }>(`select to_jsonb(t) as row from planhat.${table} as t`);
    for (const { row } of found) {
      const values: Values = {};
      for (const [name, { format }] of Object.entries(schema.properties)) {
        const value = row[name.replace(/^_/, "").replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)];
        if (value !== null) values[name] = format === "date-time" ? instant(value as string) : value;
      }
      for (const [name, value] of Object.entries(row["custom"] as Values)) values[`custom.${name}`] = value;
      if (typeof row["company_id"] === "number") values["companyId"] = String(row["company_id"]);
      if (row["external_id"] !== null) values["externalId"] = row["external_id"];
      yield { model, row, values };
    }
  }
}

function instant(text: string): string {
  return text.replace(/\+00:00$/, "Z");
}

/** Returns what was created, updated and deleted between two states, in the order of a plan. */
export function rowDifference(before: Rows, after: Rows): RowDifference[] {
  const differences: RowDifference[] = [];
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const [model, source_id] = key.split(" ") as [string, string];
    const old = before.get(key);
    const now = after.get(key);
    const action = old === undefined ? "create" : now === undefined ? "delete" : "update";
    const fields: FieldChanges = {};
    for (const field of new Set([...Object.keys(old ?? {}), ...Object.keys(now ?? {})])) {
      const [from, to] = [own(old, field), own(now, field)];
      // A custom field set to null was absent before: its key is new.
      const same = JSON.stringify(from ?? null) === JSON.stringify(to ?? null);
      const keyIsNew = field.startsWith("custom.") && (from === undefined) !== (to === undefined);
      if (!same || keyIsNew) fields[field] = { from: from ?? null, to: to ?? null };
    }
    if (action === "update" && Object.keys(fields).length === 0) continue;
    differences.push({ model, source_id, action, fields });
  }
  const models = Object.keys(tables);
  return differences.sort(
    (one, other) =>
      models.indexOf(one.model) - models.indexOf(other.model) || Number(one.source_id) - Number(other.source_id),
  );
}

function own(values: Values | undefined, field: string): unknown {
  return values !== undefined && Object.hasOwn(values, field) ? values[field] : undefined;
}
