import type { Migration } from "./migration.ts";

/** When a run last said that it goes on; null for one that has not been under way for long. */
export const progressOfRuns: Migration = {
  number: 16,
  name: "progress-of-runs",
  sql: "alter table connector.runs add column if not exists progress_at timestamptz;",
};
