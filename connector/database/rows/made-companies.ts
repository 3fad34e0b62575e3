import type { JsonObject } from "../../mapping/value.ts";
import { jsonBatches } from "../bulk/json-batches.ts";
import { identifier, modelColumns } from "../bulk/model-columns.ts";
import type { Transaction } from "../database.ts";
import type { NewChange } from "../history/changes.ts";
import { keepChanges, type RunHistory } from "../history/run-history.ts";
import type { StoredCompany } from "../row.ts";
import { rowChange } from "../row-change.ts";
import { lockCompanies } from "./stored-row.ts";

/** A company that was created in Planhat, with its columns. */
export interface MadeCompany {
  planhatId: string;
  columns: Readonly<Record<string, string | null>>;
  custom: JsonObject;
}

/**
 * Stores companies without a Pipedrive id, by Planhat's id. An existing company without a Pipedrive id is changed:
 * values that the given one lacks become NULL. One with a Pipedrive id stays unchanged. Returns how many were new or
 * changed.
 */
export async function storeMadeCompanies(
  transaction: Transaction,
  history: RunHistory,
  made: readonly MadeCompany[],
): Promise<number> {
  const names = new Set(made.flatMap(({ columns }) => Object.keys(columns)));
  const columns = modelColumns.company.filter(({ name }) => names.has(name));
  const list = columns.map(({ name }) => identifier(name));
  const all = ["custom", ...list];
  const ids = made.map(({ planhatId }) => planhatId);
  const before = new Map((history.isKept ? await lockCompanies(transaction, ids) : []).map((row) => [row.id, row]));
  const madeBy = new Map(made.map((company) => [company.planhatId, company]));
  let count = 0;
  for (const batch of jsonBatches(made, 2000, ({ planhatId, columns: own, custom }) =>
    JSON.stringify({ planhat_id: planhatId, custom, ...own }),
  )) {
    const rows = await transaction.query<{ id: string; planhat_id: string }>(
      `insert into planhat.companies as c (planhat_id, ${all.join(", ")})
       select planhat_id, ${["custom", ...columns.map(({ name, type }) => `${identifier(name)}::${type}`)].join(", ")}
       from json_to_recordset($1) as new (planhat_id text, custom jsonb${list.map((name) => `, ${name} text`).join("")})
       on conflict (planhat_id) do update set ${all.map((name) => `${name} = excluded.${name}`).join(", ")}
       where c.source_id is null and (${all.map((name) => `c.${name}`).join(", ")}) is distinct from (${all.map((name) => `excluded.${name}`).join(", ")})
       returning id, planhat_id`,
      [batch],
    );
    count += rows.length;
    await keepChanges(
      transaction,
      history,
      rows.flatMap(({ id, planhat_id: planhatId }) => madeChange(id, before.get(id), madeBy.get(planhatId)!, names)),
    );
  }
  return count;
}

/** Returns the change of one stored company: its creation, or the update to the given values. */
function madeChange(
  rowId: string,
  row: StoredCompany | undefined,
  { columns, custom }: MadeCompany,
  names: ReadonlySet<string>,
): NewChange[] {
  const change = { model: "company", sourceId: null, rowId, because: { from: "planhat" } } as const;
  if (row === undefined) return [{ action: "create", ...change }];
  const written = Object.fromEntries([...names].map((name) => [name, columns[name] ?? null]));
  const { before, after } = rowChange("company", row, { columns: written, custom }) ?? { before: {}, after: {} };
  // A custom field that the new company lacks has no key in `after`.
  for (const [name, value] of Object.entries(row.custom)) {
    if (!Object.hasOwn(custom, name)) before[`custom.${name}`] = value;
  }
  return [{ action: "update", ...change, before, after }];
}

/** Sets a company's Pipedrive id if it has none; returns whether it did. */
export async function linkCompany(
  transaction: Transaction,
  history: RunHistory,
  id: string,
  sourceId: string,
): Promise<boolean> {
  const rows = await transaction.query(
    "update planhat.companies set source_id = $2 where id = $1 and source_id is null returning id",
    [id, sourceId],
  );
  if (rows.length === 0) return false;
  const change = { action: "update", model: "company", sourceId, rowId: id, because: { by: "linked" } } as const;
  await keepChanges(transaction, history, [{ ...change, before: { sourceId: null }, after: { sourceId } }]);
  return true;
}
