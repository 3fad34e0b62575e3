import type { Json, JsonObject } from "../mapping/value.ts";
import { storableText } from "../storable-text.ts";
import type { Queryable, Transaction } from "./database.ts";

/** The last value that was sent of an organization's field. */
export interface SentField {
  recordId: number;
  /** The Planhat field. */
  field: string;
  /** The value as Planhat has it. */
  value: Json;
  /** How often in a row it was sent, each time because something had changed it back, or because Pipedrive had refused it. */
  rounds: number;
  /** Why Pipedrive refused it the last time; null where it took it. */
  refused: string | null;
}

/** So often in a row is one value sent; after that something keeps changing it back. */
export const mostRounds = 3;

/**
 * What was last sent of the given organizations. After a day without a further round the next one is the first again, but for
 * what Pipedrive refuses.
 */
export async function readSends(queryable: Queryable, recordIds: readonly number[]): Promise<SentField[]> {
  if (recordIds.length === 0) return [];
  const rows = await queryable.query<Omit<SentField, "recordId"> & { record_id: string }>(
    `select record_id, field, value, rounds, refused from connector.sends
     where record_id = any($1::bigint[])
       and (rounds >= ${mostRounds} or refused is not null or sent_at > now() - interval '1 day')`,
    [recordIds],
  );
  return rows.map(({ record_id, ...row }) => ({ ...row, recordId: Number(record_id) }));
}

/** Keeps what was sent, in place of what was sent of the same fields before. */
export async function storeSends(transaction: Transaction, runId: string, sent: readonly SentField[]): Promise<void> {
  if (sent.length === 0) return;
  await transaction.query(
    `insert into connector.sends (record_id, field, value, rounds, refused, run_id)
     select record_id, field, value::jsonb, rounds, refused, $1
     from unnest($2::bigint[], $3::text[], $4::text[], $5::integer[], $6::text[])
       as new (record_id, field, value, rounds, refused)
     on conflict (record_id, field) do update
     set value = excluded.value, rounds = excluded.rounds, refused = excluded.refused, run_id = excluded.run_id,
       sent_at = now()`,
    [
      runId,
      sent.map(({ recordId }) => recordId),
      sent.map(({ field }) => field),
      sent.map(({ value }) => JSON.stringify(value)),
      sent.map(({ rounds }) => rounds),
      sent.map(({ refused }) => (refused === null ? null : storableText(refused))),
    ],
  );
}

/** Forgets that Pipedrive refused fields of the given organizations: they are sent again as if for the first time. */
export async function forgetRefusedSends(transaction: Transaction, recordIds: readonly number[]): Promise<void> {
  await transaction.query("delete from connector.sends where record_id = any($1::bigint[]) and refused is not null", [
    recordIds,
  ]);
}

/** An organization that is to be made, or was. */
export interface Creation {
  /** The company's row id, a bigint as text. */
  companyId: string;
  /** What is sent. */
  body: JsonObject;
  /** The newest organization there was before. */
  afterId: number;
  /** Whether the row was changed since. */
  edited: boolean;
}

/** Creations that were begun for the given companies and not seen to their end. */
export async function readCreations(queryable: Queryable, companyIds: readonly string[]): Promise<Creation[]> {
  const rows = await queryable.query<{ company_id: string; body: JsonObject; after_id: string; edited: boolean }>(
    `select n.company_id, n.body, n.after_id, c.updated_at > n.begun_at as edited
     from connector.creations as n join planhat.companies as c on c.id = n.company_id
     where n.company_id = any($1::bigint[])`,
    [companyIds],
  );
  return rows.map(({ company_id, body, after_id, edited }) => ({
    companyId: company_id,
    body,
    afterId: Number(after_id),
    edited,
  }));
}

/** Writes down that an organization is about to be made. */
export async function beginCreation(
  transaction: Transaction,
  runId: string,
  { companyId, body, afterId }: Omit<Creation, "edited">,
): Promise<void> {
  await transaction.query(
    `insert into connector.creations (company_id, body, after_id, run_id) values ($1, $2, $3, $4)
     on conflict (company_id) do update
     set body = excluded.body, after_id = excluded.after_id, run_id = excluded.run_id, begun_at = now()`,
    [companyId, JSON.stringify(body), afterId, runId],
  );
}

/** Forgets a creation: its organization is linked, or Pipedrive refused to make it. */
export async function endCreation(transaction: Transaction, companyId: string): Promise<void> {
  await transaction.query("delete from connector.creations where company_id = $1", [companyId]);
}
