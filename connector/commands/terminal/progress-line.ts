import type { Budget } from "../../pipedrive/client/budget.ts";
import { Pace, type StagePace } from "../../sync/pace.ts";
import type { Progress } from "../../sync/run-context.ts";
import { counted } from "../../text/counted.ts";
import { createUpdatingLine } from "./updating-line.ts";

/** The progress of a run: on a terminal one line that is overwritten, otherwise a log line every few seconds. */
export interface ProgressLine {
  update(progress: Progress): void;
  /** Removes the line from the terminal before other output. */
  end(): void;
}

/** Creates a progress line on stderr. `log` receives the lines if stderr is not a terminal. */
export function createProgressLine(budget: Budget, log: (message: string) => void): ProgressLine {
  const line = createUpdatingLine(log);
  const pace = new Pace();
  return {
    update(progress) {
      const at = pace.of(progress);
      line.update(() => {
        const { count, tokens } = budget.usage();
        const title =
          progress.stage === "read" ? `reading ${progress.stream}` : "applying deals and what belongs to them";
        return `${title}: ${recordsOf(progress, at)}, ${counted(count, "request")}, ${counted(tokens, "API token")}`;
      });
    },
    end: line.end,
  };
}

/** Returns `1,200 of 5,000 records (24 %), 800/s, 5 s left`, as far as it is known. */
function recordsOf({ records, total }: Progress, { rate, share, secondsLeft }: StagePace): string {
  const words =
    share === undefined
      ? counted(records, "record")
      : `${records} of ${counted(total!, "record")} (${Math.floor(share * 100)} %)`;
  const parts = [words];
  if (rate !== undefined) parts.push(`${Math.round(rate)}/s`);
  if (secondsLeft !== undefined) parts.push(`${shortTime(secondsLeft)} left`);
  return parts.join(", ");
}

function shortTime(seconds: number): string {
  if (seconds < 100) return `${Math.ceil(seconds)} s`;
  return seconds < 6_000 ? `${Math.ceil(seconds / 60)} min` : `${Math.ceil(seconds / 3_600)} h`;
}
