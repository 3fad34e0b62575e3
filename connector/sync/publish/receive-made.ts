import type { StoredRow } from "../../database/row.ts";
import { storeMadeCompanies } from "../../database/rows/made-companies.ts";
import { commitRun } from "../../database/tables/fence.ts";
import type { JsonObject } from "../../mapping/value.ts";
import { adoptedEdit } from "../decide/planhat-edits.ts";
import type { Run, RunRequest } from "../run-context.ts";

const nothing: StoredRow = {
  id: "",
  sourceId: "",
  companyId: null,
  externalId: null,
  columns: {},
  custom: {},
  updatedAt: "",
};

/**
 * Stores a page's companies that were created in Planhat, without a source id, so that each becomes an organization. An
 * existing one that waits for that receives Planhat's changes.
 */
export async function receiveMade(
  run: Run<RunRequest>,
  page: readonly JsonObject[],
  fields: readonly string[],
): Promise<void> {
  const { database } = run.request;
  const made = page.flatMap((company) => {
    const { _id, sourceId } = company;
    if (typeof _id !== "string" || (sourceId !== undefined && sourceId !== null && sourceId !== "")) return [];
    const { write } = adoptedEdit({ company, row: nothing, fields, winner: "planhat" }, undefined);
    return write === undefined ? [] : [{ planhatId: _id, columns: write.columns, custom: write.custom ?? {} }];
  });
  if (made.length === 0) return;
  let count = 0;
  await commitRun(database, run.id, async (transaction) => {
    count = await storeMadeCompanies(transaction, run.history, made);
  });
  if (run.summary.planhat !== undefined) run.summary.planhat.received.companies += count;
}
