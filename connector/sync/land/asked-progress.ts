import type { Database } from "../../database/database.ts";
import { holdFence } from "../../database/fence.ts";
import type { StreamName } from "../../stream-name.ts";
import { restart, type StreamProgress } from "../stream-progress.ts";

/** What is asked for now of a stream and was not of the records that have landed; nothing where none was read yet. */
export function notAskedYet({ position, asked }: StreamProgress, now: readonly string[]): string[] {
  return position === undefined ? [] : now.filter((field) => !asked.includes(field));
}

/** Says that a stream is read once more, because its landed copies lack what the mapping reads now. */
export function notAskedWarning(stream: StreamName, fields: readonly string[]): string {
  return `${stream}: the mapping reads ${fields.join(", ")}, which Pipedrive sends only where it is asked for and which the landed copies lack. All ${stream} are read once more, 500 a request.`;
}

/** Makes one stream begin a walk through its whole lists, because none of its landed copies holds what is asked for now. */
export async function restartToAsk(
  database: Database,
  runId: string,
  stream: StreamName,
  startDate: string | undefined,
): Promise<void> {
  await database.transaction(async (transaction) => {
    await restart(transaction, stream, startDate);
    await holdFence(transaction, runId);
  });
}
