import { counted } from "../../text/counted.ts";

const terminalInterval = 100;
const logInterval = 5_000;

/** A count of finished rows of a table: one line on a terminal, otherwise a log line every few seconds. */
export interface CountLine {
  update(what: string, rows: number): void;
  /** Removes the line from the terminal before other output. */
  end(): void;
}

/** Creates a count on stderr. `log` receives the lines if stderr is not a terminal. */
export function createCountLine(log: (message: string) => void): CountLine {
  const terminal = process.stderr.isTTY === true;
  const interval = terminal ? terminalInterval : logInterval;
  let next = Date.now() + interval;
  let shown = false;
  return {
    update(what, rows) {
      const now = Date.now();
      if (now < next) return;
      next = now + interval;
      const line = `${what}: ${counted(rows, "row")}`;
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
