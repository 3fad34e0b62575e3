/** The path at which serve takes Pipedrive's events. */
export const webhookPath = "/webhooks/pipedrive";

/** The address that Pipedrive sends events to: the config's `webhook.public_url`, which may have a path, and ours. */
export function webhookAddress(publicUrl: string): string {
  return `${publicUrl.replace(/\/+$/, "")}${webhookPath}`;
}
