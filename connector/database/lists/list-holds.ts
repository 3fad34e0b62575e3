import type { ModelName } from "../../model-name.ts";
import type { Queryable } from "../database.ts";
import { type Hold, holdColumns } from "../history/holds.ts";
import { countList, listBuilder, readList } from "./list-query.ts";

/** Which holds to list. */
export interface HoldListFilter {
  model?: ModelName | undefined;
  /** The record's id in Pipedrive. */
  record?: number | undefined;
  /** Planhat's name of the field. */
  field?: string | undefined;
  /** Only holds older than this one: a hold's id. */
  before?: string | undefined;
  /** Undefined for all. */
  limit?: number | undefined;
}

/** Lists holds, newest first, and counts all that the filter leaves. */
export async function listHoldsBy(
  queryable: Queryable,
  { model, record, field, before, limit }: HoldListFilter,
): Promise<{ holds: Hold[]; count: number }> {
  const { from, raw } = await listBuilder();
  const query = from("connector.holds as h").select(raw(holdColumns)).orderBy("h.id", "desc");
  if (model !== undefined) query.where("h.model", model);
  if (record !== undefined) query.where("h.source_id", String(record));
  if (field !== undefined) query.where("h.field", field);
  const all = query.clone();
  if (before !== undefined) query.where("h.id", "<", before);
  if (limit !== undefined) query.limit(limit);
  const holds = await readList<Hold>(queryable, query);
  const isAll = limit === undefined && before === undefined;
  return { holds, count: isAll ? holds.length : await countList(queryable, all) };
}
