import type { Budget } from "../../pipedrive/client/budget.ts";
import type { Progress } from "../../sync/run-context.ts";
import { counted } from "../../text/counted.ts";

const terminalInterval = 100;
const logInterval = 5_000;

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
        progress.stage === "read" ? `reading ${progress.stream}` : "applying deals and what belongs to them";
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
