import type { Migration } from "../migration.ts";

/** The last sign of life of a run; null if it has not been running for long. */
export const progressOfRuns: Migration = {
  number: 16,
  name: "progress-of-runs",
  sql: "alter table connector.runs add column if not exists progress_at timestamptz;",
};
