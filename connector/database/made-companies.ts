import type { JsonObject } from "../mapping/value.ts";
import type { Transaction } from "./database.ts";
import type { NewChange } from "./history/changes.ts";
import { rowChange } from "./history/row-change.ts";
import { keepChanges, type RunHistory } from "./history/run-history.ts";
import { jsonBatches } from "./json-batches.ts";
import { identifier, modelColumns } from "./model-columns.ts";
import { lockCompanies, type StoredCompany } from "./stored-row.ts";

/** A company that was made in Planhat, with the columns that it has. */
export interface MadeCompany {
  planhatId: string;
  columns: Readonly<Record<string, string | null>>;
  custom: JsonObject;
}

/**
 * Stores companies that have no Pipedrive id, by Planhat's. One that is there and has none yet is changed, and what it
 * has and the given one lacks becomes NULL; one that has is left alone. Returns how many were new or changed.
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

/** What became of one company: it was made, or takes all that the made one has or lacks. */
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
  // What the made one lacks has no key afterwards.
  for (const [name, value] of Object.entries(row.custom)) {
    if (!Object.hasOwn(custom, name)) before[`custom.${name}`] = value;
  }
  return [{ action: "update", ...change, before, after }];
}

/** Gives a company the Pipedrive id that it has none of yet; returns whether it did. */
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
