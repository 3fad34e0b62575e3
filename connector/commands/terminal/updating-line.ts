const terminalInterval = 100;
const logInterval = 5_000;

/** One line that tells of progress: overwritten on a terminal, otherwise a log line every few seconds. */
export interface UpdatingLine {
  /** Shows the text that `told` returns; calls it only if the line is due. */
  update(told: () => string): void;
  /** Removes the line from the terminal before other output. */
  end(): void;
}

/** Creates a line on stderr. `log` receives the lines if stderr is not a terminal. */
export function createUpdatingLine(log: (message: string) => void): UpdatingLine {
  const terminal = process.stderr.isTTY === true;
  const interval = terminal ? terminalInterval : logInterval;
  let next = Date.now() + interval;
  let shown = false;
  return {
    update(told) {
      const now = Date.now();
      if (now < next) return;
      next = now + interval;
      const line = told();
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
