import { counted } from "../counted.ts";
import type { Budget } from "../pipedrive/budget.ts";
import type { Progress } from "../sync/run-context.ts";

const terminalInterval = 100;
const logInterval = 5_000;

/** From so many records, and after so long (ms), a rate says something. */
const fewestRated = 100;
const shortestRated = 1_000;

/** Shows how far a run is: on a terminal one line that is written over, otherwise a log line every few seconds. */
export interface ProgressLine {
  update(progress: Progress): void;
  /** Removes the line from the terminal, so that what follows stands alone. */
  end(): void;
}

/** A progress line on stderr. `log` takes the lines where stderr is no terminal. */
export function createProgressLine(budget: Budget, log: (message: string) => void): ProgressLine {
  const terminal = process.stderr.isTTY === true;
  const interval = terminal ? terminalInterval : logInterval;
  let stage = "";
  let began = 0;
  let next = Date.now() + interval;
  let shown = false;
  return {
    update(progress) {
      const now = Date.now();
      const title =
        progress.stage === "read" ? `reading ${progress.stream}` : "settling deals and what belongs to them";
      if (title !== stage) [stage, began] = [title, now];
      if (now < next) return;
      next = now + interval;
      const { count, tokens } = budget.usage();
      const records = counted(progress.records, "record") + rateOf(progress.records, now - began);
      const line = `${title}: ${records}, ${counted(count, "request")}, ${counted(tokens, "API token")}`;
      if (!terminal) return log(line);
      process.stderr.write(`\r\x1b[K${line.slice(0, (process.stderr.columns ?? 80) - 1)}`);
      shown = true;
    },
    end() {
      if (shown) process.stderr.write("\r\x1b[K");
      shown = false;
    },
  };
}

function rateOf(records: number, milliseconds: number): string {
  if (records < fewestRated || milliseconds < shortestRated) return "";
  return `, ${Math.round(records / (milliseconds / 1000))}/s`;
}
