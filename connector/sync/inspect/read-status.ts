import { bookmarkTimes } from "../../database/bookmarks.ts";
import { readUsage } from "../../database/budget.ts";
import { countConflicts, listConflicts, type RecordedConflict } from "../../database/conflicts.ts";
import { type Held, listWaiting } from "../../database/consents.ts";
import type { Database } from "../../database/database.ts";
import { countDismissed } from "../../database/history/dismissals.ts";
import { countJobs } from "../../database/jobs.ts";
import { countKept } from "../../database/kept.ts";
import { countPending } from "../../database/pending.ts";
import { countReasons, countRejections, listRejections, type ReasonCount } from "../../database/rejections.ts";
import { isRunUnderWay } from "../../database/run-lock.ts";
import { killed, lastRuns } from "../../database/runs.ts";
import { describeStalled, findStalledRun } from "../../database/stalled-runs.ts";
import { type StreamName, streamNames } from "../../stream-name.ts";
import { type ListedRejection, listedRejection } from "../listed-rejection.ts";
import { knownUpTo, readProgress } from "../stream-progress.ts";

/** A run, under the names that scripts read. */
export interface RunStatus {
  run: string;
  mode: string;
  status: string;
  /** Instants as `…Z`; finished_at is null while it runs. */
  started_at: string;
  finished_at: string | null;
  error: string | null;
}

/** A field that both sides changed to different values, under the names that scripts read. */
export interface ListedConflict
  extends Pick<RecordedConflict, "stream" | "field" | "pipedrive" | "planhat" | "winner"> {
  record_id: number;
  since: string;
}

/** How the connector stands (contract, section 2, `status`). */
export interface Status {
  /** What is wrong now, a sentence each. */
  problems: string[];
  /** The last runs, the newest first. */
  runs: RunStatus[];
  /** The newest change of each stream that is known: RFC 3339, or null before its first page. */
  freshness: Record<StreamName, string | null>;
  /** When each stream was last read, and up to its end or not: an instant `…Z`, or null for never. */
  read: Record<StreamName, { at: string | null; complete: boolean }>;
  /** Rows that stay although their deal does not sync any more, by reason. */
  kept: Record<string, number>;
  /** Pending records that are not settled yet. */
  backlog: number;
  /**
   * The service's jobs: events and requested syncs that wait, and those given up. oldest_event is an instant or null.
   */
  queue: { events: number; syncs: number; dead_letters: number; oldest_event: string | null };
  rejections: number;
  /** Those that somebody dismissed, which are none of them. */
  dismissed: number;
  /** Why, the most frequent reasons first; numbers in them are told as `…`. */
  reasons: ReasonCount[];
  /** The newest rejections. */
  latest_rejections: ListedRejection[];
  /** What waits for somebody's consent, with since when. */
  held: (Held & { since: string })[];
  conflicts: number;
  /** The newest conflicts. */
  latest_conflicts: ListedConflict[];
  /** What the connector has spent of the API budget today (UTC). */
  budget: { tokens: number; requests: number };
}

/** Reads how the connector stands from its database; nothing is asked of the API. */
export async function readStatus(database: Database): Promise<Status> {
  const { events, syncs, deadLetters, oldestEvent } = await countJobs(database);
  const freshness = {} as Status["freshness"];
  const read = {} as Status["read"];
  const times = await bookmarkTimes(database);
  for (const stream of streamNames) {
    const progress = await readProgress(database, stream);
    freshness[stream] = knownUpTo(progress);
    read[stream] = { at: times.get(stream) ?? null, complete: !progress.fetchingAll && !progress.sweeping };
  }
  const { runs, problems } = await runsOf(database);
  return {
    problems,
    runs,
    freshness,
    read,
    kept: await countKept(database),
    backlog: await countPending(database),
    queue: { events, syncs, dead_letters: deadLetters, oldest_event: oldestEvent },
    rejections: await countRejections(database),
    dismissed: await countDismissed(database),
    reasons: await countReasons(database, 5),
    latest_rejections: (await listRejections(database, { limit: 10, open: true })).map(listedRejection),
    held: await listWaiting(database),
    conflicts: await countConflicts(database),
    latest_conflicts: (await listConflicts(database, 10)).map(listedConflict),
    budget: await readUsage(database, new Date().toISOString().slice(0, 10)),
  };
}

function listedConflict({ stream, recordId, field, pipedrive, planhat, winner, at }: RecordedConflict): ListedConflict {
  return { stream, record_id: recordId, field, pipedrive, planhat, winner, since: at };
}

/**
 * The last runs, and whether one stands still. One that nobody carries out any more was killed, though no later run has
 * written that down yet.
 */
async function runsOf(database: Database): Promise<Pick<Status, "runs" | "problems">> {
  const runs = await lastRuns(database, 5);
  const isOpen = runs.some(({ finishedAt }) => finishedAt === null);
  const isDead = isOpen && !(await isRunUnderWay(database));
  const stalled = isOpen && !isDead ? await findStalledRun(database) : undefined;
  return {
    problems: stalled === undefined ? [] : [describeStalled(stalled)],
    runs: runs.map(({ id, mode, status, startedAt, finishedAt, error }) => ({
      run: id,
      mode,
      status: isDead && finishedAt === null ? "failed" : status,
      started_at: startedAt,
      finished_at: finishedAt,
      error: isDead && finishedAt === null ? killed : error,
    })),
  };
}
