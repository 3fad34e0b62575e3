import type { Queryable, Transaction } from "../database.ts";

/** Returns those of the given landed deals whose products have not been read since the deal last changed. */
export async function dealsToAsk(queryable: Queryable, dealIds: readonly number[]): Promise<number[]> {
  if (dealIds.length === 0) return [];
  const rows = await queryable.query<{ id: string }>(
    `select deal.id from pipedrive.deals as deal
     left join connector.product_deals as known on known.deal_id = deal.id
     where deal.id = any($1::bigint[]) and known.as_of is distinct from deal.extracted_at order by deal.id`,
    [dealIds],
  );
  return rows.map(({ id }) => Number(id));
}

/** Writes down that the products of these landed deals are known. */
export async function markAsked(transaction: Transaction, dealIds: readonly number[]): Promise<void> {
  if (dealIds.length === 0) return;
  await transaction.query(
    `insert into connector.product_deals as known (deal_id, as_of)
     select id, extracted_at from pipedrive.deals where id = any($1::bigint[])
     on conflict (deal_id) do update set as_of = excluded.as_of`,
    [dealIds],
  );
}

/** Writes down that the products of all deals are known that wait to be applied. */
export async function markPendingAsked(transaction: Transaction): Promise<void> {
  await transaction.query(
    `insert into connector.product_deals as known (deal_id, as_of)
     select deal.id, deal.extracted_at from connector.pending
     join pipedrive.deals as deal on deal.id = pending.record_id where pending.stream = 'deals'
     on conflict (deal_id) do update set as_of = excluded.as_of`,
  );
}

/** Forgets which deals were asked, so that each is asked again. */
export async function forgetAsked(transaction: Transaction): Promise<void> {
  await transaction.query("delete from connector.product_deals");
}

/** Returns true if any deal was ever asked for its products. */
export async function hasAsked(queryable: Queryable): Promise<boolean> {
  const [row] = await queryable.query<{ found: boolean }>(
    "select exists (select from connector.product_deals) as found",
  );
  return row?.found === true;
}

/** Returns those of the given deals whose products are known. */
export async function askedAmong(queryable: Queryable, dealIds: readonly number[]): Promise<Set<number>> {
  if (dealIds.length === 0) return new Set();
  const rows = await queryable.query<{ id: string }>(
    "select deal_id as id from connector.product_deals where deal_id = any($1::bigint[])",
    [dealIds],
  );
  return new Set(rows.map(({ id }) => Number(id)));
}

/** Returns the number of enabled products of those of the given deals whose products are known, by deal. */
export async function countEnabled(queryable: Queryable, dealIds: readonly number[]): Promise<Map<number, number>> {
  if (dealIds.length === 0) return new Map();
  const rows = await queryable.query<{ id: string; count: string }>(
    `select known.deal_id as id, count(product.id) as count from connector.product_deals as known
     left join pipedrive.deal_products as product on (product.record->>'deal_id')::bigint = known.deal_id
       and not product.deleted and product.record->>'is_enabled' is distinct from 'false'
     where known.deal_id = any($1::bigint[]) group by known.deal_id`,
    [dealIds],
  );
  return new Map(rows.map(({ id, count }) => [Number(id), Number(count)]));
}

/**
 * Marks products as deleted that are gone from their deals: of these deals, all but the given ones. An archived deal
 * cannot be edited, and whether it shows its products nobody says, so that its own stay. Returns the deals concerned.
 */
export async function markProductsGone(
  transaction: Transaction,
  dealIds: readonly number[],
  present: readonly number[],
): Promise<{ products: number[]; deals: number[] }> {
  const rows = await transaction.query<{ id: string; deal_id: string }>(
    `update pipedrive.deal_products as product set deleted = true
     where (record->>'deal_id')::bigint = any($1::bigint[]) and not deleted and not id = any($2::bigint[])
       and not exists (
         select from pipedrive.deals as deal
         where deal.id = (product.record->>'deal_id')::bigint and deal.record->>'is_archived' = 'true')
     returning id, record->>'deal_id' as deal_id`,
    [dealIds, present],
  );
  return { products: rows.map(({ id }) => Number(id)), deals: rows.map(({ deal_id }) => Number(deal_id)) };
}

/** Returns the deals of the given landed products. */
export async function dealsOfProducts(queryable: Queryable, productIds: readonly number[]): Promise<number[]> {
  if (productIds.length === 0) return [];
  const rows = await queryable.query<{ id: string }>(
    `select distinct (record->>'deal_id')::bigint as id from pipedrive.deal_products
     where id = any($1::bigint[]) order by id`,
    [productIds],
  );
  return rows.map(({ id }) => Number(id));
}

/** Returns the landed products of the given deals, deleted ones too, in ascending order of id. */
export async function productsOfDeals(
  queryable: Queryable,
  dealIds: readonly number[],
): Promise<{ id: number; dealId: number }[]> {
  if (dealIds.length === 0) return [];
  const rows = await queryable.query<{ id: string; deal_id: string }>(
    `select id, record->>'deal_id' as deal_id from pipedrive.deal_products
     where (record->>'deal_id')::bigint = any($1::bigint[]) order by id`,
    [dealIds],
  );
  return rows.map(({ id, deal_id }) => ({ id: Number(id), dealId: Number(deal_id) }));
}

/** Returns the deals of those of the given rejections that are of products which could not be landed. */
export async function dealsOfUnlanded(queryable: Queryable, rejectionIds: readonly string[]): Promise<number[]> {
  if (rejectionIds.length === 0) return [];
  const rows = await queryable.query<{ id: string }>(
    `select distinct record->>'deal_id' as id from connector.rejections
     where id = any($1::bigint[]) and stream = 'deal_products' and stage = 'record'
       and record->>'deal_id' ~ '^[1-9][0-9]{0,14}$'`,
    [rejectionIds],
  );
  return rows.map(({ id }) => Number(id));
}
