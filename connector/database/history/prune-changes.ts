import type { Database } from "../database.ts";

/** How long (days) changes are kept where nobody says otherwise. */
export const usualKeepDays = 90;

/** So many changes one statement forgets, and so long (ms) a run goes on with it: the rest is for the next ones. */
const changesAtOnce = 5000;
const longest = 2000;

/**
 * Forgets changes older than so many days, in pieces, and writes down of which runs. Returns how many. What is left
 * after a while is left to the next run, so that none takes long for it.
 */
export async function pruneChanges(
  database: Database,
  keepDays: number,
  { atOnce = changesAtOnce, milliseconds = longest }: { atOnce?: number; milliseconds?: number } = {},
): Promise<number> {
  const started = performance.now();
  let count = 0;
  for (;;) {
    // By the primary key, whose order is that of time as near as matters.
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
