import { forgetPlanhatIds, isAnythingPublished, readPlanhatIds } from "../../database/rows/planhat-ids.ts";
import { commitRun } from "../../database/tables/fence.ts";
import { type ModelName, modelNames, type RevenueKind } from "../../model-name.ts";
import { KnownIds } from "../../planhat/known-ids.ts";
import { modelPaths, publishingOrder } from "../../planhat/model-paths.ts";
import { counted } from "../../text/counted.ts";
import { ObjectBrake } from "../brake/object-brake.ts";
import type { Twin } from "../planned.ts";
import type { PlanhatConnection, Run, RunRequest } from "../run-context.ts";
import { isRehearsedId, RehearsedTenant } from "./rehearsed-tenant.ts";

/** One run's publication to a tenant. */
export interface Publication {
  run: Run<RunRequest>;
  planhat: PlanhatConnection;
  /** The models that may be published. */
  models: ReadonlySet<ModelName>;
  knownIds: KnownIds;
  /** The `_id`s of companies that it has created: nothing of the connector can belong to them yet. */
  newCompanies: Set<string>;
  /** Stops it before it harms too many objects in Planhat; undefined if there is no limit. */
  brake: ObjectBrake | undefined;
  /** Replaces Planhat in a dry run, which must send nothing. */
  rehearsed: RehearsedTenant | undefined;
  /** Companies that Planhat seems to have, by source id. */
  twins: Map<string, Twin>;
  /** The source ids of twins that wait for consent. */
  waiting: ReadonlySet<string>;
  /** The number of rows whose object Planhat no longer had. */
  forgotten: Record<ModelName, number>;
  /** Rows that would have been sent if the brake had not stopped it, by source id. */
  unsent: Record<ModelName, Set<string>>;
  /** The rows to publish, by source id, if others wait for another run; undefined: all. */
  only: Record<ModelName, ReadonlySet<string>> | undefined;
  /** The kinds of revenue models that the tenant lacks. */
  lacks: Set<RevenueKind>;
  /** Source ids under which Planhat has line items of other deals, with the `_id`s of those. */
  foreign: Map<string, string>;
  /** The number of the pass through all models, from 1: objects found missing in one pass are created in the next. */
  round: number;
}

/** Passes after which a missing object becomes a rejection: another program is removing it. */
export const mostRounds = 3;

/** Starts the publication of a run; sends no request yet. */
export function beginPublication(
  run: Run<RunRequest>,
  planhat: PlanhatConnection,
  models: ReadonlySet<ModelName>,
  only?: Publication["only"],
): Publication {
  const forgotten = Object.fromEntries(modelNames.map((model) => [model, 0])) as Publication["forgotten"];
  const unsent = Object.fromEntries(modelNames.map((model) => [model, new Set()])) as unknown as Publication["unsent"];
  const { database, publication: planned } = run.request;
  const knownIds = new KnownIds(planhat.client);
  const rehearsed = database.rehearsal
    ? new RehearsedTenant({ database, client: planhat.client, knownIds, planned: planned! })
    : undefined;
  // A run that stops at its rows reaches no object; neither does its plan.
  const brake = run.request.brake === undefined || run.brake?.braked().length ? undefined : new ObjectBrake(run);
  return {
    run,
    planhat,
    models,
    knownIds,
    newCompanies: new Set(),
    brake,
    rehearsed,
    twins: new Map(),
    waiting: new Set(),
    forgotten,
    unsent,
    only,
    lacks: new Set(),
    foreign: new Map(),
    round: 1,
  };
}

/**
 * Removes the ids of a model's objects that Planhat no longer has, by reading its list of ids. No request is sent if
 * nothing was published yet. Returns true, to continue with the next model.
 */
export async function noticeGone(publication: Publication, model: ModelName): Promise<boolean> {
  const { run, knownIds } = publication;
  const { database, signal } = run.request;
  signal.throwIfAborted();
  if (!(await isAnythingPublished(database, model))) return true;
  const ids = (await readPlanhatIds(database, model)).filter(({ planhatId }) => !isRehearsedId(planhatId));
  const gone = await knownIds.gone(
    model,
    ids.map(({ planhatId }) => planhatId),
    { listed: true },
  );
  const sourceIds = ids.filter(({ planhatId }) => gone.has(planhatId)).map(({ sourceId }) => sourceId);
  if (sourceIds.length === 0) return true;
  await commitRun(database, run.id, async (transaction) => {
    await forgetPlanhatIds(transaction, model, sourceIds);
  });
  publication.forgotten[model] += sourceIds.length;
  return true;
}

/** Warns in one sentence of the objects that Planhat no longer had. */
export function tellForgotten({ run, planhat, forgotten }: Publication): void {
  const told = publishingOrder
    .filter((model) => forgotten[model] > 0)
    .map((model) => counted(forgotten[model], modelPaths[model].thing, modelPaths[model].things));
  if (told.length === 0) return;
  run.request.onWarning?.(
    `Planhat (${planhat.client.host}) no longer has ${told.join(", ")}, deleted or merged there. Each was searched by its key, and created again if not found.`,
  );
}
