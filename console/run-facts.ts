import type { RunAnswer } from "../connector/console/routes/runs.ts";
import { runName } from "./run-line.tsx";
import { rowsOf } from "./words.ts";

/** Returns what a run was, in words: `Sync`, `Undo of 7c1e09d4`. */
export function runTitle({ mode, undoes }: Pick<RunAnswer, "mode" | "undoes">): string {
  return undoes === null ? runName(mode) : `${runName(mode)} of ${undoes.slice(0, 8)}`;
}

/** Returns who started a run, in words. */
export function starter(by: RunAnswer["started_by"]): string {
  if (by === null) return "unknown";
  switch (by.by) {
    case "command":
      return `${by.user}, by command`;
    case "console":
      return `${by.user}, in the console`;
    case "webhook":
      return by.events === 1 ? "an event of Pipedrive" : `${by.events} events of Pipedrive`;
    case "post":
      return "POST /sync";
    case "schedule":
      return "schedule";
  }
}

/** Returns the number of rows that a run changed. */
export function rowsChanged({ changed }: Pick<RunAnswer, "changed">): number {
  let rows = 0;
  for (const counts of Object.values(changed))
    for (const what of ["created", "updated", "removed"]) rows += counts[what] ?? 0;
  return rows;
}

/** Returns what a run did to each model, in words. */
export function changesInWords({ changed }: Pick<RunAnswer, "changed">): string[] {
  return Object.entries(changed).flatMap(([model, counts]) =>
    Object.entries(counts).map(([what, value]) => `${rowsOf(value, model)} ${what}`),
  );
}

/** Returns how long a run took, in seconds; undefined while it runs. */
export function took({ started_at, finished_at }: Pick<RunAnswer, "started_at" | "finished_at">): number | undefined {
  return finished_at === null ? undefined : (Date.parse(finished_at) - Date.parse(started_at)) / 1000;
}

/** Returns the API tokens that a run used. */
export function tokensOf({ summary }: Pick<RunAnswer, "summary">): number | undefined {
  const requests = summary?.["requests"] as { tokens?: number } | undefined;
  return requests?.tokens;
}
