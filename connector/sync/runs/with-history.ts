import { usualKeepDays } from "../../database/history/prune-changes.ts";
import type { StartedBy } from "../../database/tables/runs.ts";
import { operator } from "../../operator.ts";
import type { RunRequest } from "../run-context.ts";

/** Returns the history part of a run's request: its starter, and how long the config keeps its changes. */
export function withHistory(
  history: { keep_days: number } | undefined,
  startedBy: StartedBy,
): Required<Pick<RunRequest, "startedBy" | "keepDays">> {
  return { startedBy, keepDays: history?.keep_days ?? usualKeepDays };
}

/** Returns a command as the starter of a run, with the system user who gave it. */
export function byCommand(command: string): StartedBy {
  return { by: "command", command, user: operator() };
}
