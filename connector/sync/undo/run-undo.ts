import { randomUUID } from "node:crypto";
import { rowsOfRun } from "../../database/history/changes.ts";
import { claimFence, commitRun } from "../../database/tables/fence.ts";
import { readForgotten } from "../../database/tables/forgotten.ts";
import { hasHarmedObjects } from "../../database/tables/harm.ts";
import { startRun } from "../../database/tables/runs.ts";
import { countStaying, type UndoneRun, undoDepth } from "../../database/undo/undone-run.ts";
import type { ModelName } from "../../model-name.ts";
import type { Client } from "../../pipedrive/client/client.ts";
import { modelPaths } from "../../planhat/model-paths.ts";
import { counted } from "../../text/counted.ts";
import { publishRun, receiveRun } from "../publish/planhat-run.ts";
import type { Run, RunRequest } from "../run-context.ts";
import { openRejections } from "../runs/open-rejections.ts";
import { failureOf, finishRunOf } from "../runs/run-sync.ts";
import { emptySummary } from "../summary.ts";
import { type UndoChoice, type UndoneRows, undoChanges } from "./undo-changes.ts";
import { undoSends } from "./undo-sends.ts";

/** The inputs of an undo: the run, and the part of it. */
export interface UndoRequest extends RunRequest {
  undone: UndoneRun;
  choice: UndoChoice;
  /** The client, if values that the run sent to Pipedrive are undone too. */
  client?: Client;
}

/** The result of an undo: its effect on the rows, and the failure that ended it early. */
export interface UndoOutcome {
  /** The effect on the rows; undefined if it ended before. */
  rows: UndoneRows | undefined;
  /** Objects that stay in Planhat although their rows are gone, by model. */
  staying: { model: ModelName; count: number }[];
  failure?: unknown;
}

/**
 * Undoes the changes of a run, as a run of its own: reads Planhat's edits first, so that none is overwritten, restores
 * the rows in one transaction, and publishes them. A process that dies before the transaction has changed nothing;
 * after it, the next run publishes the rest.
 */
export async function runUndo(request: UndoRequest): Promise<UndoOutcome> {
  const { database, undone, choice, mapping } = request;
  const started = performance.now();
  const id = randomUUID();
  const summary = emptySummary(id, "undo");
  // Always keep the changes of an undo, whatever the config says: an undo can itself be undone.
  const history = { runId: id, isKept: true };
  const changedInPlanhat = new Map<number, string>();
  const run: Run<UndoRequest> = { request, id, summary, rejections: 0, history, changedInPlanhat, held: new Map() };
  await database.transaction(async (transaction) => {
    const begun = await startRun(transaction, id, "undo", {
      ...{ startedBy: request.startedBy, mapping: mapping.fingerprint, changesKept: history.isKept },
      undoes: undone.id,
    });
    run.anyDismissed = begun.dismissed;
    if (begun.forgotten) run.forgotten = await readForgotten(transaction);
    await claimFence(transaction, id);
  });
  const outcome: UndoOutcome = { rows: undefined, staying: [] };
  try {
    const received = await receiveRun(run);
    const holds = (await undoDepth(database, undone.id)) % 2 === 0;
    outcome.rows = await commitRun(database, id, async (transaction) => {
      const rows = await undoChanges(transaction, mapping, { runId: undone.id, undoId: id, holds, choice });
      return rows;
    });
    count(run, outcome.rows);
    const unsent =
      request.client === undefined ? undefined : await failureOf(() => sendBack(run, request.client!, outcome.rows!));
    outcome.staying = await countStaying(database, id);
    tellStaying(run, outcome.staying);
    // Changes of other runs that the brake holds back, or would, still wait for approval.
    const only = request.planhat !== undefined && (await hasHarmedObjects(database));
    await publishRun(run, received, only ? await rowsOfRun(database, id) : undefined);
    if (unsent !== undefined) throw unsent;
    summary.status = (await openRejections(run)) > 0 ? "partial" : "succeeded";
  } catch (error) {
    outcome.failure = error;
    summary.status = "failed";
  }
  await finishRunOf(run, started, outcome.failure);
  return outcome;
}

/** Undoes the sends, after the rows: their present values decide what is held. */
async function sendBack(run: Run<UndoRequest>, client: Client, { summary }: UndoneRows): Promise<void> {
  const { sent, held, kept } = await undoSends(run, client, run.request.undone.id, run.request.choice);
  summary.sent += sent;
  summary.held += held;
  summary.kept.push(...kept);
  run.summary.sent.organizations.updated += sent;
}

function count({ summary }: Run<UndoRequest>, { details }: UndoneRows): void {
  for (const { model, rows } of details.updates) summary.models[model].updated += rows;
  for (const { model, rows } of details.returned) summary.models[model].created += rows;
}

/** Warns of companies, end users and notes that stay in Planhat: they may hold values that users added there. */
function tellStaying({ request }: Run<UndoRequest>, staying: UndoOutcome["staying"]): void {
  if (staying.length === 0 || request.planhat === undefined) return;
  const what = staying
    .map(({ count, model }) => counted(count, modelPaths[model].thing, modelPaths[model].things))
    .join(", ");
  request.onWarning?.(
    `${what} whose rows go stay in Planhat (${request.planhat.client.host}), with the values that users added there. Delete them there if they are not wanted; licenses and sales are deleted.`,
  );
}
