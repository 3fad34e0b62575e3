import type { Queryable, Transaction } from "./database.ts";

/** That somebody changed a company's row, in the table or in Planhat. */
export interface EditedCompany {
  /** The entry's own id, a bigint as text. */
  id: string;
  /** The row's, likewise. */
  companyId: string;
}

/**
 * Says that what the transaction writes into companies is no edit: it comes from Pipedrive. In a rehearsal that holds
 * until its end.
 */
export async function writeAsSettling(transaction: Transaction): Promise<void> {
  await transaction.query("select set_config('pipedrive_planhat.settling', 'on', true)");
}

/** The next entries in the order in which they were made. */
export async function nextEdited(
  queryable: Queryable,
  { after, limit }: { after: string; limit: number },
): Promise<EditedCompany[]> {
  return queryable.query<{ id: string; companyId: string }>(
    `select id, company_id as "companyId" from connector.edited_companies where id > $1 order by id limit $2`,
    [after, limit],
  );
}

/** Removes entries that are done with. An edit that somebody makes meanwhile has an entry of its own. */
export async function removeEdited(transaction: Transaction, ids: readonly string[]): Promise<void> {
  await transaction.query("delete from connector.edited_companies where id = any($1::bigint[])", [ids]);
}

/** Removes all entries: nothing is to be sent. */
export async function removeAllEdited(transaction: Transaction): Promise<void> {
  await transaction.query("delete from connector.edited_companies");
}

/** Makes every company one to be looked at, as after a change of what is sent. */
export async function addEveryCompany(transaction: Transaction): Promise<void> {
  await transaction.query("delete from connector.edited_companies");
  await transaction.query(
    "insert into connector.edited_companies (company_id) select id from planhat.companies order by id",
  );
}
