import type { Knex } from "knex";
import type { ModelName } from "../../model-name.ts";
import type { StreamName } from "../../stream-name.ts";
import type { Queryable } from "../database.ts";
import {
  groupedReason,
  type ReadRejection,
  rejectionColumns,
  type StoredRejection,
  storedRejection,
} from "../tables/rejections.ts";
import { containing, countList, type ListBuilder, listBuilder, readList } from "./list-query.ts";

/** Which rejections to list. */
export interface RejectionListFilter {
  stream?: StreamName | undefined;
  model?: ModelName | undefined;
  /** The record's id in Pipedrive. */
  record?: number | undefined;
  /** The Planhat field, as `custom.Tier`. */
  field?: string | undefined;
  /** A part of the reason, in any case. */
  reason?: string | undefined;
  /** The reason as a group has it: every number in it is `…`. */
  group?: string | undefined;
  /** Without it only those that are not dismissed. */
  dismissed?: boolean | undefined;
  /** By time, the newest first; by stream, record and field; or by id, the greatest first. */
  sort?: "since" | "record" | "id" | undefined;
  /** Only those with a smaller id, in the order of ids. */
  before?: string | undefined;
  /** Undefined for all. */
  limit?: number | undefined;
}

/** A part of the rejections, and how many there are in all. */
export interface ListedRejections {
  rejections: StoredRejection[];
  count: number;
}

/** Lists rejections, and counts all that the filter leaves. */
export async function listRejectionsBy(queryable: Queryable, filter: RejectionListFilter): Promise<ListedRejections> {
  const builder = await listBuilder();
  const query = filtered(builder, filter).select(builder.raw(rejectionColumns));
  if (filter.sort === "record") query.orderBy(["r.stream", "r.record_id", "r.field", "r.id"]);
  else if (filter.sort === "id") query.orderBy("r.id", "desc");
  else query.orderBy(["r.since", "r.id"].map((column) => ({ column, order: "desc" })));
  const all = query.clone();
  if (filter.before !== undefined) query.where("r.id", "<", filter.before);
  if (filter.limit !== undefined) query.limit(filter.limit);
  const rows = await readList<ReadRejection>(queryable, query);
  const isAll = filter.limit === undefined && filter.before === undefined;
  const count = isAll ? rows.length : await countList(queryable, all);
  return { rejections: rows.map(storedRejection), count };
}

/** Counts the dismissed rejections that a filter leaves. */
export async function countDismissedBy(queryable: Queryable, filter: RejectionListFilter): Promise<number> {
  const query = filtered(await listBuilder(), { ...filter, dismissed: true }).whereNotNull("r.dismissed");
  return countList(queryable, query);
}

function filtered(
  { from }: ListBuilder,
  { stream, model, record, field, reason, group, dismissed = false }: RejectionListFilter,
): Knex.QueryBuilder {
  const query = from("connector.rejections as r");
  // The line item that is made of a deal counts among the products under its negative id, and is listed as the deal's.
  const ofDeal = "(r.stream = 'deal_products' and r.record_id < 0)";
  if (stream === "deals") query.whereRaw(`(r.stream = 'deals' or ${ofDeal})`);
  else if (stream !== undefined) query.where("r.stream", stream).whereRaw(`not coalesce(${ofDeal}, false)`);
  if (model !== undefined) query.where("r.model", model);
  if (record !== undefined) query.whereRaw(`(r.record_id = ? or (${ofDeal} and r.record_id = ?))`, [record, -record]);
  if (field !== undefined) query.where("r.field", field);
  if (reason !== undefined) query.whereILike("r.reason", containing(reason));
  if (group !== undefined) query.whereRaw(`${groupedReason("r.reason")} = ?`, [group]);
  if (!dismissed) query.whereNull("r.dismissed");
  return query;
}
