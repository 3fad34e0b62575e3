import { type ModelName, tableOf } from "../../model-name.ts";
import type { Queryable, Transaction } from "../database.ts";

/** A row and Planhat's `_id` of its object. */
export interface PlanhatId {
  sourceId: string;
  planhatId: string;
}

/** Returns the known ids in Planhat of a model's rows. */
export async function readPlanhatIds(queryable: Queryable, model: ModelName): Promise<PlanhatId[]> {
  return queryable.query<PlanhatId & Record<string, unknown>>(
    `select r.source_id as "sourceId", coalesce(r.planhat_id, p.planhat_id) as "planhatId"
     from planhat.${tableOf[model]} as r
     left join connector.published as p on p.model = $1 and p.source_id = r.source_id
     where r.source_id is not null and coalesce(r.planhat_id, p.planhat_id) is not null
     order by r.id`,
    [model],
  );
}

/** Returns whether anything of a model was ever published. */
export async function isAnythingPublished(queryable: Queryable, model: ModelName): Promise<boolean> {
  const [row] = await queryable.query<{ known: boolean }>(
    "select exists (select from connector.published where model = $1 and planhat_id is not null) as known",
    [model],
  );
  return row!.known;
}

/** Returns the rows that hold one of the given ids, except the rows that claim it. */
export async function otherHolders(
  queryable: Queryable,
  model: ModelName,
  claims: readonly PlanhatId[],
): Promise<PlanhatId[]> {
  if (claims.length === 0) return [];
  return queryable.query<PlanhatId & Record<string, unknown>>(
    `select r.source_id as "sourceId", r.planhat_id as "planhatId"
     from unnest($1::text[], $2::text[]) as claimed (planhat_id, source_id)
     join planhat.${tableOf[model]} as r on r.planhat_id = claimed.planhat_id
     where r.source_id <> claimed.source_id`,
    [claims.map(({ planhatId }) => planhatId), claims.map(({ sourceId }) => sourceId)],
  );
}

/**
 * Removes Planhat's ids of rows, so that their objects are looked up by key, or created again, with all that belongs to
 * them. A company then counts as never published: Planhat's values are merged as if it were new there.
 */
export async function forgetPlanhatIds(
  transaction: Transaction,
  model: ModelName,
  sourceIds: readonly string[],
): Promise<void> {
  if (sourceIds.length === 0) return;
  await transaction.query(
    `update planhat.${tableOf[model]} set planhat_id = null where source_id = any($1::text[]) and planhat_id is not null`,
    [sourceIds],
  );
  const forget =
    model === "company"
      ? "delete from connector.published"
      : "update connector.published set planhat_id = null, version = null, hash = null";
  await transaction.query(`${forget} where model = $1 and source_id = any($2::text[])`, [model, sourceIds]);
}

/** Gives line items the `_id`s of objects that Planhat has for them. */
export async function takeOverItems(transaction: Transaction, taken: readonly PlanhatId[]): Promise<void> {
  await transaction.query(
    `update planhat.lineitems as r set planhat_id = new.planhat_id
     from unnest($1::text[], $2::text[]) as new (source_id, planhat_id)
     where r.source_id = new.source_id and r.planhat_id is null`,
    [taken.map(({ sourceId }) => sourceId), taken.map(({ planhatId }) => planhatId)],
  );
}
