import { usualKeepDays } from "../../database/history/prune-changes.ts";
import type { Retention } from "../../database/history/retention.ts";
import type { StartedBy } from "../../database/tables/runs.ts";
import { operator } from "../../operator.ts";
import type { LandingExtent, RunRequest } from "../run-context.ts";

/** The part of a config that says what is kept, and how long. */
export interface KeepingConfig {
  history?: { keep_days: number } | undefined;
  retention?: { rejected?: string; conflicts?: string; deleted_records?: string } | undefined;
  landing?: LandingExtent;
}

/** Returns the history part of a run's request: its starter, what the config keeps, and how long. */
export function withHistory(
  { history, retention, landing = "full" }: KeepingConfig,
  startedBy: StartedBy,
): Required<Pick<RunRequest, "startedBy" | "keepDays" | "retention" | "landing">> {
  return { startedBy, keepDays: history?.keep_days ?? usualKeepDays, retention: retentionOf(retention), landing };
}

/** Returns the days of each kind that the config limits: `90d` is 90, and `never` is no limit. */
export function retentionOf(retention: KeepingConfig["retention"]): Retention {
  const days = { rejected: retention?.rejected, conflicts: retention?.conflicts, deleted: retention?.deleted_records };
  const limited = Object.entries(days).flatMap(([kind, text]) => {
    const number = Number.parseInt(text ?? "", 10);
    return Number.isNaN(number) ? [] : [[kind, number] as const];
  });
  return Object.fromEntries(limited);
}

/** Returns a command as the starter of a run, with the system user who gave it. */
export function byCommand(command: string): StartedBy {
  return { by: "command", command, user: operator() };
}
