import type { Database, Queryable, Transaction } from "../database/database.ts";
import { forgetGathered } from "../database/landing/gathered.ts";
import { countOlder } from "../database/landing/landing.ts";
import { forgetAsked } from "../database/landing/product-deals.ts";
import { startUnseen } from "../database/landing/unseen.ts";
import { readBookmark, saveBookmark } from "../database/tables/bookmarks.ts";
import { commitRun } from "../database/tables/fence.ts";
import { isAhead } from "../pipedrive/lists/ahead.ts";
import type { StreamState } from "../pipedrive/lists/read-pages.ts";
import { askingCost, wholeCost } from "../pipedrive/lists/reading-cost.ts";
import { type ListedStream, listedStreams, type StreamName } from "../stream-name.ts";

/** The progress of reading a stream: its position, and whether a Fetch All is unfinished. */
export interface StreamProgress {
  /** The position from which reading continues; undefined: from the beginning. */
  position: StreamState | undefined;
  /** True if a Fetch All is unfinished: records still to come are applied whether they changed or not. */
  fetchingAll: boolean;
  /** The optional fields requested for every record read so far. */
  asked: readonly string[];
  /** True during a walk through the whole lists; records that they do not show are checked at the end. */
  sweeping: boolean;
  /** The config's `start_date` from which the lists were read; undefined: from their beginning, or unknown. */
  from?: string | undefined;
  /** True if the lists are read from their beginning, whatever `start_date` says. */
  whole?: boolean | undefined;
}

/** Returns the saved progress of a stream; a stream never read is about to start a Fetch All. */
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
 * Returns from where the lists of a stream are read next: the start date that limits them, and the position, undefined
 * if the lists were read from a later start date before.
 */
export function readOn(
  { position, from, whole = false }: StreamProgress,
  startDate: string | undefined,
): Pick<StreamProgress, "position" | "from" | "whole"> {
  const start = whole ? undefined : startDate;
  const isLower = from !== undefined && (start === undefined || Date.parse(start) < Date.parse(from));
  if (position === undefined || isLower) return { position: undefined, from: start, whole: start === undefined };
  // Records between the bookmarks and a later start date are left out from now on.
  const isAhead = Object.values(position).some(
    ({ update_time }) => start !== undefined && Date.parse(update_time) < Date.parse(start),
  );
  return { position, from: isAhead ? start : from, whole };
}

/**
 * Returns the last change up to which a stream is known, in any of its lists: RFC 3339, or null before its first page.
 * A saved time in the future does not count: the next sync reads that list again.
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

/** Saves a stream's progress, in the transaction of the records that it covers. */
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

/** Returns whether no stream has ever been read completely. */
export async function isFirstRun(queryable: Queryable): Promise<boolean> {
  for (const stream of listedStreams) if (!(await readProgress(queryable, stream)).fetchingAll) return false;
  return true;
}

/**
 * Returns whether a walk through the whole lists of the given streams is unfinished. Others never end one: the mapping
 * does not read them.
 */
export async function isSweeping(queryable: Queryable, streams: readonly ListedStream[]): Promise<boolean> {
  for (const stream of streams) if ((await readProgress(queryable, stream)).sweeping) return true;
  return false;
}

/**
 * Restarts every stream at the beginning of its lists. `fetchAll` applies every record again; otherwise only records
 * that differ. With `products`, asks every deal for its products again.
 */
export async function restartStreams(
  database: Database,
  runId: string,
  { fetchAll, startDate, products }: { fetchAll: boolean; startDate: string | undefined; products: boolean },
): Promise<void> {
  await commitRun(database, runId, async (transaction) => {
    for (const stream of listedStreams) await restart(transaction, stream, startDate, fetchAll);
    if (fetchAll) await forgetGathered(transaction);
    if (products) {
      await forgetAsked(transaction);
      await saveProgress(transaction, "deal_products", {
        ...{ position: undefined, fetchingAll: fetchAll, asked: [], sweeping: true },
      });
    }
  });
}

/** Restarts one stream at the beginning of its lists. */
export async function restart(
  transaction: Transaction,
  stream: ListedStream,
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
 * Returns whether reading the lists whole costs less than requesting by id every landed record older than the start
 * date, which the lists leave out.
 */
async function isWholeCheaper(
  transaction: Transaction,
  stream: ListedStream,
  startDate: string | undefined,
): Promise<boolean> {
  if (startDate === undefined) return false;
  const { older, newest } = await countOlder(transaction, stream, startDate);
  return askingCost(stream, older) > wholeCost(stream, newest);
}

/** Makes a stream's lists be read from their beginning, whatever `start_date` says, now and in later runs. */
export async function readStreamWhole(transaction: Transaction, stream: StreamName): Promise<void> {
  const progress = await readProgress(transaction, stream);
  await saveProgress(transaction, stream, { ...progress, position: undefined, from: undefined, whole: true });
}
