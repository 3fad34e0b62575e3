import { externalIdOf } from "../../source-id.ts";
import type { Transaction } from "../database.ts";

/** A table, with the result of a forgetting there. */
export interface ForgottenPlace {
  table: string;
  /** The kind of what was found: `the record`. */
  what: string;
  /** Rows that were removed, or from which the person's values were removed. */
  removed: number;
}

/** The tables whose rows go with a person, with the condition: $1 are ids of records, or source ids of rows. */
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

/** The persons to remove: the ids of their records, and the source ids of end users of another source. */
export interface PersonIds {
  ids: readonly number[];
  objects: readonly string[];
}

/** Removes every row that is a person's own, and returns each table with the number. Keeps no change of it. */
export async function removePersons(transaction: Transaction, persons: PersonIds): Promise<ForgottenPlace[]> {
  const removed: ForgottenPlace[] = [];
  for (const [table, what, condition] of places) {
    const [row] = await transaction.query<{ count: string }>(
      `with gone as (delete from ${table} where ${condition} returning 1) select count(*) as count from gone`,
      [condition.includes("source_id") ? sourceIdsOf(persons) : persons.ids.map(String)],
    );
    removed.push({ table, what, removed: Number(row?.count) });
  }
  const refused = removed.find(({ table }) => table === "connector.rejections")!;
  refused.removed += await removeObjectRejections(transaction, persons.objects);
  return removed;
}

function sourceIdsOf({ ids, objects }: PersonIds): string[] {
  return [...ids.map(String), ...objects];
}

async function removeObjectRejections(transaction: Transaction, objects: readonly string[]): Promise<number> {
  const rows = await transaction.query(
    `delete from connector.rejections where model = 'enduser' and record_id is null and value::text = any($1::text[])
     returning id`,
    [objects.flatMap((sourceId) => JSON.stringify(externalIdOf(sourceId)) ?? [])],
  );
  return rows.length;
}

/** An end user in Planhat, by the connector's key and Planhat's own id, if known. */
export interface PublishedPerson {
  sourceId: string;
  planhatId: string | null;
}

/** Returns the end users of persons that have a row, or that Planhat was ever sent. */
export async function publishedPersons(transaction: Transaction, persons: PersonIds): Promise<PublishedPerson[]> {
  return transaction.query<PublishedPerson & Record<string, unknown>>(
    `select coalesce(r.source_id, p.source_id) as "sourceId", coalesce(p.planhat_id, r.planhat_id) as "planhatId"
     from (select source_id, planhat_id from planhat.endusers where source_id = any($1::text[])) as r
     full join (select source_id, planhat_id from connector.published
                where model = 'enduser' and source_id = any($1::text[])) as p on p.source_id = r.source_id
     order by 1`,
    [sourceIdsOf(persons)],
  );
}
