import type { KeptField, RestoredField } from "../../database/undo/undo-updates.ts";
import type { ModelName } from "../../model-name.ts";
import { tableOf } from "../../model-name.ts";

/** Something that is left as it is: an element of `kept` in `undo --json` (contract, section 7). */
export interface KeptChange {
  model: ModelName;
  source_id: string | null;
  /** Null for the row as a whole. */
  field: string | null;
  because: string;
}

/** What an undo does, or did: what `undo --json` prints (contract, section 7). */
export interface UndoSummary {
  /** Its own id; null in a preview. */
  run: string | null;
  undoes: string;
  /** Fields, and deals that move back. */
  restored: number;
  kept: KeptChange[];
  removed: number;
  sent: number;
  held: number;
}

/** What people are shown besides. */
export interface UndoDetails {
  /** By model: fields restored, in how many rows. */
  updates: { model: ModelName; fields: number; rows: number }[];
  /** Rows that come back, by model. */
  returned: { model: ModelName; rows: number }[];
  removed: { model: ModelName; rows: number }[];
  first: RestoredField[];
}

/** Runs that changed something since, as far as they are told of. */
export type LaterRuns = ReadonlyMap<string, { mode: string; startedAt: string; undoes: string | null }>;

/** Says why something is left as it is. */
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
