import type { BackupRows, HubCopy } from "../../database/backup/hub-tables.ts";
import { createUpdatingLine, type UpdatingLine } from "../terminal/updating-line.ts";
import { sizeText } from "./describe-backup.ts";

/** The progress of a backup: one line on a terminal, otherwise a log line every few seconds. */
export interface ByteLine extends UpdatingLine {
  /** Returns the hub, and shows its progress while its rows are read; `verb` says what becomes of them. */
  over(hub: HubCopy, verb: string): HubCopy;
}

/** Creates a progress on stderr. `log` receives the lines if stderr is not a terminal. */
export function createByteLine(log: (message: string) => void): ByteLine {
  const line = createUpdatingLine(log);
  return {
    ...line,
    over: ({ head, rows }, verb) => ({ head, rows: watched(rows, head.tables.length, verb, line) }),
  };
}

async function* watched(
  rows: AsyncIterable<BackupRows>,
  count: number,
  verb: string,
  line: UpdatingLine,
): AsyncGenerator<BackupRows, void> {
  let bytes = 0;
  let done = 0;
  for await (const { table, chunks } of rows) {
    done++;
    const counting = async function* () {
      for await (const chunk of chunks) {
        bytes += chunk.length;
        line.update(() => `${verb}: ${sizeText(bytes)}, table ${done} of ${count} (${table.table})`);
        yield chunk;
      }
    };
    yield { table, chunks: counting() };
  }
}
