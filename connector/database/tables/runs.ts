import type { JsonObject } from "../../mapping/value.ts";
import { storableText } from "../../text/storable-text.ts";
import { instantText } from "../bulk/instant-text.ts";
import type { Queryable, Transaction } from "../database.ts";
import { anyLean } from "../lean-record.ts";
import type { ConsentKind } from "./consents.ts";
import type { HarmScope } from "./harm.ts";

/** A run as stored. */
export interface StoredRun {
  id: string;
  /** full, incremental or company. */
  mode: string;
  /** `running` until it is finished, then succeeded, partial or failed. */
  status: string;
  /** Instants as `2026-01-31T10:00:00Z`; finishedAt is null while it runs. */
  startedAt: string;
  finishedAt: string | null;
  /** The output of `sync --json`; null while it runs, and for a run that was killed. */
  summary: JsonObject | null;
  error: string | null;
}

/** The starter of a run. */
export type StartedBy =
  | { by: "command"; command: string; user: string }
  | { by: "schedule" }
  | { by: "webhook"; events: number }
  | { by: "post" }
  | { by: "console"; user: string };

/** The data stored when a run starts. */
export interface StartedRun {
  startedBy?: StartedBy | undefined;
  /** The fingerprint of its mapping. */
  mapping?: string;
  /** True if its changes are stored. */
  changesKept?: boolean;
  /** The run that it undoes. */
  undoes?: string;
}

/** The state in which a run finds the database. */
export interface BegunRun {
  /** True if any rejection is dismissed. */
  dismissed: boolean;
  /** True if any person is forgotten. */
  forgotten: boolean;
  /** True if any landed copy is lean. */
  lean: boolean;
}

/** The error of a run whose process was killed. */
export const killed = "the process ended before the run did";

/**
 * Stores the start of a run. Its caller holds the run lock, so any run that still appears to run was killed and is
 * stored as failed. Returns whether any rejection is dismissed, which the counts of a run leave out, whether any person
 * is forgotten, and whether any landed copy is lean.
 */
export async function startRun(
  transaction: Transaction,
  id: string,
  mode: string,
  { startedBy, mapping, changesKept = false, undoes }: StartedRun = {},
): Promise<BegunRun> {
  await transaction.query(
    `update connector.runs set status = 'failed', finished_at = now(), error = $1 where finished_at is null`,
    [killed],
  );
  const [begun] = await transaction.query<BegunRun>(
    `insert into connector.runs (id, mode, status, started_by, mapping, changes_kept, undoes)
     values ($1, $2, 'running', $3, $4, $5, $6)
     returning exists (select from connector.rejections where dismissed is not null) as dismissed,
               exists (select from connector.forgotten) as forgotten,
               ${anyLean} as lean`,
    [
      id,
      mode,
      startedBy === undefined ? null : JSON.stringify(startedBy),
      mapping ?? null,
      changesKept ? "all" : "none",
      undoes ?? null,
    ],
  );
  return begun!;
}

/** State that ends with a run. */
export interface OverWithRun {
  /** The brake's counts: of rows, if all pending entries are applied; of objects, if all are published. */
  harm: readonly HarmScope[];
  /** Kinds of which nothing waits for consent any longer. */
  waiting: readonly ConsentKind[];
}

/** The end of a run. */
export interface EndOfRun {
  status: string;
  summary: object;
  /** The message of the error that ended it early; null without one. */
  error: string | null;
  over?: OverWithRun;
}

/** Stores the end of a run and clears the state that ends with it. */
export async function finishRun(
  transaction: Transaction,
  id: string,
  { status, summary, error, over = { harm: [], waiting: [] } }: EndOfRun,
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
 * Removes incremental runs that succeeded more than 30 days ago and to which nothing stored refers: a service stores
 * one per burst of events. Returns how many.
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

/** Returns the last runs, newest first. */
export async function lastRuns(queryable: Queryable, most: number): Promise<StoredRun[]> {
  return queryable.query<StoredRun>(
    `select id, mode, status, ${instantText("started_at")} as "startedAt", ${instantText("finished_at")} as "finishedAt",
            summary, error
     from connector.runs order by started_at desc, id limit $1`,
    [most],
  );
}

/** Returns when the last run that fetched everything finished, as `…Z`; undefined if none ever did. */
export async function lastFullRun(queryable: Queryable): Promise<string | undefined> {
  const [row] = await queryable.query<{ at: string | null }>(
    `select ${instantText("max(finished_at)")} as at from connector.runs
     where mode = 'full' and status in ('succeeded', 'partial')`,
  );
  return row?.at ?? undefined;
}

/**
 * Returns the time (ms) since the last successful sync ended; undefined if there was none. A run for events does not
 * count: it does not finish reading the list of deals.
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

/** Returns the time up to which a recurring run was requested; undefined before its first time was recorded. */
export async function readPlannedTime(queryable: Queryable, name: string): Promise<Date | undefined> {
  const [row] = await queryable.query<{ at: string }>(
    `select ${instantText("planned_at")} as at from connector.planned_runs where name = $1`,
    [name],
  );
  return row === undefined ? undefined : new Date(row.at);
}

/** Records the time up to which a recurring run was requested; it never goes back. */
export async function savePlannedTime(queryable: Queryable, name: string, at: Date): Promise<void> {
  await queryable.query(
    `insert into connector.planned_runs as planned (name, planned_at) values ($1, $2)
     on conflict (name) do update set planned_at = greatest(planned.planned_at, excluded.planned_at)`,
    [name, at.toISOString()],
  );
}
