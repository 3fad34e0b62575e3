/** The path of Pipedrive's deliveries, below `webhook.public_url`. */
export const webhookPath = "/webhooks/pipedrive";

/**
 * Returns the address to which Pipedrive sends events: the config's `webhook.public_url`, which may have a path, and
 * the connector's path.
 */
export function webhookAddress(publicUrl: string): string {
  return `${publicUrl.replace(/\/+$/, "")}${webhookPath}`;
}
