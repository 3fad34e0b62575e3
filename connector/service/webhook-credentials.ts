import { createHash, randomBytes } from "node:crypto";
import type { Config } from "../config/config.ts";
import type { Queryable } from "../database/database.ts";
import { generatedPassword } from "../database/webhooks.ts";
import { hideSecrets } from "../secrets.ts";

/** What Pipedrive signs its events with (HTTP basic auth: webhooks v2 have no signature). */
export interface WebhookCredentials {
  username: string;
  password: string;
}

/**
 * The credentials of the config, or with a password that was generated once and is in the database only. It is hidden
 * from whatever is printed from then on.
 */
export async function webhookCredentials(
  queryable: Queryable,
  { username, password: configured }: NonNullable<Config["webhook"]>,
): Promise<WebhookCredentials> {
  const password = configured ?? (await generatedPassword(queryable, randomBytes(32).toString("base64url")));
  hideSecrets([password]);
  return { username, password };
}

/** Tells credentials apart without holding them. */
export function digestOf({ username, password }: WebhookCredentials): string {
  return createHash("sha256")
    .update(JSON.stringify([username, password]))
    .digest("hex");
}
