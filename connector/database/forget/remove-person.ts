import type { Transaction } from "../database.ts";

/** A table, with the result of a forgetting there. */
export interface ForgottenPlace {
  table: string;
  /** The kind of what was found: `the record`. */
  what: string;
  /** Rows that were removed, or from which the person's values were removed. */
  removed: number;
}

/** The tables whose rows go with a person, with the condition: $1 are ids, $2 the same as text. */
const places: readonly (readonly [table: string, what: string, condition: string])[] = [
  ["pipedrive.persons", "the record", "id = any($1::bigint[])"],
  ["planhat.endusers", "the row", "source_id = any($1::text[])"],
  ["connector.links", "the link of record and row", "stream = 'persons' and record_id = any($1::bigint[])"],
  ["connector.published", "what Planhat was sent", "model = 'enduser' and source_id = any($1::text[])"],
  ["connector.changes", "values before and after", "model = 'enduser' and source_id = any($1::text[])"],
  ["connector.rejections", "what could not be stored", "stream = 'persons' and record_id = any($1::bigint[])"],
  ["connector.conflicts", "values that lost", "stream = 'persons' and record_id = any($1::bigint[])"],
  ["connector.holds", "what an undo took back", "model = 'enduser' and source_id = any($1::text[])"],
  ["connector.kept", "rows that stay", "stream = 'persons' and record_id = any($1::bigint[])"],
  ["connector.pending", "ids", "stream = 'persons' and record_id = any($1::bigint[])"],
  ["connector.unseen", "ids", "stream = 'persons' and record_id = any($1::bigint[])"],
  ["connector.generations", "ids", "stream = 'persons' and record_id = any($1::bigint[])"],
];

/** Removes every row that is a person's own, and returns each table with the number. Keeps no change of it. */
export async function removePersons(transaction: Transaction, ids: readonly number[]): Promise<ForgottenPlace[]> {
  const removed: ForgottenPlace[] = [];
  for (const [table, what, condition] of places) {
    const [row] = await transaction.query<{ count: string }>(
      `with gone as (delete from ${table} where ${condition} returning 1) select count(*) as count from gone`,
      [ids.map(String)],
    );
    removed.push({ table, what, removed: Number(row?.count) });
  }
  return removed;
}

/** An end user in Planhat, by the connector's key and Planhat's own id, if known. */
export interface PublishedPerson {
  sourceId: string;
  planhatId: string | null;
}

/** Returns the end users of persons that have a row, or that Planhat was ever sent. */
export async function publishedPersons(transaction: Transaction, ids: readonly number[]): Promise<PublishedPerson[]> {
  return transaction.query<PublishedPerson & Record<string, unknown>>(
    `select coalesce(r.source_id, p.source_id) as "sourceId", coalesce(p.planhat_id, r.planhat_id) as "planhatId"
     from (select source_id, planhat_id from planhat.endusers where source_id = any($1::text[])) as r
     full join (select source_id, planhat_id from connector.published
                where model = 'enduser' and source_id = any($1::text[])) as p on p.source_id = r.source_id
     order by 1`,
    [ids.map(String)],
  );
}
