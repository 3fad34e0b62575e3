import { instantText } from "../bulk/instant-text.ts";
import type { Queryable, Transaction } from "../database.ts";

/** The kinds of writes that users of a system would notice, and that wait for `--yes`. */
export type ConsentKind = "sending" | "publication" | "twins" | "clearing" | "options" | "tenant_models" | BrakeKind;

/**
 * The parts of a run that the brake stops and that `--yes` releases for one run: harmed rows, and objects in Planhat.
 */
export type BrakeKind = "brake" | "brake_planhat";

/** A write that waits for consent, under the names that scripts read (contract, section 2, `held`). */
export interface Held {
  /** The waiting work, in words. */
  what: string;
  /** The number of items. */
  count: number;
  /** The action that releases it. */
  remedy: string;
}

/** A consent as recorded. */
export interface Consent {
  kind: ConsentKind;
  /** The tenant; empty if there is only one such system. */
  scope: string;
  what: string;
  by: string;
  /** An instant as `…Z`. */
  since: string;
}

/** Returns the terms of a kind to which consent was given. */
export async function readConsents(queryable: Queryable, kind: ConsentKind, scope: string): Promise<Set<string>> {
  const rows = await queryable.query<{ what: string }>(
    "select what from connector.consents where kind = $1 and scope = $2 and ended_at is null",
    [kind, scope],
  );
  return new Set(rows.map(({ what }) => what));
}

/** Records consent to some terms; a term with consent keeps its time and name. */
export async function storeConsents(
  transaction: Transaction,
  { kind, scope, by, runId }: { kind: ConsentKind; scope: string; by: string; runId: string | null },
  terms: readonly string[],
): Promise<void> {
  await transaction.query(
    `insert into connector.consents (kind, scope, what, agreed_by, run_id)
     select $1, $2, term, $3, $4 from unnest($5::text[]) as term
     on conflict (kind, scope, what) where ended_at is null do nothing`,
    [kind, scope, by, runId, terms],
  );
}

/** Records consent for a single run: it ends as soon as it is given. */
export async function storePassing(
  transaction: Transaction,
  { kind, scope, by, runId }: { kind: ConsentKind; scope: string; by: string; runId: string },
  term: string,
): Promise<void> {
  await transaction.query(
    `insert into connector.consents (kind, scope, what, agreed_by, run_id, ended_at) values ($1, $2, $3, $4, $5, now())`,
    [kind, scope, term, by, runId],
  );
}

/** Ends the consent to terms that are no longer requested. */
export async function endConsents(
  transaction: Transaction,
  kind: ConsentKind,
  scope: string,
  terms: readonly string[],
): Promise<void> {
  await transaction.query(
    `update connector.consents set ended_at = now()
     where kind = $1 and scope = $2 and what = any($3::text[]) and ended_at is null`,
    [kind, scope, terms],
  );
}

/** Lists the consents in force, newest first. */
export async function listConsents(queryable: Queryable): Promise<Consent[]> {
  return queryable.query<Consent>(
    `select kind, scope, what, agreed_by as by, ${instantText("agreed_at")} as since
     from connector.consents where ended_at is null order by id desc`,
  );
}

/** Replaces the list of what waits, for the given kinds; entries that waited already keep their time. */
export async function replaceWaiting(
  transaction: Transaction,
  runId: string,
  kinds: readonly ConsentKind[],
  waiting: readonly (Held & { kind: ConsentKind })[],
): Promise<void> {
  await transaction.query(
    `with new as (
       select * from unnest($2::text[], $3::text[], $4::bigint[], $5::text[]) as new (kind, what, count, remedy)
     ), gone as (
       delete from connector.waiting as old
       where old.kind = any($1::text[]) and not exists (select from new where new.kind = old.kind and new.what = old.what)
     )
     insert into connector.waiting (kind, what, count, remedy, run_id)
     select kind, what, count, remedy, $6 from new
     on conflict (kind, what) do update
     set count = excluded.count, remedy = excluded.remedy, run_id = excluded.run_id`,
    [
      kinds,
      waiting.map(({ kind }) => kind),
      waiting.map(({ what }) => what),
      waiting.map(({ count }) => count),
      waiting.map(({ remedy }) => remedy),
      runId,
    ],
  );
}

/** Lists what waits for consent, and since when. */
export async function listWaiting(queryable: Queryable): Promise<(Held & { since: string })[]> {
  return (await listWaitingKinds(queryable)).map(({ kind: _kind, runId: _runId, ...held }) => held);
}

/** A thing that waits for consent, with its kind and the run that last met it. */
export interface Waiting extends Held {
  kind: ConsentKind;
  since: string;
  runId: string | null;
}

/** Lists what waits for consent, with its kind. */
export async function listWaitingKinds(queryable: Queryable): Promise<Waiting[]> {
  const rows = await queryable.query<Omit<Waiting, "count"> & { count: string }>(
    `select kind, what, count, remedy, ${instantText("since")} as since, run_id as "runId"
     from connector.waiting order by kind, what`,
  );
  return rows.map((row) => ({ ...row, count: Number(row.count) }));
}

/** Lists what waits for consent of one kind. */
export async function listWaitingOf(queryable: Queryable, kind: ConsentKind): Promise<Held[]> {
  const rows = await queryable.query<{ what: string; count: string; remedy: string }>(
    "select what, count, remedy from connector.waiting where kind = $1 order by what",
    [kind],
  );
  return rows.map((row) => ({ ...row, count: Number(row.count) }));
}

/** Removes a kind from the list of what waits: it needs no consent any longer. */
export async function forgetWaiting(queryable: Queryable, kind: ConsentKind): Promise<void> {
  await queryable.query("delete from connector.waiting where kind = $1", [kind]);
}
