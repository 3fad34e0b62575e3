import { readBookmark, saveBookmark } from "../database/bookmarks.ts";
import type { Database, Queryable, Transaction } from "../database/database.ts";
import { holdFence } from "../database/fence.ts";
import { startUnseen } from "../database/unseen.ts";
import type { StreamState } from "../pipedrive/read-pages.ts";
import { type StreamName, streamNames } from "../stream-name.ts";

/** How far a stream has been read: its position, and whether a Fetch All of it is still under way. */
export interface StreamProgress {
  /** Where reading goes on; undefined: from the beginning. */
  position: StreamState | undefined;
  /** A Fetch All has begun and has not reached the end: what still comes is settled whether it changed or not. */
  fetchingAll: boolean;
  /** The whole lists are being walked, and what they do not show is looked at when they have come to their end. */
  sweeping: boolean;
}

/** The progress of a stream as saved; a stream never read is one whose Fetch All is about to begin. */
export async function readProgress(queryable: Queryable, stream: StreamName): Promise<StreamProgress> {
  const saved = (await readBookmark(queryable, stream)) as Partial<StreamProgress> | undefined;
  return { position: saved?.position, fetchingAll: saved?.fetchingAll ?? true, sweeping: saved?.sweeping ?? false };
}

/** Up to which change a stream is known, whichever of its lists has it: RFC 3339, or null before its first page. */
export function knownUpTo({ position }: StreamProgress): string | null {
  const times = Object.values(position ?? {}).map(({ update_time }) => update_time);
  return times.sort().at(-1) ?? null;
}

/** Saves a stream's progress, in the transaction of what it covers. */
export async function saveProgress(
  transaction: Transaction,
  stream: StreamName,
  progress: StreamProgress,
): Promise<void> {
  const { position, fetchingAll, sweeping } = progress;
  await saveBookmark(transaction, stream, {
    ...(position === undefined ? {} : { position }),
    fetchingAll,
    ...(sweeping ? { sweeping } : {}),
  });
}

/** True as long as no stream has ever been read to its end. */
export async function isFirstRun(queryable: Queryable): Promise<boolean> {
  for (const stream of streamNames) if (!(await readProgress(queryable, stream)).fetchingAll) return false;
  return true;
}

/** True when a walk through the whole lists has begun and not come to its end. */
export async function isSweeping(queryable: Queryable): Promise<boolean> {
  for (const stream of streamNames) if ((await readProgress(queryable, stream)).sweeping) return true;
  return false;
}

/**
 * Makes every stream begin a walk through its whole lists. With `fetchAll` everything is settled anew, else what turns
 * out to be different.
 */
export async function restartStreams(
  database: Database,
  runId: string,
  { fetchAll }: { fetchAll: boolean },
): Promise<void> {
  await database.transaction(async (transaction) => {
    for (const stream of streamNames) {
      const { fetchingAll } = await readProgress(transaction, stream);
      await startUnseen(transaction, stream);
      await saveProgress(transaction, stream, {
        position: undefined,
        fetchingAll: fetchAll || fetchingAll,
        sweeping: true,
      });
    }
    await holdFence(transaction, runId);
  });
}
