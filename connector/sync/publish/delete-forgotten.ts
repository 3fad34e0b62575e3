import { commitRun } from "../../database/tables/fence.ts";
import { readTasks, removeTasks, type StoredTask } from "../../database/tables/forgetting.ts";
import type { PlanhatClient } from "../../planhat/client.ts";
import { modelPaths } from "../../planhat/model-paths.ts";
import type { PlanhatConnection, Run, RunRequest } from "../run-context.ts";

/** Objects of one key that are removed at most: Planhat may find another one, which was merged. */
const mostOfOneKey = 5;

/** An end user of a forgotten person, and what became of it in Planhat. */
export interface DeletedEnduser {
  sourceId: string;
  deleted: number;
}

/**
 * Deletes the end users of forgotten persons in Planhat, by Planhat's id and by the connector's key, until Planhat has
 * none. Each is recorded at once, so a run that dies repeats at most one call.
 */
export async function deleteForgotten(run: Run<RunRequest>, { client }: PlanhatConnection): Promise<DeletedEnduser[]> {
  const { database, signal, onWarning } = run.request;
  const done: DeletedEnduser[] = [];
  if (database.rehearsal) return done;
  for (const task of await readTasks(database, "delete")) {
    signal.throwIfAborted();
    // The id belongs to the tenant that was published to before.
    if (run.tenant?.isOther === true && task.planhatId !== null) {
      onWarning?.(
        `The end user ${task.planhatId} of a forgotten person is in another tenant of Planhat: delete it there.`,
      );
      continue;
    }
    const deleted = await deleteWhole(client, task);
    if (run.summary.planhat !== undefined) run.summary.planhat.published.enduser.deleted += deleted;
    await commitRun(database, run.id, (transaction) => removeTasks(transaction, [task]));
    done.push({ sourceId: task.sourceId!, deleted });
  }
  return done;
}

async function deleteWhole(client: PlanhatClient, { sourceId, planhatId }: StoredTask): Promise<number> {
  const { path, things } = modelPaths.enduser;
  let deleted = 0;
  if (typeof planhatId === "string" && (await client.delete(path, planhatId, things))) deleted++;
  for (let time = 0; time < mostOfOneKey; time++) {
    const found = await client.find(path, `srcid-${sourceId}`, things);
    if (typeof found?.["_id"] !== "string") break;
    if (await client.delete(path, found["_id"], things)) deleted++;
  }
  return deleted;
}
