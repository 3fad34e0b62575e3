import type { Queryable } from "../database.ts";

/** The Pipedrive account that a database belongs to. */
export interface OwnAccount {
  companyId: number;
  companyName: string;
  /** The sub-domain as last seen. */
  companyDomain: string | null;
}

/** Returns the account that the database belongs to; undefined before the first run that knew it. */
export async function readOwnAccount(queryable: Queryable): Promise<OwnAccount | undefined> {
  const [row] = await queryable.query<{ company_id: string; company_name: string; company_domain: string | null }>(
    "select company_id, company_name, company_domain from connector.account",
  );
  if (row === undefined) return undefined;
  const { company_id: id, company_name: companyName, company_domain: companyDomain } = row;
  return { companyId: Number(id), companyName, companyDomain };
}

/** Reads the account, also from a database whose schema is that of an earlier version. */
export async function readAnyOwnAccount(queryable: Queryable): Promise<OwnAccount | undefined> {
  const [found] = await queryable.query<{ there: boolean }>(
    "select to_regclass('connector.account') is not null as there",
  );
  return found?.there === true ? readOwnAccount(queryable) : undefined;
}

/** Records the database's account on first use; later calls update only its name and domain. */
export async function saveOwnAccount(queryable: Queryable, account: OwnAccount): Promise<void> {
  const { companyId, companyName, companyDomain } = account;
  await queryable.query(
    `insert into connector.account as own (company_id, company_name, company_domain) values ($1, $2, $3)
     on conflict (only_one) do update
     set company_name = excluded.company_name, company_domain = excluded.company_domain
     where own.company_id = excluded.company_id`,
    [companyId, companyName, companyDomain],
  );
}
