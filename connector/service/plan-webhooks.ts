import type { KeptWebhook } from "../database/webhooks.ts";
import type { EventObject, ListedWebhook } from "../pipedrive/webhooks.ts";

/** What the connector's webhooks should be. */
export interface WantedWebhooks {
  objects: readonly EventObject[];
  url: string;
  credentialsDigest: string;
}

/** Why a webhook of ours is not as it should be, in words that complete "its …". */
export type WebhookFault = "switched off by Pipedrive" | "failing" | "made for other settings" | "one too many";

/** What is to be done so that each wanted object has one webhook of ours that works. */
export interface WebhookPlan {
  /** Those that stay, by object. */
  keep: ListedWebhook[];
  create: EventObject[];
  /** Removed after the new ones were made, so that no event falls between. */
  remove: { webhook: ListedWebhook; fault: WebhookFault }[];
  /** Ids that Pipedrive does not list any more. */
  forget: number[];
  /** One that stays has failed, and its retries are under way: after `retriesEnd` it is known whether it is broken. */
  doubtful: boolean;
}

/** Milliseconds after which a failed delivery is not tried again: 3 retries, the last after 150 s (webhooks v2 guide). */
export const retriesEnd = 240_000;

/** True for a webhook that this connector made: it has our address, or our memory of its id and address. */
export function isOurs(webhook: ListedWebhook, kept: readonly KeptWebhook[], url: string | undefined): boolean {
  return webhook.url === url || kept.some(({ id, url: made }) => id === webhook.id && made === webhook.url);
}

/** Compares what Pipedrive lists with what is wanted; `now` is in milliseconds since 1970. */
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

/** What is wrong with a webhook of ours; undefined when nothing is. */
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
 * A ban is not shown in any list (webhooks v2 guide: 10 failed first attempts, then 30 minutes without events). What is
 * shown is the last delivery: when it failed and its retries are over, a new webhook starts without a ban.
 */
function isFailing(webhook: ListedWebhook, now: number): boolean {
  return hasFailed(webhook) && !(now - Date.parse(webhook.lastDeliveryTime ?? "") < retriesEnd);
}

function hasFailed({ lastDeliveryTime, lastHttpStatus }: ListedWebhook): boolean {
  return lastDeliveryTime !== null && (lastHttpStatus === null || lastHttpStatus < 200 || lastHttpStatus >= 300);
}
