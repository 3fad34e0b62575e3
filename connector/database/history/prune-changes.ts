import type { Database } from "../database.ts";

/** Default age limit of changes, in days. */
export const usualKeepDays = 90;

/** Changes per deleting statement, and the time (ms) that a run spends on deletion; the next runs continue. */
const changesAtOnce = 5000;
const longest = 2000;

/**
 * Deletes changes older than `keepDays` days, in batches, and marks their runs as pruned. Returns the number deleted.
 * It stops after a while and leaves the rest to the next run, so that no run takes long.
 */
export async function pruneChanges(
  database: Database,
  keepDays: number,
  { atOnce = changesAtOnce, milliseconds = longest }: { atOnce?: number; milliseconds?: number } = {},
): Promise<number> {
  const started = performance.now();
  let count = 0;
  for (;;) {
    // By the primary key: its order is close enough to the order of time.
    const [row] = await database.query<{ count: string }>(
      `with oldest as (
         select id from (select id, at from connector.changes order by id limit $2) as first
         where at < now() - $1 * interval '1 day'
       ), forgotten as (
         delete from connector.changes as c using oldest where c.id = oldest.id returning c.run_id
       ), noted as (
         update connector.runs set changes_kept = 'pruned'
         where changes_kept = 'all' and id in (select run_id from forgotten)
       )
       select count(*) as count from forgotten`,
      [keepDays, atOnce],
    );
    const forgotten = Number(row!.count);
    count += forgotten;
    if (forgotten < atOnce || performance.now() - started > milliseconds) return count;
  }
}
