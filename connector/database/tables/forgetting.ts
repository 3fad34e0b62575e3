import type { Json } from "../../mapping/value.ts";
import type { ModelName } from "../../model-name.ts";
import type { Queryable, Transaction } from "../database.ts";

/** A task that a forgetting has still to do after its transaction. */
export interface ForgettingTask {
  /** To delete an object in Planhat, publish a row that lost a value, rewrite a table, or tell what is left. */
  task: "delete" | "publish" | "rewrite" | "tell";
  model?: ModelName | null;
  sourceId?: string | null;
  planhatId?: string | null;
  /** The table's name, or the places and ids to tell. */
  details?: Json;
}

/** A task with its id, a bigint as text. */
export type StoredTask = ForgettingTask & { id: string };

/** Adds tasks, in the transaction that makes them necessary. */
export async function addTasks(transaction: Transaction, tasks: readonly ForgettingTask[]): Promise<void> {
  if (tasks.length === 0) return;
  await transaction.query(
    `insert into connector.forgetting (task, model, source_id, planhat_id, details)
     select task, model, "sourceId", "planhatId", details
     from json_to_recordset($1)
       as new (task text, model text, "sourceId" text, "planhatId" text, details jsonb)`,
    [JSON.stringify(tasks)],
  );
}

/** Returns the tasks of a kind, in the order in which they were added. */
export async function readTasks(queryable: Queryable, task: ForgettingTask["task"]): Promise<StoredTask[]> {
  return queryable.query<StoredTask & Record<string, unknown>>(
    `select id, task, model, source_id as "sourceId", planhat_id as "planhatId", details
     from connector.forgetting where task = $1 order by id`,
    [task],
  );
}

/** Removes tasks that are done. */
export async function removeTasks(queryable: Queryable, tasks: readonly StoredTask[]): Promise<void> {
  if (tasks.length === 0) return;
  await queryable.query("delete from connector.forgetting where id = any($1::bigint[])", [tasks.map(({ id }) => id)]);
}
