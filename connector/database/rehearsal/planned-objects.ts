import { type ModelName, modelNames, tableOf } from "../../model-name.ts";
import type { Database, Queryable } from "../database.ts";

/**
 * Creates a temporary table of a tenant's objects, for a plan that reads whole lists; it ends with this transaction.
 */
export async function createPlannedObjects(rehearsal: Database): Promise<void> {
  await rehearsal.query(
    "create temporary table if not exists planned_objects (model text, key text, id text, primary key (model, key)) on commit drop",
  );
}

/** Stores the ids of a model's objects by the connector's key. */
export async function addPlannedObjects(
  queryable: Queryable,
  model: ModelName,
  objects: readonly { key: string; id: string }[],
): Promise<void> {
  await queryable.query(
    `insert into pg_temp.planned_objects (model, key, id)
     select $1, key, id from unnest($2::text[], $3::text[]) as new (key, id) on conflict do nothing`,
    [model, objects.map(({ key }) => key), objects.map(({ id }) => id)],
  );
}

/** Returns the stored ids of the objects with the given keys. */
export async function readPlannedObjects(
  queryable: Queryable,
  model: ModelName,
  keys: readonly string[],
): Promise<Map<string, string>> {
  const rows = await queryable.query<{ key: string; id: string }>(
    "select key, id from pg_temp.planned_objects where model = $1 and key = any($2::text[])",
    [model, keys],
  );
  return new Map(rows.map(({ key, id }) => [key, id]));
}

/** Counts the rows of each model whose object Planhat has accepted. */
export async function countTaken(queryable: Queryable): Promise<Map<ModelName, number>> {
  const counts = modelNames.map(
    (model) =>
      `select '${model}' as model, count(*) as count from planhat.${tableOf[model]} as r
       join connector.published as p on p.model = '${model}' and p.source_id = r.source_id and p.hash is not null`,
  );
  const rows = await queryable.query<{ model: ModelName; count: string }>(counts.join(" union all "));
  return new Map(rows.map(({ model, count }) => [model, Number(count)]));
}
