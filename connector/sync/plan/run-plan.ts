import type { Transaction } from "../../database/database.ts";
import { addPlanned, createPlanned, type PlannedRow, readPlanned } from "../../database/rehearsal/planned.ts";
import { readConflictsOfRun } from "../../database/tables/conflicts.ts";
import { type RejectionOfRun, readRejectionsOfRun } from "../../database/tables/rejections.ts";
import type { Json } from "../../mapping/value.ts";
import type { StreamName } from "../../stream-name.ts";
import { mergeChanges, plannedChanges } from "../decide/planned-change.ts";
import type { Decision } from "../decision.ts";
import type { PlannedSend } from "../planned.ts";
import { emptyPublication, type PlannedChange, type PlannedPublication } from "../planned.ts";
import type { RunRequest, SyncOutcome, SyncRequest } from "../run-context.ts";
import { runSync } from "../runs/run-sync.ts";

/** The result of planning a sync. It can be read only while its dry run is open. */
export interface Plan extends SyncOutcome {
  /**
   * Yields the outcome for each row that a sync decides about, in the order of model and source id; undefined: it stays
   * unchanged.
   */
  rows(): AsyncGenerator<PlannedOutcome, void>;
  /** The sends to Pipedrive, after the rows are stored. */
  sends: readonly PlannedSend[];
  /** The publication to Planhat; undefined if no tenant is configured, or it could not be reached. */
  publication: PlannedPublication | undefined;
  /** Yields the rejections, in the order in which they were first recorded. */
  rejections(): AsyncGenerator<RejectionOfRun, void>;
  /** Yields the conflicts, each with the value that would be lost. */
  conflicts(): AsyncGenerator<PlannedConflict, void>;
}

/** A field that both sides changed: an element of `conflicts` in `plan --json`. */
export interface PlannedConflict {
  stream: StreamName;
  record_id: number;
  /** By Planhat's name, `custom.<name>` for custom fields. */
  field: string;
  pipedrive: Json;
  planhat: Json;
  winner: "pipedrive" | "planhat";
  /** The losing side's value, which the sync overwrites. */
  lost: Json;
}

/** A row and its change. */
export interface PlannedOutcome {
  model: PlannedChange["model"];
  change: PlannedChange | undefined;
}

/** The hooks that record a run's decisions, and the function that reads them. */
export interface Notes {
  /** The hooks, for the run's request. */
  hooks: Required<Pick<RunRequest, "onDecisions" | "onEdits" | "onSend">> & Pick<RunRequest, "publication">;
  /** Reads the decisions of the run, while its dry run is open. */
  read(outcome: SyncOutcome): Plan;
}

/**
 * Runs a sync as a dry run: the same run, on a database that keeps nothing, with every decision recorded as it is
 * executed. So a plan is what the next sync does, unless something changes before it. Sends to Pipedrive are recorded,
 * not made. With `objects` the plan lists the objects of Planhat too.
 */
export async function runPlan(request: SyncRequest, { objects = false }: { objects?: boolean } = {}): Promise<Plan> {
  const notes = await takeNotes(request, objects);
  return notes.read(await runSync({ ...request, ...notes.hooks }));
}

/** Prepares recording the decisions of a dry run; with `objects` each object of Planhat too. */
export async function takeNotes(request: SyncRequest, objects: boolean): Promise<Notes> {
  const { database } = request;
  if (!database.rehearsal) throw new Error("A plan was asked for on a database that keeps it.");
  await createPlanned(database);
  let noted = 0;
  const note = async (transaction: Transaction, rows: readonly PlannedRow[]) => {
    // A rehearsal that was kept needs no notes: its plan was read before.
    if (!database.rehearsal) return;
    await addPlanned(transaction, noted, rows);
    noted += rows.length;
  };
  const sends: PlannedSend[] = [];
  const publication =
    request.planhat === undefined ? undefined : { ...emptyPublication(), ...(objects ? { objects: [] } : {}) };
  return {
    hooks: {
      onDecisions: (transaction, decisions) => note(transaction, decisions.flatMap(notesOf)),
      onEdits: (transaction, changes) => note(transaction, changes.map(noteOf)),
      ...(publication === undefined ? {} : { publication }),
      onSend: (send) => void sends.push(send),
    },
    read(outcome) {
      const runId = outcome.summary.run;
      return {
        ...outcome,
        sends,
        publication: outcome.summary.planhat === undefined ? undefined : publication,
        rows: () => outcomes(request),
        rejections: () => readRejectionsOfRun(database, runId),
        conflicts: () => conflicts(request, runId),
      };
    },
  };
}

async function* conflicts({ database }: SyncRequest, runId: string): AsyncGenerator<PlannedConflict, void> {
  for await (const { stream, recordId, field, pipedrive, planhat, winner } of readConflictsOfRun(database, runId)) {
    const lost = winner === "planhat" ? pipedrive : planhat;
    yield { stream, record_id: recordId, field, pipedrive, planhat, winner, lost };
  }
}

function notesOf(decision: Decision) {
  const { model, sourceId, action } = decision.action;
  const changes = plannedChanges(decision).map(noteOf);
  return action === "unchanged" ? [...changes, { model, sourceId, change: null }] : changes;
}

function noteOf(change: PlannedChange): PlannedRow {
  return { model: change.model, sourceId: change.source_id, change: JSON.stringify(change) };
}

/** Merges everything recorded about one row into one outcome. */
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
