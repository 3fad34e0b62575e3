import { addPlanned, createPlanned, readPlanned } from "../database/planned.ts";
import { type RejectionOfRun, readRejectionsOfRun } from "../database/rejections.ts";
import type { Decision } from "./decide-candidate.ts";
import { mergeChanges, type PlannedChange, plannedChanges } from "./planned-change.ts";
import type { PlannedSend } from "./planned-send.ts";
import { runSync, type SyncOutcome, type SyncRequest } from "./run-sync.ts";

/** What a sync would do. What is read of it comes from the rehearsal, and only while that goes on. */
export interface Plan extends SyncOutcome {
  /** What becomes of each row that a sync looks at, in the order of model and source id; undefined: it stays as it is. */
  rows(): AsyncGenerator<PlannedOutcome, void>;
  /** What a sync would send to Pipedrive, once the rows are stored. */
  sends: readonly PlannedSend[];
  /** What a sync would reject, in the order in which it was first rejected. */
  rejections(): AsyncGenerator<RejectionOfRun, void>;
}

/** A row, and what changes in it. */
export interface PlannedOutcome {
  model: PlannedChange["model"];
  change: PlannedChange | undefined;
}

/**
 * Rehearses a sync: the very same run, on a database that keeps nothing, with every decision noted down as it is carried
 * out. So a plan is what the next sync does, unless something changes before it. What a run would send to
 * Pipedrive is noted too, and not sent.
 */
export async function runPlan(request: SyncRequest): Promise<Plan> {
  const { database } = request;
  if (!database.rehearsal) throw new Error("A plan was asked for on a database that keeps it.");
  await createPlanned(database);
  let noted = 0;
  const sends: PlannedSend[] = [];
  const outcome = await runSync({
    ...request,
    async onDecisions(transaction, decisions) {
      const rows = decisions.flatMap(notesOf);
      await addPlanned(transaction, noted, rows);
      noted += rows.length;
    },
    onSend: (send) => void sends.push(send),
  });
  const runId = outcome.summary.run;
  return { ...outcome, sends, rows: () => outcomes(request), rejections: () => readRejectionsOfRun(database, runId) };
}

function notesOf(decision: Decision) {
  const { model, sourceId, action } = decision.action;
  const changes = plannedChanges(decision).map((change) => ({
    model: change.model,
    sourceId,
    change: JSON.stringify(change),
  }));
  return action === "unchanged" ? [...changes, { model, sourceId, change: null }] : changes;
}

/** Everything noted about one row as one outcome. */
async function* outcomes({ database }: SyncRequest): AsyncGenerator<PlannedOutcome, void> {
  let row: { model: PlannedChange["model"]; sourceId: string; change: PlannedChange | undefined } | undefined;
  for await (const { model, sourceId, change: json } of readPlanned(database)) {
    const change = json === null ? undefined : (JSON.parse(json) as PlannedChange);
    if (row !== undefined && row.model === model && row.sourceId === sourceId) {
      if (change !== undefined) row.change = row.change === undefined ? change : mergeChanges(row.change, change);
      continue;
    }
    if (row !== undefined) yield { model: row.model, change: row.change };
    row = { model, sourceId, change };
  }
  if (row !== undefined) yield { model: row.model, change: row.change };
}
