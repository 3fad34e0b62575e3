import type { Queryable } from "../database.ts";

/** A webhook that the connector created in Pipedrive. */
export interface KeptWebhook {
  /** Its id in Pipedrive. */
  id: number;
  eventObject: string;
  url: string;
  /** A digest of the credentials with which it was created, to compare them with today's. */
  credentialsDigest: string;
}

/** Returns the webhooks that the connector created and has not deleted, in ascending order of id. */
export async function readWebhooks(queryable: Queryable): Promise<KeptWebhook[]> {
  const rows = await queryable.query<Record<"id" | "event_object" | "subscription_url" | "credentials_digest", string>>(
    "select id, event_object, subscription_url, credentials_digest from connector.webhooks order by id",
  );
  return rows.map((row) => ({
    id: Number(row.id),
    eventObject: row.event_object,
    url: row.subscription_url,
    credentialsDigest: row.credentials_digest,
  }));
}

/** Stores a created webhook. An id that Pipedrive assigns again belongs to the new one. */
export async function saveWebhook(queryable: Queryable, webhook: KeptWebhook): Promise<void> {
  await queryable.query(
    `insert into connector.webhooks (id, event_object, subscription_url, credentials_digest) values ($1, $2, $3, $4)
     on conflict (id) do update
     set event_object = excluded.event_object, subscription_url = excluded.subscription_url,
         credentials_digest = excluded.credentials_digest, created_at = now()`,
    [webhook.id, webhook.eventObject, webhook.url, webhook.credentialsDigest],
  );
}

/** Removes webhooks that no longer exist in Pipedrive. */
export async function forgetWebhooks(queryable: Queryable, ids: readonly number[]): Promise<void> {
  if (ids.length > 0) await queryable.query("delete from connector.webhooks where id = any($1::bigint[])", [ids]);
}

/** Returns the generated password for events; stores `suggestion` as it if there was none. */
export async function generatedPassword(queryable: Queryable, suggestion: string): Promise<string> {
  await queryable.query("insert into connector.webhook_password (password) values ($1) on conflict do nothing", [
    suggestion,
  ]);
  const [row] = await queryable.query<{ password: string }>("select password from connector.webhook_password");
  return row!.password;
}
