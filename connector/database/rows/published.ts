import type { Json, JsonObject } from "../../mapping/value.ts";
import { type ModelName, parentOf, revenueKinds, revenueModels, tableOf } from "../../model-name.ts";
import { recordIdSql } from "../../source-id.ts";
import { instantText } from "../bulk/instant-text.ts";
import { jsonBatches } from "../bulk/json-batches.ts";
import type { Queryable, Transaction } from "../database.ts";

/** A row that may have to be published: it or its company changed since it was last compared. */
export interface OutboxRow {
  /** The row's own id, a bigint as text. */
  id: string;
  sourceId: string;
  /** Planhat's id, if known. */
  planhatId: string | null;
  /** The row's `updated_at` as an instant. */
  version: string;
  /**
   * Planhat's id of what it belongs to: its company, or the deal of a line item. Null for companies, and if Planhat
   * does not have it.
   */
  parentPlanhatId: string | null;
  /** The Pipedrive id of that; null for companies. */
  parentSourceId: string | null;
  /** The Pipedrive id of its company; null for companies. */
  companySourceId: string | null;
  /** The hash of the content that Planhat accepted last; null if it accepted none, or refused the last one. */
  hash: string | null;
  /** The properties that Planhat was ever given a value or null for. */
  fields: string[];
  /** True if it was published or refused before. */
  isKnown: boolean;
  /** True if the row was harmed since Planhat last accepted it. */
  harmed: boolean;
}

/** The stored result of publishing a row: accepted, refused, or compared and found equal. */
export interface PublishedRow {
  sourceId: string;
  planhatId: string | null;
  parentPlanhatId: string | null;
  /** The compared version; null: it must be compared again. */
  version: string | null;
  hash: string | null;
  fields: readonly string[];
  /** The content, for companies, if Planhat accepted it. */
  content: JsonObject | null;
}

/** The SQL that joins, as `c`, what a model's rows `r` belong to; empty for companies. */
export function parentJoin(model: ModelName): string {
  const parent = parentOf[model];
  return parent === undefined ? "" : `left join planhat.${tableOf[parent]} as c on c.id = r.${parent}_id`;
}

/**
 * Returns the next rows of a model whose version, or whose parent's id in Planhat, differs from the last comparison.
 */
export async function nextUnpublished(
  queryable: Queryable,
  model: ModelName,
  { after, limit }: { after: string | undefined; limit: number },
): Promise<OutboxRow[]> {
  const isCompany = model === "company";
  return queryable.query<OutboxRow & Record<string, unknown>>(
    `select r.id, r.source_id as "sourceId", coalesce(r.planhat_id, p.planhat_id) as "planhatId",
            ${instantText("r.updated_at")} as version,
            ${isCompany ? "null" : "c.planhat_id"} as "parentPlanhatId",
            ${isCompany ? "null" : "c.source_id"} as "parentSourceId",
            ${isCompany ? "null" : model === "lineitem" ? ofCompany : "c.source_id"} as "companySourceId",
            p.hash, coalesce(p.fields, '{}') as fields, p.source_id is not null as "isKnown",
            coalesce(p.harmed, false) as harmed
     from planhat.${tableOf[model]} as r
     ${parentJoin(model)}
     left join connector.published as p on p.model = $1 and p.source_id = r.source_id
     where r.source_id is not null and r.id > $2
       and (p.version is distinct from r.updated_at
            ${isCompany ? "" : "or p.company_planhat_id is distinct from c.planhat_id"})
     order by r.id limit $3`,
    [model, after ?? "0", limit],
  );
}

const ofCompany = "(select company.source_id from planhat.companies as company where company.id = r.company_id)";

