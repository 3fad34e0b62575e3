import { usualKeepDays } from "../../database/history/prune-changes.ts";
import type { StartedBy } from "../../database/runs.ts";
import { operator } from "../../operator.ts";
import type { RunRequest } from "../run-context.ts";

/** What a run is told of who started it, and of how long the config keeps its changes. */
export function withHistory(
  history: { keep_days: number } | undefined,
  startedBy: StartedBy,
): Required<Pick<RunRequest, "startedBy" | "keepDays">> {
  return { startedBy, keepDays: history?.keep_days ?? usualKeepDays };
}

/** A command as the one that starts a run, with the user of the system who gave it. */
export function byCommand(command: string): StartedBy {
  return { by: "command", command, user: operator() };
}
