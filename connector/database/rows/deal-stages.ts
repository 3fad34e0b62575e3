import type { Queryable } from "../database.ts";

/** Returns the stages of deals that wait to be published, each once. */
export async function distinctStages(queryable: Queryable): Promise<string[]> {
  const rows = await queryable.query<{ stage: string }>(
    `select distinct r.stage from planhat.deals as r
     left join connector.published as p on p.model = 'deal' and p.source_id = r.source_id
     where r.stage is not null and r.source_id is not null and p.version is distinct from r.updated_at
     order by r.stage`,
  );
  return rows.map(({ stage }) => stage);
}

/** Returns which of the given source ids are rows of deals or of line items. */
export async function revenueRowsAmong(
  queryable: Queryable,
  table: "deals" | "lineitems",
  sourceIds: readonly string[],
): Promise<Set<string>> {
  const rows = await queryable.query<{ source_id: string }>(
    `select source_id from planhat.${table} where source_id = any($1::text[])`,
    [sourceIds],
  );
  return new Set(rows.map(({ source_id }) => source_id));
}

/** Returns the deals of line items that are rows, both by source id. */
export async function dealsOfItems(queryable: Queryable, sourceIds: readonly string[]): Promise<Map<string, string>> {
  const rows = await queryable.query<{ item: string; deal: string }>(
    `select item.source_id as item, deal.source_id as deal
     from planhat.lineitems as item join planhat.deals as deal on deal.id = item.deal_id
     where item.source_id = any($1::text[]) and deal.source_id is not null`,
    [sourceIds],
  );
  return new Map(rows.map(({ item, deal }) => [item, deal]));
}