/** Stores the results of publishing rows, and sets Planhat's ids in rows that lack them or hold others. */
export async function storePublished(
  transaction: Transaction,
  model: ModelName,
  rows: readonly PublishedRow[],
): Promise<void> {
  const toJson = (row: PublishedRow) =>
    JSON.stringify({
      source_id: row.sourceId,
      planhat_id: row.planhatId,
      company_planhat_id: row.parentPlanhatId,
      version: row.version,
      hash: row.hash,
      fields: row.fields,
      content: row.content,
    });
  for (const batch of jsonBatches(rows, 2000, toJson)) {
    await transaction.query(
      `insert into connector.published as p
         (model, source_id, planhat_id, company_planhat_id, version, hash, fields, content)
       select $1, source_id, planhat_id, company_planhat_id, version, hash, fields, content
       from json_to_recordset($2) as new (source_id text, planhat_id text, company_planhat_id text,
                                          version timestamptz, hash text, fields text[], content jsonb)
       on conflict (model, source_id) do update
       set planhat_id = excluded.planhat_id, company_planhat_id = excluded.company_planhat_id,
           version = excluded.version, hash = excluded.hash, fields = excluded.fields,
           content = coalesce(excluded.content, p.content), harmed = p.harmed and excluded.hash is null`,
      [model, batch],
    );
    await transaction.query(
      `update planhat.${tableOf[model]} as r set planhat_id = new.planhat_id
       from json_to_recordset($1) as new (source_id text, planhat_id text)
       where r.source_id = new.source_id and r.planhat_id is distinct from new.planhat_id and new.planhat_id is not null`,
      [batch],
    );
  }
}

/**
 * Marks rows that Planhat refused for another comparison: every one, as a full sync requires, or for a retry those of
 * the given records and source ids.
 */
export async function publishRefusedAgain(
  queryable: Queryable,
  { recordIds, sourceIds = [] }: { recordIds?: readonly number[]; sourceIds?: readonly string[] } = {},
): Promise<void> {
  await queryable.query(
    `update connector.published set version = null
     where source_id = any($2::text[]) or ($1::bigint[] is null or ${recordIdSql("source_id")} = any($1)) and (hash is null or exists (
       select from connector.rejections as field
       where field.stage = 'publish' and field.field is not null and field.model = published.model
         and field.record_id = ${recordIdSql("published.source_id")}))`,
    [recordIds ?? null, sourceIds],
  );
}

/** An object in Planhat whose row went. */
export interface MovedObject {
  sourceId: string;
  planhatId: string | null;
}

/**
 * Returns the published objects of a model that must be removed in Planhat. Either the deal is now a row of the `other`
 * model, which Planhat has accepted: only then may the old object go. Or an undo removed the row. A row deleted by hand
 * does not count. Rows of `asIfTaken` count as accepted. A row that others replaced goes once all of them are accepted.
 */
export async function movedObjects(
  queryable: Queryable,
  model: ModelName,
  other: ModelName | undefined,
  asIfTaken: readonly string[] = [],
): Promise<MovedObject[]> {
  const isOther =
    other === undefined
      ? "false"
      : `(new.source_id is not null or old.source_id = any($3::text[])) and exists (
              select from planhat.${tableOf[other]} as r where r.source_id = old.source_id)`;
  const there = revenueKinds
    .flatMap((kind) => revenueModels[kind])
    .map((name) => `select '${name}' as model, source_id from planhat.${tableOf[name]}`);
  return queryable.query<MovedObject & Record<string, unknown>>(
    `select old.source_id as "sourceId", old.planhat_id as "planhatId"
     from connector.published as old
     left join connector.published as new on new.model = $2 and new.source_id = old.source_id and new.hash is not null
     where old.model = $1
       and not exists (select from planhat.${tableOf[model]} as r where r.source_id = old.source_id)
       and (${isOther}
            or coalesce((
              select bool_and(new.source_id is not null or gone.by_source_id = any($3::text[]))
              from connector.replaced as gone
              join (${there.join(" union all ")}) as there
                on there.model = gone.by_model and there.source_id = gone.by_source_id
              left join connector.published as new
                on new.model = gone.by_model and new.source_id = gone.by_source_id and new.hash is not null
              where gone.model = $1 and gone.source_id = old.source_id), false)
            or exists (
              select from connector.holds as h
              where h.model = $1 and h.source_id = old.source_id and h.field is null and h.taken ? 'record'))
     order by old.source_id`,
    [model, other ?? null, asIfTaken],
  );
}

