import { streamNames } from "../stream-name.ts";

/**
 * The keys that stay of a lean copy: ids, references, states, and the times by which a deal is judged. They suffice to
 * tell what a deal brings, and whether it may sync.
 */
const leanKeys =
  "id is_deleted active_flag status pipeline_id stage_id is_archived org_id person_id deal_id is_enabled add_time update_time " +
  "won_time lost_time close_time local_won_date local_lost_date local_close_date";

/** Returns the SQL of what a lean copy keeps of a record; `record` is a jsonb expression. */
export function leanRecord(record: string): string {
  return `(select coalesce(jsonb_object_agg(key, value), '{}') from jsonb_each(${record})
    where key = any(string_to_array('${leanKeys}', ' ')))`;
}

/** The SQL condition that the landed copy of any record is lean and not deleted. */
export const anyLean = streamNames
  .map((stream) => `exists (select from pipedrive.${stream} where lean and not deleted)`)
  .join(" or ");
