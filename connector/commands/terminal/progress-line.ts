import type { Budget } from "../../pipedrive/client/budget.ts";
import type { Progress } from "../../sync/run-context.ts";
import { counted } from "../../text/counted.ts";
import { createUpdatingLine } from "./updating-line.ts";

/** Records, and time (ms), from which a rate is meaningful. */
const fewestRated = 100;
const shortestRated = 1_000;

/** The progress of a run: on a terminal one line that is overwritten, otherwise a log line every few seconds. */
export interface ProgressLine {
  update(progress: Progress): void;
  /** Removes the line from the terminal before other output. */
  end(): void;
}

/** Creates a progress line on stderr. `log` receives the lines if stderr is not a terminal. */
export function createProgressLine(budget: Budget, log: (message: string) => void): ProgressLine {
  const line = createUpdatingLine(log);
  let stage = "";
  let began = 0;
  return {
    update(progress) {
      const now = Date.now();
      const title =
        progress.stage === "read" ? `reading ${progress.stream}` : "applying deals and what belongs to them";
      if (title !== stage) [stage, began] = [title, now];
      line.update(() => {
        const { count, tokens } = budget.usage();
        const records = counted(progress.records, "record") + rateOf(progress.records, now - began);
        return `${title}: ${records}, ${counted(count, "request")}, ${counted(tokens, "API token")}`;
      });
    },
    end: line.end,
  };
}

function rateOf(records: number, milliseconds: number): string {
  if (records < fewestRated || milliseconds < shortestRated) return "";
  return `, ${Math.round(records / (milliseconds / 1000))}/s`;
}
