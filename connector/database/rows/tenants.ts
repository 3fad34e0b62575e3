import { type ModelName, modelNames, tableOf } from "../../model-name.ts";
import type { Queryable, Transaction } from "../database.ts";
import { readCatalogEntry, saveCatalogEntry } from "../tables/catalog.ts";

/** The catalog's key for the tenant to which `connector.published` belongs. */
const publishedTo = "planhat_tenant";

/** Returns the tenant met under a mark; undefined if there was none. */
export async function readTenant(queryable: Queryable, mark: string): Promise<string | undefined> {
  const [row] = await queryable.query<{ tenant: string }>("select tenant from connector.tenants where mark = $1", [
    mark,
  ]);
  return row?.tenant;
}

/** Stores the mark under which a tenant was met. */
export async function saveTenant(
  transaction: Transaction,
  { mark, tenant, host }: { mark: string; tenant: string; host: string },
): Promise<void> {
  await transaction.query(
    "insert into connector.tenants (mark, tenant, host) values ($1, $2, $3) on conflict (mark) do nothing",
    [mark, tenant, host],
  );
}

/** Returns the tenant to which this database has published; undefined before the first time. */
export async function readPublishedTenant(queryable: Queryable): Promise<string | undefined> {
  const tenant = await readCatalogEntry(queryable, publishedTo);
  return typeof tenant === "string" ? tenant : undefined;
}

/** Stores the tenant to which this database publishes. */
export async function savePublishedTenant(transaction: Transaction, tenant: string): Promise<void> {
  await saveCatalogEntry(transaction, publishedTo, tenant);
}

/** Returns the models of which Planhat has ever accepted a row. */
export async function publishedModels(queryable: Queryable): Promise<ModelName[]> {
  const rows = await queryable.query<{ model: string }>(
    "select distinct model from connector.published where hash is not null",
  );
  return modelNames.filter((model) => rows.some((row) => row.model === model));
}

/** Returns some published companies, by which a tenant can be recognized. */
export async function somePublishedCompanies(
  queryable: Queryable,
  most: number,
): Promise<{ sourceId: string; planhatId: string }[]> {
  return queryable.query<{ sourceId: string; planhatId: string }>(
    `select source_id as "sourceId", planhat_id as "planhatId" from connector.published
     where model = 'company' and planhat_id is not null and hash is not null order by source_id limit $1`,
    [most],
  );
}

/** Removes all state about the objects of a tenant, because another one replaces it. */
export async function forgetTenant(transaction: Transaction): Promise<void> {
  for (const model of modelNames) {
    await transaction.query(
      `update planhat.${tableOf[model]} as r set planhat_id = null from connector.published as p
       where p.model = $1 and p.source_id = r.source_id and p.planhat_id = r.planhat_id`,
      [model],
    );
  }
  await transaction.query("delete from connector.published");
  await transaction.query("delete from connector.catalog where key = 'planhat_companies_read'");
}
