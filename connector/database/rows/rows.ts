import { type ModelName, type ParentModel, tableOf } from "../../model-name.ts";
import type { Queryable, Transaction } from "../database.ts";
import { keepChanges, type RunHistory } from "../history/run-history.ts";
import type { RowWrite } from "../row.ts";
import { wholeRow } from "../row-change.ts";
import { lockRows } from "./stored-row.ts";

/** Returns whether there is any company. */
export async function hasCompanies(queryable: Queryable): Promise<boolean> {
  const [row] = await queryable.query<{ found: boolean }>("select exists (select from planhat.companies) as found");
  return row?.found === true;
}

/** Returns the row ids of the companies or deals with the given source ids, by source id; missing ones are left out. */
export async function parentRowIds(
  queryable: Queryable,
  model: ParentModel,
  sourceIds: readonly string[],
): Promise<Map<string, string>> {
  if (sourceIds.length === 0) return new Map();
  const rows = await queryable.query<{ id: string; source_id: string }>(
    `select id, source_id from planhat.${tableOf[model]} where source_id = any($1::text[])`,
    [sourceIds],
  );
  const rowIds = new Map(rows.map(({ id, source_id }) => [source_id, id]));
  return queryable.asIf?.rowIds(model, sourceIds, rowIds) ?? rowIds;
}

/** A row that has an external id; its source id is null for a company that was made in Planhat. */
export interface ExternalRow {
  externalId: string;
  sourceId: string | null;
}

/** Returns the rows of a model with the given external ids. */
export async function readExternalRows(
  queryable: Queryable,
  model: ModelName,
  externalIds: readonly string[],
): Promise<ExternalRow[]> {
  if (externalIds.length === 0) return [];
  return queryable.query<ExternalRow & Record<string, unknown>>(
    `select external_id as "externalId", source_id as "sourceId" from planhat.${tableOf[model]}
     where external_id = any($1::text[]) order by id`,
    [externalIds],
  );
}

/** Removes rows by source id and returns how many there were. The only caller is a deal's move to another model. */
export async function deleteRows(
  transaction: Transaction,
  history: RunHistory,
  model: ModelName,
  rows: readonly Pick<RowWrite, "sourceId" | "because">[],
): Promise<number> {
  const sourceIds = rows.map(({ sourceId }) => sourceId);
  const because = new Map(rows.map((row) => [row.sourceId, row.because]));
  const before = history.isKept ? await lockRows(transaction, model, sourceIds) : [];
  const removed = await transaction.query(
    `delete from planhat.${tableOf[model]} where source_id = any($1::text[]) returning id`,
    [sourceIds],
  );
  await keepChanges(
    transaction,
    history,
    before.map((row) => ({
      ...({ action: "remove", model, sourceId: row.sourceId, rowId: row.id } as const),
      before: wholeRow(model, row),
      because: { ...because.get(row.sourceId)?.(), row: { createdAt: row.createdAt, planhatId: row.planhatId } },
    })),
  );
  return removed.length;
}
