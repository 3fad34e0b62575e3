import type { Json, JsonObject } from "../../mapping/value.ts";
import { storableText } from "../../text/storable-text.ts";
import type { Queryable, Transaction } from "../database.ts";

/** The last value sent for an organization's field. */
export interface SentField {
  recordId: number;
  /** The Planhat field. */
  field: string;
  /** The value in Planhat's form. */
  value: Json;
  /** The number of consecutive sends, each because the value had been changed back or Pipedrive had refused it. */
  rounds: number;
  /** The reason of Pipedrive's last refusal; null if it accepted the value. */
  refused: string | null;
}

/** Consecutive sends of one value; above it something keeps changing the value back. */
export const mostSends = 3;

/**
 * Returns the last sends of the given organizations. After a day without another send the count starts again, except
 * for refused values and values at the limit.
 */
export async function readSends(queryable: Queryable, recordIds: readonly number[]): Promise<SentField[]> {
  if (recordIds.length === 0) return [];
  const rows = await queryable.query<Omit<SentField, "recordId"> & { record_id: string }>(
    `select record_id, field, value, rounds, refused from connector.sends
     where record_id = any($1::bigint[])
       and (rounds >= ${mostSends} or refused is not null or sent_at > now() - interval '1 day')`,
    [recordIds],
  );
  return rows.map(({ record_id, ...row }) => ({ ...row, recordId: Number(record_id) }));
}

/** Stores sends, replacing earlier ones of the same fields. */
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

/** Removes Pipedrive's refusals of fields of the given organizations: they are sent again as if for the first time. */
export async function forgetRefusedSends(transaction: Transaction, recordIds: readonly number[]): Promise<void> {
  await transaction.query("delete from connector.sends where record_id = any($1::bigint[]) and refused is not null", [
    recordIds,
  ]);
}

/** An organization that is being created. */
export interface Creation {
  /** The company's row id, a bigint as text. */
  companyId: string;
  /** The request's body. */
  body: JsonObject;
  /** The newest organization before the request. */
  afterId: number;
  /** True if the row was changed since. */
  edited: boolean;
}

/** Returns unfinished creations for the given companies. */
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

/** Stores the intent to create an organization, before the request. */
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

/** Removes a creation: its organization is linked, or Pipedrive refused to create it. */
export async function endCreation(transaction: Transaction, companyId: string): Promise<void> {
  await transaction.query("delete from connector.creations where company_id = $1", [companyId]);
}
