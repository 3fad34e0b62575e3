import { readConflictsOfRun } from "../../database/conflicts.ts";
import type { Transaction } from "../../database/database.ts";
import { addPlanned, createPlanned, type PlannedRow, readPlanned } from "../../database/planned.ts";
import { type RejectionOfRun, readRejectionsOfRun } from "../../database/rejections.ts";
import type { Json } from "../../mapping/value.ts";
import type { StreamName } from "../../stream-name.ts";
import { mergeChanges, plannedChanges } from "../decide/planned-change.ts";
import type { Decision } from "../decision.ts";
import type { PlannedSend } from "../planned.ts";
import { emptyPublication, type PlannedChange, type PlannedPublication } from "../planned.ts";
import type { RunRequest, SyncOutcome, SyncRequest } from "../run-context.ts";
import { runSync } from "../runs/run-sync.ts";

/** What a sync would do. What is read of it comes from the rehearsal, and only while that goes on. */
export interface Plan extends SyncOutcome {
  /**
   * What becomes of each row that a sync looks at, in the order of model and source id; undefined: it stays as it is.
   */
  rows(): AsyncGenerator<PlannedOutcome, void>;
  /** What a sync would send to Pipedrive, once the rows are stored. */
  sends: readonly PlannedSend[];
  /** What a sync would do in Planhat; undefined where no tenant is named, or it could not be asked. */
  publication: PlannedPublication | undefined;
  /** What a sync would reject, in the order in which it was first rejected. */
  rejections(): AsyncGenerator<RejectionOfRun, void>;
  /** The conflicts that a sync would record, each with the value that would be lost. */
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
  /** The other one's value, which the sync overwrites. */
  lost: Json;
}

/** A row, and what changes in it. */
export interface PlannedOutcome {
  model: PlannedChange["model"];
  change: PlannedChange | undefined;
}

/** What a run is asked with for its decisions to be noted down, and what was noted. */
export interface Notes {
  /** To be spread into the request of the run. */
  hooks: Required<Pick<RunRequest, "onDecisions" | "onEdits" | "onSend">> & Pick<RunRequest, "publication">;
  /** Reads what the run has decided, while its rehearsal goes on. */
  read(outcome: SyncOutcome): Plan;
}

/**
 * Rehearses a sync: the very same run, on a database that keeps nothing, with every decision noted down as it is
 * carried out. So a plan is what the next sync does, unless something changes before it. What a run would send to
 * Pipedrive is noted too, and not sent. With `objects` the plan says which objects of Planhat it is about.
 */
export async function runPlan(request: SyncRequest, { objects = false }: { objects?: boolean } = {}): Promise<Plan> {
  const notes = await takeNotes(request, objects);
  return notes.read(await runSync({ ...request, ...notes.hooks }));
}

/** Makes ready to note down what a run on a rehearsal decides; with `objects` each object of Planhat too. */
export async function takeNotes(request: SyncRequest, objects: boolean): Promise<Notes> {
  const { database } = request;
  if (!database.rehearsal) throw new Error("A plan was asked for on a database that keeps it.");
  await createPlanned(database);
  let noted = 0;
  const note = async (transaction: Transaction, rows: readonly PlannedRow[]) => {
    // Nothing is noted of a rehearsal that was kept: its plan was read before.
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
