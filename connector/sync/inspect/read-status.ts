import type { Database } from "../../database/database.ts";
import { countPending } from "../../database/landing/pending.ts";
import { isRunUnderWay } from "../../database/open/run-lock.ts";
import { countKeptRows } from "../../database/rows/kept.ts";
import { bookmarkTimes } from "../../database/tables/bookmarks.ts";
import { readUsage } from "../../database/tables/budget.ts";
import { countConflicts, listConflicts, type RecordedConflict } from "../../database/tables/conflicts.ts";
import { type Held, listWaiting } from "../../database/tables/consents.ts";
import { countDismissed } from "../../database/tables/dismissals.ts";
import { readTasks } from "../../database/tables/forgetting.ts";
import { countJobs } from "../../database/tables/jobs.ts";
import { countReasons, countRejections, listRejections, type ReasonCount } from "../../database/tables/rejections.ts";
import { killed, lastRuns } from "../../database/tables/runs.ts";
import { describeStalled, findStalledRun } from "../../database/tables/stalled-runs.ts";
import { type ListedStream, listedStreams } from "../../stream-name.ts";
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

/** The state of the connector (contract, section 2, `status`). */
export interface Status {
  /** The present faults, one sentence each. */
  problems: string[];
  /** The last runs, newest first. */
  runs: RunStatus[];
  /** The newest known change of each stream: RFC 3339, or null before its first page. */
  freshness: Record<ListedStream, string | null>;
  /** The time when each stream was last read, an instant `…Z` or null for never, and whether it was read completely. */
  read: Record<ListedStream, { at: string | null; complete: boolean }>;
  /** Rows that stay although their deal no longer syncs, by reason. */
  kept: Record<string, number>;
  /** The number of pending records. */
  backlog: number;
  /** The service's jobs: waiting events and requested syncs, and those given up. oldest_event is an instant or null. */
  queue: { events: number; syncs: number; dead_letters: number; oldest_event: string | null };
  rejections: number;
  /** The number of dismissed rejections, which `rejections` does not include. */
  dismissed: number;
  /** The reasons of rejections, most frequent first; numbers in them appear as `…`. */
  reasons: ReasonCount[];
  /** The newest rejections. */
  latest_rejections: ListedRejection[];
  /** The work that waits for consent, and since when. */
  held: (Held & { since: string })[];
  /** End users of forgotten persons that are still to be deleted in Planhat. */
  forgetting: number;
  conflicts: number;
  /** The newest conflicts. */
  latest_conflicts: ListedConflict[];
  /** The connector's usage of the API budget today (UTC). */
  budget: { tokens: number; requests: number };
}

/** Reads the state of the connector from its database; sends no request to the API. */
export async function readStatus(database: Database): Promise<Status> {
  const { events, syncs, deadLetters, oldestEvent } = await countJobs(database);
  const freshness = {} as Status["freshness"];
  const read = {} as Status["read"];
  const times = await bookmarkTimes(database);
  for (const stream of listedStreams) {
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
    kept: await countKeptRows(database),
    backlog: await countPending(database),
    queue: { events, syncs, dead_letters: deadLetters, oldest_event: oldestEvent },
    rejections: await countRejections(database),
    dismissed: await countDismissed(database),
    reasons: await countReasons(database, 5),
    latest_rejections: (await listRejections(database, { limit: 10, open: true })).map(listedRejection),
    held: await listWaiting(database),
    forgetting: (await readTasks(database, "delete")).length,
    conflicts: await countConflicts(database),
    latest_conflicts: (await listConflicts(database, 10)).map(listedConflict),
    budget: await readUsage(database, new Date().toISOString().slice(0, 10)),
  };
}

function listedConflict({ stream, recordId, field, pipedrive, planhat, winner, at }: RecordedConflict): ListedConflict {
  return { stream, record_id: recordId, field, pipedrive, planhat, winner, since: at };
}

/**
 * Returns the last runs, and whether one is stalled. A run without a process was killed, even if no later run has
 * recorded that yet.
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
