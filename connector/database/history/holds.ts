import type { Json } from "../../mapping/value.ts";
import type { ModelName } from "../../model-name.ts";
import type { StreamName } from "../../stream-name.ts";
import { instantText } from "../bulk/instant-text.ts";
import type { Queryable, Transaction } from "../database.ts";

/** A value or row that an undo restored and that no sync overwrites for now. */
export interface Hold {
  /** A bigint as text. */
  id: string;
  model: ModelName;
  sourceId: string;
  /** Planhat's name of the field; null for the row as a whole. */
  field: string | null;
  /** The value that the mapping wanted; `{record}` for a removed row, `{model}` for a deal that moved back. */
  taken: Json;
  /** The restored value; null if there is none. */
  restored: Json;
  /** The fingerprint of the mapping's rules for it. */
  mapping: string;
  /** The undo. */
  runId: string | null;
  /** An instant as `…Z`. */
  since: string;
}

/** The columns of `connector.holds as h`, as a Hold has them. */
export const holdColumns = `h.id, h.model, h.source_id as "sourceId", h.field, h.taken, h.restored, h.mapping, h.run_id as "runId",
  ${instantText("h.since")} as since`;

/** Returns the holds of the given records in these models. */
export async function readHolds(
  queryable: Queryable,
  models: readonly ModelName[],
  sourceIds: readonly string[],
): Promise<Hold[]> {
  if (sourceIds.length === 0) return [];
  return queryable.query<Hold & Record<string, unknown>>(
    `select ${holdColumns} from connector.holds as h where h.model = any($1::text[]) and h.source_id = any($2::text[])
     order by h.id`,
    [models, sourceIds],
  );
}

/** Returns whether there are any holds. */
export async function hasHolds(queryable: Queryable): Promise<boolean> {
  const [row] = await queryable.query<{ found: boolean }>("select exists (select from connector.holds) as found");
  return row?.found === true;
}

/** The selection of holds to list. */
export interface HoldFilter {
  ids?: readonly string[];
}

/** Lists the holds, newest first. */
export async function listHolds(queryable: Queryable, { ids }: HoldFilter = {}): Promise<Hold[]> {
  return queryable.query<Hold & Record<string, unknown>>(
    `select ${holdColumns} from connector.holds as h where $1::bigint[] is null or h.id = any($1)
     order by h.id desc`,
    [ids ?? null],
  );
}

/** Counts the holds. */
export async function countHolds(queryable: Queryable): Promise<number> {
  const [row] = await queryable.query<{ count: string }>("select count(*) as count from connector.holds");
  return Number(row?.count);
}

/** Ends holds: later syncs write the values again. */
export async function endHolds(transaction: Transaction, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await transaction.query("delete from connector.holds where id = any($1::bigint[])", [ids]);
}

/** Returns a hash of each given record as landed, which changes with it. A deal's line item has that of its deal. */
export async function recordMarks(
  queryable: Queryable,
  stream: StreamName,
  recordIds: readonly number[],
): Promise<Map<string, string>> {
  if (recordIds.length === 0) return new Map();
  const ofDeals = `union all select -id, md5(record::text) from pipedrive.deals where -id = any($1::bigint[])`;
  const rows = await queryable.query<{ id: string; mark: string }>(
    `select id, md5(record::text) as mark from pipedrive.${stream} where id = any($1::bigint[])
     ${stream === "deal_products" ? ofDeals : ""}`,
    [recordIds],
  );
  return new Map(rows.map(({ id, mark }) => [id, mark]));
}
