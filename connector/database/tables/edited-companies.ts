import type { Queryable, Transaction } from "../database.ts";

/** An entry for a company's row that was changed in the table or in Planhat. */
export interface EditedCompany {
  /** The entry's own id, a bigint as text. */
  id: string;
  /** The id of the company's row, likewise. */
  companyId: string;
}

/**
 * Marks the transaction's writes to companies as Pipedrive's values, not edits. In a rehearsal the mark lasts until its
 * end.
 */
export async function writeAsApplying(transaction: Transaction): Promise<void> {
  await transaction.query("select set_config('pipedrive_planhat.settling', 'on', true)");
}

/** Returns the next entries, oldest first. */
export async function nextEdited(
  queryable: Queryable,
  { after, limit }: { after: string; limit: number },
): Promise<EditedCompany[]> {
  return queryable.query<{ id: string; companyId: string }>(
    `select id, company_id as "companyId" from connector.edited_companies where id > $1 order by id limit $2`,
    [after, limit],
  );
}

/** Removes finished entries. An edit made in between has an entry of its own. */
export async function removeEdited(transaction: Transaction, ids: readonly string[]): Promise<void> {
  await transaction.query("delete from connector.edited_companies where id = any($1::bigint[])", [ids]);
}

/** Removes all entries: nothing is to be sent. */
export async function removeAllEdited(transaction: Transaction): Promise<void> {
  await transaction.query("delete from connector.edited_companies");
}

/** Adds an entry for every company, as needed after a change of what is sent. */
export async function addEveryCompany(transaction: Transaction): Promise<void> {
  await transaction.query("delete from connector.edited_companies");
  await transaction.query(
    "insert into connector.edited_companies (company_id) select id from planhat.companies order by id",
  );
}
