import type { Queryable } from "../database.ts";

const keyOf = { organizations: "org_id", persons: "person_id" } as const;

/** Returns the organizations, or persons, of the pending deals that landed since then, in order of id. */
export async function relatedOfNewDeals(
  queryable: Queryable,
  stream: keyof typeof keyOf,
  since: string,
): Promise<number[]> {
  const rows = await queryable.query<{ id: string }>(
    `select distinct (deals.record->>$2)::bigint as id
     from connector.pending join pipedrive.deals on deals.id = pending.record_id
     where pending.stream = 'deals' and deals.extracted_at >= $1 and jsonb_typeof(deals.record->$2) = 'number'
     order by id`,
    [since, keyOf[stream]],
  );
  return rows.map(({ id }) => Number(id));
}
