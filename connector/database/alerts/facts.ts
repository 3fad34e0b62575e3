import { instantText } from "../bulk/instant-text.ts";
import type { Queryable } from "../database.ts";

/** The end of a sync. */
export interface EndedSync {
  id: string;
  status: "succeeded" | "partial" | "failed";
  /** Instants as `…Z`. */
  startedAt: string;
  finishedAt: string;
}

/** Facts of the database by which the conditions of alerts are judged: numbers, times and ids of runs only. */
export interface AlertFacts {
  /** Instants as `…Z`, by the database's clock. */
  now: string;
  /** The last sync that ended by itself, well or not; held ones and stopped ones apart. */
  lastSync: EndedSync | null;
  /** The time when the last sync ended well; null when none ever did. */
  lastSuccess: string | null;
  /** The time when the first run of all began; null when none ever did. */
  firstRun: string | null;
  /** The number of things that wait for approval, by kind of consent. */
  waiting: Record<string, number>;
  /** Rejections that are open, and those of them that the last day brought, with how many records they are of. */
  rejections: { open: number; recent: number; records: number };
  /** Records that the syncs of the last day took up. */
  taken: number;
  /** Conflicts that the last day brought. */
  conflicts: number;
  /** API tokens used today (UTC). */
  tokens: number;
  /** The counts of the last Fetch All that ended well, and whether an earlier one had found deals. */
  lastFull: { id: string; deals: number; records: number; dealsBefore: boolean } | null;
}

/** A run of these modes brings all that is new: one for a company, and an undo, say nothing about the sync. */
const isSync = "mode in ('full', 'incremental', 'sweep')";
const recordsOf = (summary: string) =>
  `(select sum((counts->>'read')::bigint + coalesce((counts->>'rejected')::bigint, 0))
    from jsonb_each(${summary}->'streams') as stream (name, counts))`;

/** Reads all facts at once. */
export async function readAlertFacts(queryable: Queryable): Promise<AlertFacts> {
  const [row] = await queryable.query<{ facts: AlertFacts }>(
    `with last_sync as (
       select id, status, started_at, finished_at from connector.runs
       where ${isSync} and status in ('succeeded', 'partial', 'failed') and finished_at is not null
         and coalesce(error, '') not like 'Stopped by SIG%'
       order by started_at desc, id limit 1
     ), last_full as (
       select id, started_at, summary from connector.runs
       where mode = 'full' and status in ('succeeded', 'partial') order by started_at desc, id limit 1
     ), recent as (
       select stream, record_id from connector.rejections where dismissed is null and since > now() - interval '1 day'
     )
     select jsonb_build_object(
       'now', ${instantText("now()")},
       'lastSync', (select jsonb_build_object('id', id, 'status', status, 'startedAt', ${instantText("started_at")},
                                              'finishedAt', ${instantText("finished_at")}) from last_sync),
       'lastSuccess', (select ${instantText("finished_at")} from connector.runs
                       where ${isSync} and status in ('succeeded', 'partial') order by started_at desc, id limit 1),
       'firstRun', (select ${instantText("min(started_at)")} from connector.runs),
       'waiting', (select coalesce(jsonb_object_agg(kind, count), '{}')
                   from (select kind, sum(count) as count from connector.waiting group by kind) as waiting),
       'rejections', jsonb_build_object(
         'open', (select count(*) from connector.rejections where dismissed is null),
         'recent', (select count(*) from recent),
         'records', (select count(*) from (select distinct stream, record_id from recent) as records)),
       'taken', (select coalesce(sum(${recordsOf("summary")}), 0) from connector.runs
                 where ${isSync} and started_at > now() - interval '1 day' and summary is not null),
       'conflicts', (select count(*) from connector.conflicts where at > now() - interval '1 day'),
       'tokens', coalesce((select tokens from connector.budget where day = (now() at time zone 'UTC')::date), 0),
       'lastFull', (select jsonb_build_object('id', id, 'deals', summary #>> '{streams,deals,read}',
                      'records', coalesce(${recordsOf("summary")}, 0),
                      'dealsBefore', exists (
                        select from connector.runs as earlier where earlier.mode = 'full'
                          and earlier.started_at < last_full.started_at
                          and (earlier.summary #>> '{streams,deals,read}')::bigint > 0)) from last_full)
     ) as facts`,
  );
  const { facts } = row!;
  const { lastFull } = facts;
  return { ...facts, lastFull: lastFull === null ? null : { ...lastFull, deals: Number(lastFull.deals) } };
}
