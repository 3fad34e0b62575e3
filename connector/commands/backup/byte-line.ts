import type { BackupRows, HubCopy } from "../../database/backup/hub-tables.ts";
import { sizeText } from "./describe-backup.ts";

const [terminalInterval, logInterval] = [100, 5_000];

/** The progress of a backup: one line on a terminal, otherwise a log line every few seconds. */
export interface ByteLine {
  update(text: string): void;
  /** Returns the hub, and shows its progress while its rows are read; `verb` says what becomes of them. */
  over(hub: HubCopy, verb: string): HubCopy;
  /** Removes the line from the terminal before other output. */
  end(): void;
}

/** Creates a progress on stderr. `log` receives the lines if stderr is not a terminal. */
export function createByteLine(log: (message: string) => void): ByteLine {
  const terminal = process.stderr.isTTY === true;
  const interval = terminal ? terminalInterval : logInterval;
  let next = Date.now() + interval;
  let shown = false;
  const update = (text: string) => {
    if (Date.now() < next) return;
    next = Date.now() + interval;
    if (!terminal) return log(text);
    process.stderr.write(`\r\x1b[K${text.slice(0, (process.stderr.columns ?? 80) - 1)}`);
    shown = true;
  };
  return {
    update,
    over: ({ head, rows }, verb) => ({ head, rows: watched(rows, head.tables.length, verb, update) }),
    end() {
      if (shown) process.stderr.write("\r\x1b[K");
      shown = false;
    },
  };
}

async function* watched(
  rows: AsyncIterable<BackupRows>,
  count: number,
  verb: string,
  update: (text: string) => void,
): AsyncGenerator<BackupRows, void> {
  let bytes = 0;
  let done = 0;
  for await (const { table, chunks } of rows) {
    done++;
    const counting = async function* () {
      for await (const chunk of chunks) {
        bytes += chunk.length;
        update(`${verb}: ${sizeText(bytes)}, table ${done} of ${count} (${table.table})`);
        yield chunk;
      }
    };
    yield { table, chunks: counting() };
  }
}
