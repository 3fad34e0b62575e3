import type { StreamName } from "../../stream-name.ts";
import type { Queryable, Transaction } from "../database.ts";

/** A pending entry: a changed record, under its organization. */
export interface PendingEntry {
  /** 0 for a record without an organization. */
  organizationId: number;
  stream: StreamName;
  recordId: number;
}

/** The page of entries to read. */
export interface PendingPage {
  /** The maximum number of entries. */
  limit: number;
  /** The entry after which the page begins; undefined for the first page. */
  after?: PendingEntry | undefined;
  /** The organizations whose entries are read; undefined for all. */
  organizations?: readonly number[] | undefined;
}

/** Adds entries that are not there yet. */
export async function addPending(transaction: Transaction, entries: readonly PendingEntry[]): Promise<void> {
  if (entries.length === 0) return;
  await transaction.query(
    `insert into connector.pending (organization_id, stream, record_id)
     select * from unnest($1::bigint[], $2::text[], $3::bigint[]) on conflict do nothing`,
    columnsOf(entries),
  );
}

/** Adds every landed deal, including deleted ones, or those with the given ids; returns how many they are. */
export async function addLandedDeals(transaction: Transaction, ids?: readonly number[]): Promise<number> {
  const [row] = await transaction.query<{ count: string }>(
    `with landed as (
       select coalesce((record->>'org_id')::bigint, 0) as organization_id, id from pipedrive.deals
       where $1::bigint[] is null or id = any($1)
     ), added as (
       insert into connector.pending (organization_id, stream, record_id)
       select organization_id, 'deals', id from landed on conflict do nothing
     )
     select count(*) as count from landed`,
    [ids ?? null],
  );
  return Number(row?.count);
}

/**
 * Adds every note whose row belongs to another company than its organization, if that organization has a company too. A
 * note's organization is its own, else its deal's, else its person's.
 */
export async function addMovedNotes(transaction: Transaction): Promise<void> {
  await transaction.query(
    `insert into connector.pending (organization_id, stream, record_id)
     select company.source_id::bigint, 'notes', note.id
     from pipedrive.notes as note
     join planhat.notes as stored on stored.source_id = note.id::text
     left join pipedrive.deals as deal on deal.id = (note.record->>'deal_id')::bigint
     left join pipedrive.persons as person on person.id = (note.record->>'person_id')::bigint
     join planhat.companies as company
       on company.source_id = coalesce(note.record->>'org_id', deal.record->>'org_id', person.record->>'org_id')
     where not note.deleted and stored.company_id <> company.id
     on conflict do nothing`,
  );
}

/** Returns the next entries, ordered by organization, stream and record, so that related records come together. */
export async function nextPending(
  queryable: Queryable,
  { limit, after, organizations }: PendingPage,
): Promise<PendingEntry[]> {
  const rows = await queryable.query<{ organization_id: string; stream: StreamName; record_id: string }>(
    `select organization_id, stream, record_id from connector.pending
     where ($1::bigint is null or (organization_id, stream, record_id) > ($1, $2, $3))
       and ($4::bigint[] is null or organization_id = any($4))
     order by organization_id, stream, record_id limit $5`,
    [after?.organizationId ?? null, after?.stream ?? null, after?.recordId ?? null, organizations ?? null, limit],
  );
  return rows.map(({ organization_id, stream, record_id }) => ({
    organizationId: Number(organization_id),
    stream,
    recordId: Number(record_id),
  }));
}

/**
 * Returns all entries, as if every landed deal were pending, in the order of `nextPending`. With `statuses` it adds
 * only deals of these statuses that are not deleted.
 */
export async function allWork(queryable: Queryable, statuses?: readonly string[]): Promise<PendingEntry[]> {
  const rows = await queryable.query<{ organization_id: string; stream: StreamName; record_id: string }>(
    `select organization_id, stream, record_id from connector.pending
     union
     select coalesce((record->>'org_id')::bigint, 0), 'deals', id from pipedrive.deals
     where $1::text[] is null or (not deleted and record->>'status' = any($1))
     order by 1, 2, 3`,
    [statuses ?? null],
  );
  return rows.map(({ organization_id, stream, record_id }) => ({
    organizationId: Number(organization_id),
    stream,
    recordId: Number(record_id),
  }));
}

/** Returns the organizations under which the given records are pending. */
export async function pendingOrganizations(
  queryable: Queryable,
  records: readonly { stream: StreamName; id: number }[],
): Promise<number[]> {
  const rows = await queryable.query<{ organization_id: string }>(
    `select distinct p.organization_id from connector.pending as p
     join unnest($1::text[], $2::bigint[]) as r (stream, id) on p.stream = r.stream and p.record_id = r.id`,
    [records.map(({ stream }) => stream), records.map(({ id }) => id)],
  );
  return rows.map(({ organization_id }) => Number(organization_id));
}

/** Removes entries, in the transaction that applies them. */
export async function removePending(transaction: Transaction, entries: readonly PendingEntry[]): Promise<void> {
  if (entries.length === 0) return;
  await transaction.query(
    `delete from connector.pending as p
     using unnest($1::bigint[], $2::text[], $3::bigint[]) as done (organization_id, stream, record_id)
     where p.organization_id = done.organization_id and p.stream = done.stream and p.record_id = done.record_id`,
    columnsOf(entries),
  );
}

/** Counts the pending entries. */
export async function countPending(queryable: Queryable): Promise<number> {
  const [row] = await queryable.query<{ count: string }>("select count(*) as count from connector.pending");
  return Number(row?.count);
}

function columnsOf(entries: readonly PendingEntry[]): unknown[] {
  return [
    entries.map(({ organizationId }) => organizationId),
    entries.map(({ stream }) => stream),
    entries.map(({ recordId }) => recordId),
  ];
}
