import { readBookmark, saveBookmark } from "../database/bookmarks.ts";
import type { Database, Queryable, Transaction } from "../database/database.ts";
import { holdFence } from "../database/fence.ts";
import { forgetGathered } from "../database/gathered.ts";
import { countOlder } from "../database/landing.ts";
import { startUnseen } from "../database/unseen.ts";
import { isAhead } from "../pipedrive/ahead.ts";
import type { StreamState } from "../pipedrive/read-pages.ts";
import { askingCost, wholeCost } from "../pipedrive/reading-cost.ts";
import { type StreamName, streamNames } from "../stream-name.ts";

/** How far a stream has been read: its position, and whether a Fetch All of it is still under way. */
export interface StreamProgress {
  /** Where reading goes on; undefined: from the beginning. */
  position: StreamState | undefined;
  /** A Fetch All has begun and has not reached the end: what still comes is settled whether it changed or not. */
  fetchingAll: boolean;
  /** What was asked for of every record that was read, beyond what Pipedrive sends by itself. */
  asked: readonly string[];
  /** The whole lists are being walked, and what they do not show is looked at when they have come to their end. */
  sweeping: boolean;
  /** The config's `start_date` that the lists were read from; undefined: from their beginning, or not known. */
  from?: string | undefined;
  /** The lists are read from their beginning, whatever `start_date` says. */
  whole?: boolean | undefined;
}

/** The progress of a stream as saved; a stream never read is one whose Fetch All is about to begin. */
export async function readProgress(queryable: Queryable, stream: StreamName): Promise<StreamProgress> {
  const saved = (await readBookmark(queryable, stream)) as Partial<StreamProgress> | undefined;
  return {
    position: saved?.position,
    fetchingAll: saved?.fetchingAll ?? true,
    asked: saved?.asked ?? [],
    sweeping: saved?.sweeping ?? false,
    from: saved?.from,
    whole: saved?.whole ?? false,
  };
}

/**
 * Says from where the lists of a stream are read on: the start date that limits them, and the position, which is none
 * where the lists were read from a later start date before.
 */
export function readOn(
  { position, from, whole = false }: StreamProgress,
  startDate: string | undefined,
): Pick<StreamProgress, "position" | "from" | "whole"> {
  const start = whole ? undefined : startDate;
  const isLower = from !== undefined && (start === undefined || Date.parse(start) < Date.parse(from));
  if (position === undefined || isLower) return { position: undefined, from: start, whole: start === undefined };
  // What lies between the bookmarks and a start date after them is left out from now on.
  const isAhead = Object.values(position).some(
    ({ update_time }) => start !== undefined && Date.parse(update_time) < Date.parse(start),
  );
  return { position, from: isAhead ? start : from, whole };
}

/**
 * Up to which change a stream is known, whichever of its lists has it: RFC 3339, or null before its first page. A saved
 * time of the future says nothing: the next sync reads that list anew.
 */
export function knownUpTo({ position }: StreamProgress): string | null {
  const now = new Date().toISOString();
  const times = Object.values(position ?? {}).map(({ update_time }) => update_time);
  return (
    times
      .filter((time) => !isAhead(time, now))
      .sort()
      .at(-1) ?? null
  );
}

/** Saves a stream's progress, in the transaction of what it covers. */
export async function saveProgress(
  transaction: Transaction,
  stream: StreamName,
  progress: StreamProgress,
): Promise<void> {
  const { position, fetchingAll, asked, sweeping, from, whole } = progress;
  await saveBookmark(transaction, stream, {
    ...(position === undefined ? {} : { position }),
    fetchingAll,
    ...(asked.length === 0 ? {} : { asked }),
    ...(sweeping ? { sweeping } : {}),
    ...(from === undefined ? {} : { from }),
    ...(whole ? { whole } : {}),
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
  { fetchAll, startDate }: { fetchAll: boolean; startDate: string | undefined },
): Promise<void> {
  await database.transaction(async (transaction) => {
    for (const stream of streamNames) await restart(transaction, stream, startDate, fetchAll);
    if (fetchAll) await forgetGathered(transaction);
    await holdFence(transaction, runId);
  });
}

/** Makes one stream begin a walk through its whole lists. */
export async function restart(
  transaction: Transaction,
  stream: StreamName,
  startDate: string | undefined,
  fetchAll = false,
): Promise<void> {
  const { fetchingAll, whole } = await readProgress(transaction, stream);
  const byTheWhole = stream !== "deals" && (whole || (await isWholeCheaper(transaction, stream, startDate)));
  await startUnseen(transaction, stream);
  await saveProgress(transaction, stream, {
    whole: byTheWhole,
    position: undefined,
    fetchingAll: fetchAll || fetchingAll,
    asked: [],
    sweeping: true,
  });
}

/**
 * Compares asking by id for all that landed from before the start date, which the lists leave out, with reading them
 * whole.
 */
async function isWholeCheaper(
  transaction: Transaction,
  stream: StreamName,
  startDate: string | undefined,
): Promise<boolean> {
  if (startDate === undefined) return false;
  const { older, newest } = await countOlder(transaction, stream, startDate);
  return askingCost(stream, older) > wholeCost(stream, newest);
}

/** Makes a stream's lists be read from their beginning, whatever `start_date` says, now and from now on. */
export async function readWhole(transaction: Transaction, stream: StreamName): Promise<void> {
  const progress = await readProgress(transaction, stream);
  await saveProgress(transaction, stream, { ...progress, position: undefined, from: undefined, whole: true });
}
