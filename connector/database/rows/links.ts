import type { JsonObject } from "../../mapping/value.ts";
import { type ModelName, type RevenueKind, revenueModels, tableOf } from "../../model-name.ts";
import type { StreamName } from "../../stream-name.ts";
import { copyChunks, copyField } from "../bulk/copy-text.ts";
import type { Queryable, Transaction } from "../database.ts";

/** The pair of a record and its row. */
export interface Link {
  recordId: number;
  model: ModelName;
  /** The row's own id, a bigint as text. */
  rowId: string;
  /** The field values on which both sides last agreed, by Planhat field; null for streams that never send. */
  base: JsonObject | null;
}

/** Returns the links of the given records of a stream. */
export async function readLinks(
  queryable: Queryable,
  stream: StreamName,
  recordIds: readonly number[],
): Promise<Link[]> {
  if (recordIds.length === 0) return [];
  const rows = await queryable.query<{ record_id: string; model: ModelName; row_id: string; base: JsonObject | null }>(
    `select record_id, model, row_id, base from connector.links
     where stream = $1 and record_id = any($2::bigint[]) order by record_id`,
    [stream, recordIds],
  );
  return rows.map(({ record_id, model, row_id, base }) => ({
    recordId: Number(record_id),
    model,
    rowId: row_id,
    base,
  }));
}

/** Returns the licenses and sales to which the links of products lead, by their source ids. */
export async function readLinkedRows(
  queryable: Queryable,
  productIds: readonly number[],
): Promise<{ recordId: number; model: "license" | "sale"; sourceId: string }[]> {
  if (productIds.length === 0) return [];
  const rows = await queryable.query<{ record_id: string; model: "license" | "sale"; source_id: string }>(
    `select link.record_id, link.model, coalesce(license.source_id, sale.source_id) as source_id
     from connector.links as link
     left join planhat.licenses as license on link.model = 'license' and license.id = link.row_id
     left join planhat.sales as sale on link.model = 'sale' and sale.id = link.row_id
     where link.stream = 'deal_products' and link.record_id = any($1::bigint[])
       and coalesce(license.source_id, sale.source_id) is not null
     order by link.record_id`,
    [productIds],
  );
  return rows.map(({ record_id, model, source_id }) => ({ recordId: Number(record_id), model, sourceId: source_id }));
}

/** The state of the hub before anything is applied. */
export interface LinksAndHolds {
  /** True if any record has a link. */
  links: boolean;
  /** True if any product of a deal, or the line item of a deal, has a link. */
  products: boolean;
  /** True if an undo left any holds. */
  holds: boolean;
  /** True for each kind of revenue models that has rows. */
  licenses: boolean;
  deals: boolean;
}

/** Returns which links, holds and rows of revenue models there are. */
export async function hasLinksOrHolds(queryable: Queryable): Promise<LinksAndHolds> {
  const ofKind = (kind: RevenueKind) =>
    revenueModels[kind].map((model) => `exists (select from planhat.${tableOf[model]})`).join(" or ");
  const [row] = await queryable.query<LinksAndHolds & Record<string, unknown>>(
    `select exists (select from connector.links) as links,
            exists (select from connector.links where stream = 'deal_products') as products,
            exists (select from connector.holds) as holds,
            ${ofKind("licenses")} as licenses, ${ofKind("deals")} as deals`,
  );
  return row!;
}

/** Adds values to the agreed base of companies, by organization; a link without a base stays unchanged. */
export async function mergeBases(transaction: Transaction, bases: ReadonlyMap<number, JsonObject>): Promise<void> {
  if (bases.size === 0) return;
  await transaction.query(
    `update connector.links as l set base = l.base || new.base
     from unnest($1::bigint[], $2::jsonb[]) as new (record_id, base)
     where l.stream = 'organizations' and l.record_id = new.record_id and l.base is not null`,
    [[...bases.keys()], [...bases.values()].map((base) => JSON.stringify(base))],
  );
}

/** Removes the links of records to their rows of a model, which are gone. */
export async function removeLinks(
  transaction: Transaction,
  stream: StreamName,
  recordIds: readonly number[],
  model: ModelName,
): Promise<void> {
  if (recordIds.length === 0) return;
  await transaction.query(
    "delete from connector.links where stream = $1 and record_id = any($2::bigint[]) and model = $3",
    [stream, recordIds, model],
  );
}

/**
 * Stores links, replacing previous links of their records; of several for one record the last is stored. `linked` names
 * the records that may have a link, if not all may. For the others nothing is deleted first, and an existing link
 * causes Postgres's error of a unique constraint.
 */
export async function storeLinks(
  transaction: Transaction,
  runId: string,
  { stream, links, linked }: { stream: StreamName; links: readonly Link[]; linked?: ReadonlySet<number> | undefined },
): Promise<void> {
  const last = new Map(links.map((link) => [link.recordId, link]));
  if (last.size === 0) return;
  const replaced = [...last.keys()].filter((id) => linked?.has(id) !== false);
  if (replaced.length > 0) {
    await transaction.query("delete from connector.links where stream = $1 and record_id = any($2::bigint[])", [
      stream,
      replaced,
    ]);
  }
  function* lines() {
    for (const { recordId, model, rowId, base } of last.values()) {
      yield [stream, String(recordId), model, rowId, copyField(base === null ? null : JSON.stringify(base)), runId];
    }
  }
  await transaction.copyIn(
    "copy connector.links (stream, record_id, model, row_id, base, run_id) from stdin",
    copyChunks(lines()),
  );
}
