import type { Database } from "../database.ts";
import { leanRecord } from "../lean-record.ts";

/** The days after which values go that are kept beyond rows and changes; absent: never. */
export interface Retention {
  /** Values of rejections. */
  rejected?: number;
  /** Values that lost a conflict. */
  conflicts?: number;
  /** The landed copies of records that were deleted in Pipedrive. */
  deleted?: number;
}

/** Rows per statement, and the time (ms) that a run spends on each kind; the next runs continue. */
const rowsAtOnce = 2000;
const longest = 2000;

/** A reason without the values that it quotes. */
const unquoted = (reason: string) => `regexp_replace(${reason}, '"([^"\\\\]|\\\\.)*"', '"…"', 'g')`;

/** The statements of each kind: $1 are days, $2 the rows at once. Each finds only rows on which it has work. */
const statements: Readonly<Record<keyof Retention, readonly string[]>> = {
  rejected: [
    // Without an id nothing but the record tells what was refused, so it goes as a whole.
    `with old as (select id from connector.rejections
       where since < now() - $1 * interval '1 day' and record_id is null and stage = 'record' order by id limit $2)
     delete from connector.rejections as r using old where r.id = old.id returning 1`,
    `with old as (select id from connector.rejections
       where since < now() - $1 * interval '1 day' and record_id is not null
         and (value is not null or record is not null or reason <> ${unquoted("reason")}) order by id limit $2)
     update connector.rejections as r set value = null, record = null, reason = ${unquoted("r.reason")}
     from old where r.id = old.id returning 1`,
  ],
  conflicts: [
    `with old as (select id from connector.conflicts where at < now() - $1 * interval '1 day' order by id limit $2)
     delete from connector.conflicts as c using old where c.id = old.id returning 1`,
  ],
  deleted: ["organizations", "persons", "notes", "deals", "deal_products"].map(
    (stream) =>
      `with old as (select id from pipedrive.${stream}
         where deleted and extracted_at < now() - $1 * interval '1 day'
           and not lean order by id limit $2)
       update pipedrive.${stream} as r set record = ${leanRecord("r.record")}, lean = true
       from old where r.id = old.id returning 1`,
  ),
};

/**
 * Removes values that are older than the config keeps them, in batches. Returns the number of rows for each kind. It
 * stops after a while and leaves the rest to the next run, so that no run takes long.
 */
export async function pruneKeptValues(
  database: Database,
  retention: Retention,
  { atOnce = rowsAtOnce, milliseconds = longest }: { atOnce?: number; milliseconds?: number } = {},
): Promise<Record<keyof Retention, number>> {
  const pruned = { rejected: 0, conflicts: 0, deleted: 0 };
  for (const [kind, days] of Object.entries(retention) as [keyof Retention, number][]) {
    const started = performance.now();
    for (const statement of statements[kind]) {
      for (;;) {
        const { length } = await database.query(statement, [days, atOnce]);
        pruned[kind] += length;
        if (length < atOnce || performance.now() - started > milliseconds) break;
      }
    }
  }
  return pruned;
}
