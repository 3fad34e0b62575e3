import type { Database } from "../../database/database.ts";
import { commitRun } from "../../database/tables/fence.ts";
import type { ListedStream } from "../../stream-name.ts";
import { restart, type StreamProgress } from "../stream-progress.ts";

/**
 * Returns the optional fields that are requested now and were not requested when the records landed; none if none was
 * read yet.
 */
export function notAskedYet({ position, asked }: StreamProgress, now: readonly string[]): string[] {
  return position === undefined ? [] : now.filter((field) => !asked.includes(field));
}

/**
 * Returns the warning that a stream is read once more, because its landed records lack fields that the mapping reads.
 */
export function notAskedWarning(stream: ListedStream, fields: readonly string[]): string {
  return `${stream}: the mapping reads ${fields.join(", ")}, which Pipedrive sends only where it is asked for and which the landed copies lack. All ${stream} are read once more, 500 a request.`;
}

/** Restarts one stream at the beginning of its lists, because its landed records lack fields that are requested now. */
export async function restartToAsk(
  database: Database,
  runId: string,
  stream: ListedStream,
  startDate: string | undefined,
): Promise<void> {
  await commitRun(database, runId, async (transaction) => {
    await restart(transaction, stream, startDate);
  });
}
