import type { KeptField, RestoredField } from "../../database/undo/undo-updates.ts";
import type { ModelName } from "../../model-name.ts";
import { tableOf } from "../../model-name.ts";

/** A change that stays: an element of `kept` in `undo --json` (contract, section 7). */
export interface KeptChange {
  model: ModelName;
  source_id: string | null;
  /** The field; null for the row as a whole. */
  field: string | null;
  because: string;
}

/** The effect of an undo, planned or done: the output of `undo --json` (contract, section 7). */
export interface UndoSummary {
  /** The undo's own id; null in a preview. */
  run: string | null;
  undoes: string;
  /** The number of restored fields, and of deals that move back. */
  restored: number;
  kept: KeptChange[];
  removed: number;
  sent: number;
  held: number;
}

/** The details that are shown to the user besides. */
export interface UndoDetails {
  /** The restored fields and their rows, by model. */
  updates: { model: ModelName; fields: number; rows: number }[];
  /** Rows that return, by model. */
  returned: { model: ModelName; rows: number }[];
  removed: { model: ModelName; rows: number }[];
  first: RestoredField[];
}

/** Later runs that changed something, with the data for messages. */
export type LaterRuns = ReadonlyMap<string, { mode: string; startedAt: string; undoes: string | null }>;

/** Returns why a change stays. */
export function keptBecause({ why, byRun, child, field }: KeptField, undone: string, runs: LaterRuns): string {
  switch (why) {
    case "gone":
      return "its row is gone";
    case "again":
      return "its record has another row now";
    case "company":
      return "the company that it belonged to is gone";
    case "parent":
      return `${tableOf[child!]} belong to it that stay`;
    case "changed": {
      if (byRun === null) return field === null ? "somebody changed it since" : "changed by hand since";
      const run = runs.get(byRun);
      const id = byRun.slice(0, 8);
      if (run?.undoes === undone) return `taken back already by undo ${id}`;
      return run === undefined
        ? `changed since by run ${id}`
        : `changed since by run ${id} (${run.mode}, ${run.startedAt})`;
    }
  }
}