/** Removes the records that objects were published, because they were removed in Planhat, or are left to it. */
export async function forgetPublished(
  transaction: Transaction,
  model: ModelName,
  sourceIds: readonly string[],
): Promise<void> {
  await transaction.query("delete from connector.published where model = $1 and source_id = any($2::text[])", [
    model,
    sourceIds,
  ]);
}

/** Returns how many line items each of the given deals has, by its source id; deals without any are left out. */
export async function countLineItems(
  queryable: Queryable,
  dealSourceIds: readonly string[],
): Promise<Map<string, number>> {
  if (dealSourceIds.length === 0) return new Map();
  const rows = await queryable.query<{ source_id: string; count: string }>(
    `select deal.source_id, count(*) as count from planhat.deals as deal
     join planhat.lineitems as item on item.deal_id = deal.id
     where deal.source_id = any($1::text[]) group by deal.source_id`,
    [dealSourceIds],
  );
  return new Map(rows.map(({ source_id, count }) => [source_id, Number(count)]));
}

/** A company as last published to Planhat. */
export interface PublishedCompany {
  sourceId: string;
  planhatId: string | null;
  content: JsonObject;
}

/** Returns the published companies with the given ids of Planhat or source ids. */
export async function readPublishedCompanies(
  queryable: Queryable,
  planhatIds: readonly string[],
  sourceIds: readonly string[],
): Promise<PublishedCompany[]> {
  const rows = await queryable.query<{ source_id: string; planhat_id: string | null; content: Json }>(
    `select source_id, planhat_id, content from connector.published
     where model = 'company' and content is not null and (planhat_id = any($1::text[]) or source_id = any($2::text[]))`,
    [planhatIds, sourceIds],
  );
  return rows.map((row) => ({
    sourceId: row.source_id,
    planhatId: row.planhat_id,
    content: row.content as JsonObject,
  }));
}

/** Stores the content that companies have in Planhat after a change there. */
export async function storeReceived(
  transaction: Transaction,
  companies: readonly { sourceId: string; hash: string; content: JsonObject }[],
): Promise<void> {
  const toJson = ({ sourceId, hash, content }: (typeof companies)[number]) =>
    JSON.stringify({ source_id: sourceId, hash, content, fields: Object.keys(content) });
  for (const batch of jsonBatches(companies, 2000, toJson)) {
    await transaction.query(
      `update connector.published as p
       set hash = new.hash, content = new.content, version = null,
           fields = (select array_agg(distinct one) from unnest(p.fields || new.fields) as one)
       from json_to_recordset($1) as new (source_id text, hash text, content jsonb, fields text[])
       where p.model = 'company' and p.source_id = new.source_id`,
      [batch],
    );
  }
}

/**
 * Counts the rows of the given models that wait to be published: their present state was neither accepted nor refused.
 * With `everyRow` it counts all rows with a source id.
 */
export async function countUnpublished(
  queryable: Queryable,
  models: readonly ModelName[],
  { everyRow }: { everyRow: boolean },
): Promise<Map<ModelName, number>> {
  if (models.length === 0) return new Map();
  const counts = models.map(
    (model) =>
      `select '${model}' as model, count(*) as count from planhat.${tableOf[model]} as r
       left join connector.published as p on p.model = '${model}' and p.source_id = r.source_id
       where r.source_id is not null and ($1 or p.version is distinct from r.updated_at)`,
  );
  const rows = await queryable.query<{ model: ModelName; count: string }>(counts.join(" union all "), [everyRow]);
  return new Map(rows.map(({ model, count }) => [model, Number(count)]));
}
