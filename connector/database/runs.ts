import type { JsonObject } from "../mapping/value.ts";
import { storableText } from "../storable-text.ts";
import type { ConsentKind } from "./consents.ts";
import type { Queryable, Transaction } from "./database.ts";
import type { HarmScope } from "./harm.ts";
import { instantText } from "./instant-text.ts";

/** A run as it was written down. */
export interface StoredRun {
  id: string;
  /** full, incremental or company. */
  mode: string;
  /** running until it is finished, then succeeded, partial or failed. */
  status: string;
  /** Instants as `2026-01-31T10:00:00Z`; finishedAt is null while it runs. */
  startedAt: string;
  finishedAt: string | null;
  /** What `sync --json` printed; null while it runs, and for a run that was killed. */
  summary: JsonObject | null;
  error: string | null;
}

/** Who started a run. */
export type StartedBy =
  | { by: "command"; command: string; user: string }
  | { by: "schedule" }
  | { by: "webhook"; events: number }
  | { by: "post" }
  | { by: "console"; user: string };

/** What is written down of a run when it starts. */
export interface StartedRun {
  startedBy?: StartedBy | undefined;
  /** The fingerprint of its mapping. */
  mapping?: string;
  /** Its changes are kept. */
  changesKept?: boolean;
  /** The run whose changes it takes back. */
  undoes?: string;
}

/** What is told of a run whose process was killed. */
export const killed = "the process ended before the run did";

/**
 * Writes down that a run has started. Whoever starts one holds the run lock, so a run that still seems to be running
 * was killed: it is written down as failed.
 * Returns whether any rejection is dismissed, which the counts of a run leave out.
 */
export async function startRun(
  transaction: Transaction,
  id: string,
  mode: string,
  { startedBy, mapping, changesKept = false, undoes }: StartedRun = {},
): Promise<boolean> {
  await transaction.query(
    `update connector.runs set status = 'failed', finished_at = now(), error = $1 where finished_at is null`,
    [killed],
  );
  const [begun] = await transaction.query<{ dismissed: boolean }>(
    `insert into connector.runs (id, mode, status, started_by, mapping, changes_kept, undoes)
     values ($1, $2, 'running', $3, $4, $5, $6)
     returning exists (select from connector.rejections where dismissed is not null) as dismissed`,
    [
      id,
      mode,
      startedBy === undefined ? null : JSON.stringify(startedBy),
      mapping ?? null,
      changesKept ? "all" : "none",
      undoes ?? null,
    ],
  );
  return begun?.dismissed === true;
}

/** What is over with a run. */
export interface OverWithRun {
  /**
   * What the brake had counted: of rows, because all that waited are settled; of objects, because all are published.
   */
  harm: readonly HarmScope[];
  /** Kinds of which nothing waits for consent any more. */
  waiting: readonly ConsentKind[];
}

/** Writes down how a run ended, and what is over with it. */
export async function finishRun(
  transaction: Transaction,
  id: string,
  status: string,
  summary: object,
  error: string | null,
  over: OverWithRun = { harm: [], waiting: [] },
): Promise<void> {
  await transaction.query(
    `with over as (delete from connector.harm where scope = any($5::text[])),
       stopped as (delete from connector.waiting where kind = any($6::text[])),
       changed as (delete from connector.catalog where key = 'mapping_change' and 'rows' = any($5::text[]))
     update connector.runs set status = $2, summary = $3, error = $4, finished_at = clock_timestamp() where id = $1`,
    [id, status, JSON.stringify(summary), error === null ? null : storableText(error), over.harm, over.waiting],
  );
}

/**
 * Forgets incremental runs that ended well more than 30 days ago and that nothing kept refers to. A service writes one
 * for every burst of events. Returns how many.
 */
export async function pruneRuns(queryable: Queryable): Promise<number> {
  const rows = await queryable.query(
    `delete from connector.runs as r
     where mode = 'incremental' and status = 'succeeded' and finished_at < now() - interval '30 days'
       and not exists (select from connector.links where run_id = r.id)
       and not exists (select from connector.rejections where run_id = r.id)
       and not exists (select from connector.conflicts where run_id = r.id)
       and not exists (select from connector.changes where run_id = r.id)
     returning id`,
  );
  return rows.length;
}

/** The last runs, the newest first. */
export async function lastRuns(queryable: Queryable, most: number): Promise<StoredRun[]> {
  return queryable.query<StoredRun>(
    `select id, mode, status, ${instantText("started_at")} as "startedAt", ${instantText("finished_at")} as "finishedAt",
            summary, error
     from connector.runs order by started_at desc, id limit $1`,
    [most],
  );
}

/** When the last run that fetched everything was done, as `…Z`; undefined when none ever was. */
export async function lastFullRun(queryable: Queryable): Promise<string | undefined> {
  const [row] = await queryable.query<{ at: string | null }>(
    `select ${instantText("max(finished_at)")} as at from connector.runs
     where mode = 'full' and status in ('succeeded', 'partial')`,
  );
  return row?.at ?? undefined;
}

/**
 * How long ago (ms) the last sync that ended well did so; undefined when none ever did. A run for events is none: it
 * does not read the list of deals to its end.
 */
export async function sinceLastSync(queryable: Queryable): Promise<number | undefined> {
  const [row] = await queryable.query<{ since: string | null }>(
    `select round(extract(epoch from clock_timestamp() - max(r.finished_at)) * 1000) as since
     from connector.runs as r join connector.bookmarks as b on b.updated_at between r.started_at and r.finished_at
     where b.stream = 'deals' and r.mode in ('full', 'incremental', 'sweep') and r.status in ('succeeded', 'partial')`,
  );
  const since = row?.since ?? null;
  return since === null ? undefined : Math.max(0, Number(since));
}
