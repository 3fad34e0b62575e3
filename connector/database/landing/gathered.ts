import type { StreamName } from "../../stream-name.ts";
import type { Queryable, Transaction } from "../database.ts";

/** The ways to request records apart from their lists: by their own ids, or by a record to which they belong. */
export type GatheredBy = "id" | "org_id" | "deal_id" | "person_id";

const parents: Record<Exclude<GatheredBy, "id">, StreamName> = {
  org_id: "organizations",
  deal_id: "deals",
  person_id: "persons",
};

/** The records of a stream that have these ids, or whose parents have them. */
export interface Gathering {
  stream: StreamName;
  by: GatheredBy;
  ids: readonly number[];
}

/**
 * Returns the given ids that were not requested yet, in ascending order. By `id`, records that have landed are left
 * out. By a parent, parents added since `startDate` (`2026-01-31T10:00:00Z`) are left out: nothing on them is older.
 */
export async function notGathered(
  queryable: Queryable,
  { stream, by, ids }: Gathering,
  startDate: string,
): Promise<number[]> {
  if (ids.length === 0) return [];
  const needless =
    by === "id"
      ? `select from pipedrive.${stream} as landed where landed.id = wanted.id and $4::text is not null`
      : `select from pipedrive.${parents[by]} as parent
         where parent.id = wanted.id and parent.record->>'add_time' >= $4`;
  const rows = await queryable.query<{ id: string }>(
    `select distinct wanted.id from unnest($1::bigint[]) as wanted (id)
     where not exists (select from connector.gathered as g where g.stream = $2 and g."by" = $3 and g.id = wanted.id)
       and not exists (${needless})
     order by 1`,
    [ids, stream, by, startDate],
  );
  return rows.map(({ id }) => Number(id));
}

/** Records that these ids were requested, whatever the answer. */
export async function markGathered(transaction: Transaction, { stream, by, ids }: Gathering): Promise<void> {
  await transaction.query(
    `insert into connector.gathered (stream, "by", id) select $1, $2, unnest($3::bigint[]) on conflict do nothing`,
    [stream, by, ids],
  );
}

/** Removes all records of requests: everything is read again. */
export async function forgetGathered(transaction: Transaction): Promise<void> {
  await transaction.query("delete from connector.gathered");
}

/** Returns which of the given records were requested by their ids. */
export async function askedFor(queryable: Queryable, stream: StreamName, ids: readonly number[]): Promise<Set<number>> {
  if (ids.length === 0) return new Set();
  const rows = await queryable.query<{ id: string }>(
    `select id from connector.gathered where stream = $1 and "by" = 'id' and id = any($2::bigint[])`,
    [stream, ids],
  );
  return new Set(rows.map(({ id }) => Number(id)));
}

/** Returns the organizations for which rejected rows wait and that neither landed nor were requested. */
export async function awaitedOrganizations(queryable: Queryable): Promise<number[]> {
  const rows = await queryable.query<{ id: string }>(
    `select distinct waiting_for as id from connector.rejections as r
     where waiting_for is not null
       and not exists (select from pipedrive.organizations as landed where landed.id = r.waiting_for)
       and not exists (select from connector.gathered as g
                       where g.stream = 'organizations' and g."by" = 'id' and g.id = r.waiting_for)
     order by 1`,
  );
  return rows.map(({ id }) => Number(id));
}
