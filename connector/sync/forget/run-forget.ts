import { randomUUID } from "node:crypto";
import type { Database } from "../../database/database.ts";
import type { Wanted } from "../../database/forget/person-words.ts";
import { rewriteTables } from "../../database/forget/rewrite-tables.ts";
import { readBackups } from "../../database/tables/backups.ts";
import { claimFence, commitRun } from "../../database/tables/fence.ts";
import { readTasks, removeTasks, type StoredTask } from "../../database/tables/forgetting.ts";
import { type ForgottenEntry, readForgotten, readForgottenEntries } from "../../database/tables/forgotten.ts";
import { startRun } from "../../database/tables/runs.ts";
import { type ModelName, modelNames } from "../../model-name.ts";
import { emptyPlanhatSummary } from "../planhat-summary.ts";
import { deleteForgotten } from "../publish/delete-forgotten.ts";
import { knowTenant } from "../publish/know-tenant.ts";
import { publishRun, receiveRun } from "../publish/planhat-run.ts";
import type { Run, RunRequest } from "../run-context.ts";
import { openRejections } from "../runs/open-rejections.ts";
import { finishRunOf } from "../runs/run-sync.ts";
import { emptySummary } from "../summary.ts";
import type { ForgetProof, LeftToPeople } from "./forget-proof.ts";
import { removeEverywhere } from "./remove-everywhere.ts";

/** The inputs of a forgetting. */
export interface ForgetRequest extends RunRequest {
  wanted: Wanted;
  /** Called once the memory is stored in the database, to keep it outside too. */
  onRemembered?: (memory: readonly ForgottenEntry[]) => Promise<void>;
}

/** The result of a forgetting, and the failure that ended it early: the same command goes on. */
export interface ForgetOutcome {
  proof: ForgetProof | undefined;
  failure?: unknown;
}

/**
 * Forgets a person, as a run of its own. One transaction removes everything from the tables and remembers the person
 * by hashes. What follows is recorded as tasks, so that the same command goes on after a kill: the files are rewritten,
 * the end user is deleted in Planhat, and rows that lost a value are published. Keeps no change: it would hold the
 * values.
 */
export async function runForget(request: ForgetRequest): Promise<ForgetOutcome> {
  const { database, mapping, wanted } = request;
  const started = performance.now();
  const id = randomUUID();
  const summary = emptySummary(id, "forget");
  const history = { runId: id, isKept: false };
  const run: Run<ForgetRequest> = {
    ...{ request, id, summary, rejections: 0, history, changedInPlanhat: new Map(), held: new Map() },
  };
  await database.transaction(async (transaction) => {
    const begun = await startRun(transaction, id, "forget", {
      ...{ startedBy: request.startedBy, mapping: mapping.fingerprint, changesKept: false },
    });
    run.anyDismissed = begun.dismissed;
    await claimFence(transaction, id);
  });
  const outcome: ForgetOutcome = { proof: undefined };
  try {
    const forgetting = { runId: id, mapping, kind: database.kind };
    const proof = await commitRun(database, id, (transaction) => removeEverywhere(transaction, forgetting, wanted));
    outcome.proof = proof;
    run.forgotten = await readForgotten(database);
    if (!database.rehearsal) {
      await request.onRemembered?.(await readForgottenEntries(database));
      proof.rewritten = await rewriteRemoved(database);
    }
    await finishInPlanhat(run, proof);
    proof.left = await readLeft(run);
    proof.backups = await readBackups(database);
    proof.done = !database.rehearsal && proof.planhat.waiting.length === 0 && proof.rewritten.left.length === 0;
    summary.status = (await openRejections(run)) > 0 ? "partial" : "succeeded";
    if (!database.rehearsal) await removeTasks(database, await readTasks(database, "tell"));
  } catch (error) {
    outcome.failure = error;
    summary.status = "failed";
  }
  await finishRunOf(run, started, outcome.failure);
  return outcome;
}

/** Reads what is left to people, as the transaction recorded it: after a kill too. */
async function readLeft({ request: { database } }: Run<ForgetRequest>): Promise<LeftToPeople> {
  const all = (await readTasks(database, "tell")).map(({ details }) => details as unknown as LeftToPeople);
  const ids = (key: Exclude<keyof LeftToPeople, "elsewhere">) => [...new Set(all.flatMap((one) => one[key]))];
  return {
    notes: ids("notes"),
    notes_on_person: ids("notes_on_person"),
    deals: ids("deals"),
    organizations: ids("organizations"),
    persons: ids("persons"),
    elsewhere: all.flatMap(({ elsewhere }) => elsewhere),
  };
}

/** Rewrites the tables from which something was removed, as far as that is still to be done. */
export async function rewriteRemoved(database: Database): Promise<ForgetProof["rewritten"]> {
  const tasks = await readTasks(database, "rewrite");
  const tables = [...new Set(tasks.map(({ details }) => String(details)))];
  if (tables.length === 0) return { tables, left: [] };
  const left = await rewriteTables(database, tables);
  const failed = new Set(left.map(({ table }) => table));
  await removeTasks(
    database,
    tasks.filter(({ details }) => !failed.has(String(details))),
  );
  return { tables: tables.filter((table) => !failed.has(table)), left };
}

/** Deletes the end users in Planhat, and publishes the rows that lost a value. */
async function finishInPlanhat(run: Run<ForgetRequest>, proof: ForgetProof): Promise<void> {
  const { database, planhat } = run.request;
  const rows = await readTasks(database, "publish");
  if (planhat === undefined || database.rehearsal) {
    // Without Planhat in the config nothing but an id of Planhat tells that there is an object.
    const waiting = (await readTasks(database, "delete")).filter(
      (task) => planhat !== undefined || task.planhatId !== null,
    );
    proof.planhat = { host: planhat?.client.host ?? null, deleted: 0, waiting: waiting.map(objectOf) };
    if (!database.rehearsal) await dropTasks(database, waiting, rows);
    return;
  }
  try {
    if (rows.length > 0) {
      await publishRun(run, await receiveRun(run), onlyRows(rows));
      await removeTasks(database, rows);
    } else {
      run.summary.planhat = emptyPlanhatSummary();
      run.tenant = await knowTenant(run, planhat.client);
      await deleteForgotten(run, planhat);
    }
  } finally {
    const waiting = (await readTasks(database, "delete")).map(objectOf);
    const deleted = run.summary.planhat?.published.enduser.deleted ?? 0;
    proof.planhat = { host: planhat.client.host, deleted, waiting };
  }
}

/** Removes tasks that nobody can do: Planhat is not in the config, and has no object, as far as is known. */
async function dropTasks(
  database: ForgetRequest["database"],
  waiting: readonly StoredTask[],
  rows: readonly StoredTask[],
): Promise<void> {
  const kept = new Set(waiting.map(({ id }) => id));
  const needless = (await readTasks(database, "delete")).filter(({ id }) => !kept.has(id));
  await removeTasks(database, [...needless, ...rows]);
}

function objectOf({ sourceId, planhatId }: StoredTask): { source_id: string; planhat_id: string | null } {
  return { source_id: sourceId!, planhat_id: planhatId ?? null };
}

function onlyRows(rows: readonly StoredTask[]): Record<ModelName, Set<string>> {
  const only = Object.fromEntries(modelNames.map((model) => [model, new Set<string>()])) as Record<
    ModelName,
    Set<string>
  >;
  for (const { model, sourceId } of rows) only[model!].add(sourceId!);
  return only;
}
