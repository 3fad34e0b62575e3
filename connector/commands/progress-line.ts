import type { Budget } from "../pipedrive/budget.ts";
import type { Progress } from "../sync/run-sync.ts";

const terminalInterval = 100;
const logInterval = 5_000;

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
      const rate = Math.round(progress.records / Math.max((now - began) / 1000, 0.1));
      const line = `${title}: ${progress.records} records, ${rate}/s, ${count} requests, ${tokens} tokens`;
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
