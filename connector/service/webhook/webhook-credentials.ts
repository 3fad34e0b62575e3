import { createHash, randomBytes } from "node:crypto";
import type { Config } from "../../config/config.ts";
import type { Queryable } from "../../database/database.ts";
import { generatedPassword } from "../../database/tables/webhooks.ts";
import { hideSecrets } from "../../secrets.ts";

/** The credentials of Pipedrive's deliveries (HTTP basic auth: webhooks v2 have no signature). */
export interface WebhookCredentials {
  username: string;
  password: string;
}

/**
 * Returns the credentials of the config; without a configured password, with one that was generated once and is stored
 * only in the database. From then on the password is masked in all output.
 */
export async function webhookCredentials(
  queryable: Queryable,
  { username, password: configured }: NonNullable<Config["webhook"]>,
): Promise<WebhookCredentials> {
  const password = configured ?? (await generatedPassword(queryable, randomBytes(32).toString("base64url")));
  hideSecrets([password]);
  return { username, password };
}

/** Returns a digest that identifies credentials without revealing them. */
export function digestOf({ username, password }: WebhookCredentials): string {
  return createHash("sha256")
    .update(JSON.stringify([username, password]))
    .digest("hex");
}
