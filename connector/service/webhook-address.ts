/** Where Pipedrive delivers, below `webhook.public_url`. */
export const webhookPath = "/webhooks/pipedrive";

/** The address that Pipedrive sends events to: the config's `webhook.public_url`, which may have a path, and ours. */
export function webhookAddress(publicUrl: string): string {
  return `${publicUrl.replace(/\/+$/, "")}${webhookPath}`;
}
