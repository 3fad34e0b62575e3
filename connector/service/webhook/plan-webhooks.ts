import type { KeptWebhook } from "../../database/tables/webhooks.ts";
import type { EventObject, ListedWebhook } from "../../pipedrive/writes/webhooks.ts";

/** The required state of the connector's webhooks. */
export interface WantedWebhooks {
  objects: readonly EventObject[];
  url: string;
  credentialsDigest: string;
}

/** The fault of a webhook, in words that complete "its …". */
export type WebhookFault = "switched off by Pipedrive" | "failing" | "made for other settings" | "one too many";

/** The changes after which each wanted object has one working webhook of the connector. */
export interface WebhookPlan {
  /** The webhooks to keep, in the order of Pipedrive's list. */
  keep: ListedWebhook[];
  create: EventObject[];
  /** The webhooks to delete, after the new ones exist, so that no event falls between. */
  remove: { webhook: ListedWebhook; fault: WebhookFault }[];
  /** Ids that Pipedrive no longer lists. */
  forget: number[];
  /**
   * True if a kept webhook has failed and its retries are in progress: after `retriesEnd` it is known whether it is
   * broken.
   */
  doubtful: boolean;
}

/**
 * Milliseconds after which Pipedrive no longer retries a failed delivery: 3 retries, the last after 150 s (webhooks v2
 * guide).
 */
export const retriesEnd = 240_000;

/**
 * Returns whether the connector created a webhook: it has the connector's address, or its id and address are recorded.
 */
export function isOurs(webhook: ListedWebhook, kept: readonly KeptWebhook[], url: string | undefined): boolean {
  return webhook.url === url || kept.some(({ id, url: made }) => id === webhook.id && made === webhook.url);
}

/** Compares Pipedrive's list with the required state; `now` is in epoch ms. */
export function planWebhooks(
  listed: readonly ListedWebhook[],
  kept: readonly KeptWebhook[],
  wanted: WantedWebhooks,
  now: number,
): WebhookPlan {
  const plan: WebhookPlan = { keep: [], create: [], remove: [], forget: [], doubtful: false };
  for (const webhook of listed.filter((one) => isOurs(one, kept, wanted.url))) {
    const fault =
      faultOf(webhook, kept, wanted, now) ??
      (plan.keep.some(({ eventObject }) => eventObject === webhook.eventObject) ? "one too many" : undefined);
    if (fault === undefined) plan.keep.push(webhook);
    else plan.remove.push({ webhook, fault });
  }
  plan.doubtful = plan.keep.some(hasFailed);
  plan.create = wanted.objects.filter((object) => !plan.keep.some(({ eventObject }) => eventObject === object));
  plan.forget = kept.map(({ id }) => id).filter((id) => !listed.some((webhook) => webhook.id === id));
  return plan;
}

/** Returns the fault of one of the connector's webhooks, or undefined. */
export function faultOf(
  webhook: ListedWebhook,
  kept: readonly KeptWebhook[],
  { objects, url, credentialsDigest }: WantedWebhooks,
  now: number,
): Exclude<WebhookFault, "one too many"> | undefined {
  if (!webhook.active) return "switched off by Pipedrive";
  const made = kept.find(({ id }) => id === webhook.id);
  const asWanted =
    webhook.url === url &&
    webhook.eventAction === "*" &&
    objects.some((object) => object === webhook.eventObject) &&
    webhook.version === "2.0" &&
    made?.credentialsDigest === credentialsDigest;
  if (!asWanted) return "made for other settings";
  return isFailing(webhook, now) ? "failing" : undefined;
}

/**
 * Returns whether a webhook is broken. No list shows a ban (webhooks v2 guide: 10 failed first attempts, then 30
 * minutes without events); it shows only the last delivery. If that failed and its retries are over, a new webhook
 * starts without a ban.
 */
function isFailing(webhook: ListedWebhook, now: number): boolean {
  return hasFailed(webhook) && !(now - Date.parse(webhook.lastDeliveryTime ?? "") < retriesEnd);
}

function hasFailed({ lastDeliveryTime, lastHttpStatus }: ListedWebhook): boolean {
  return lastDeliveryTime !== null && (lastHttpStatus === null || lastHttpStatus < 200 || lastHttpStatus >= 300);
}
