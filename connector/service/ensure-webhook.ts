import type { Config } from "../config/config.ts";
import { readCatalogEntry, saveCatalogEntry } from "../database/catalog.ts";
import type { Database } from "../database/database.ts";
import { waitForLock } from "../database/wait-for-lock.ts";
import { forgetWebhooks, readWebhooks, saveWebhook } from "../database/webhooks.ts";
import { Failure } from "../failure.ts";
import type { JsonObject } from "../mapping/value.ts";
import type { Client } from "../pipedrive/client.ts";
import {
  createWebhook,
  deleteWebhook,
  type EventObject,
  LimitReached,
  type ListedWebhook,
  listWebhooks,
} from "../pipedrive/webhooks.ts";
import { sameJson } from "../planhat/column-value.ts";
import { isOurs, planWebhooks, type WantedWebhooks, type WebhookFault } from "./plan-webhooks.ts";
import { webhookAddress } from "./webhook-address.ts";
import { digestOf, type WebhookCredentials, webhookCredentials } from "./webhook-credentials.ts";

/** What managing the webhooks needs. */
export interface WebhookRequest {
  database: Database;
  client: Client;
  config: Pick<Config, "webhook" | "follow_changes">;
  signal?: AbortSignal;
}

/** A webhook that is as it should be. */
export interface EnsuredWebhook {
  id: number;
  eventObject: string;
  url: string;
  /** It was made now. */
  created: boolean;
}

/** What became of the webhooks. */
export interface EnsuredWebhooks {
  webhooks: EnsuredWebhook[];
  removed: { id: number; eventObject: string; fault: WebhookFault }[];
  /** Webhooks we had made and Pipedrive does not have any more. */
  lost: number[];
  /** The last delivery has failed, and may yet succeed: look again after `retriesEnd`. */
  doubtful: boolean;
}

/** The advisory lock by which processes take turns here; any number that no other program uses. */
const lockKey = 7_235_011_903;
const lockPatience = 60;
/** The catalog's key for what the webhooks were when they were last looked after. */
const lookedKey = "webhooks_looked_after";

/** What events are about: deals, and with `follow_changes` all that a sync follows. */
export function wantedObjects({ follow_changes: followChanges }: Pick<Config, "follow_changes">): EventObject[] {
  return followChanges ? ["deal", "organization", "person", "note"] : ["deal"];
}

/** The config's webhook. Throws a Failure of kind `usage` when it has none. */
export function configuredWebhook({ webhook }: Pick<Config, "webhook">): NonNullable<Config["webhook"]> {
  if (webhook !== undefined) return webhook;
  throw new Failure("usage", "The config has no `webhook`, so there is no address for Pipedrive to send events to.", {
    hint: "Add `webhook:` and, indented below it, `public_url: https://…`, the address at which Pipedrive reaches serve.",
  });
}

/**
 * Makes sure that each kind of event has exactly one webhook of ours in Pipedrive, with the address and the credentials
 * of the config. New ones are made before old ones go. It may be called at any time, by several processes, and may be
 * killed at any moment: the next call repairs. Throws a Failure for a missing permission, the limit, or an address
 * refused.
 */
export async function ensureWebhook(request: WebhookRequest): Promise<EnsuredWebhooks> {
  const webhook = configuredWebhook(request.config);
  return taking(request, async ({ database, client, config }) => {
    const credentials = await webhookCredentials(database, webhook);
    const wanted = wantedBy(config, webhook, credentials);
    const plan = planWebhooks(await listWebhooks(client), await readWebhooks(database), wanted, Date.now());
    await forgetWebhooks(database, plan.forget);
    const done: EnsuredWebhooks = {
      webhooks: plan.keep.map(({ id, eventObject, url }) => ({ id, eventObject, url, created: false })),
      removed: [],
      lost: plan.forget,
      doubtful: plan.doubtful,
    };
    const remove = async ({ webhook: old, fault }: (typeof plan.remove)[number]) => {
      await deleteWebhook(client, old.id);
      await forgetWebhooks(database, [old.id]);
      done.removed.push({ id: old.id, eventObject: old.eventObject, fault });
    };
    const old = [...plan.remove];
    for (const eventObject of plan.create) {
      const id = await createWithin(request, { eventObject, url: wanted.url }, credentials, async () => {
        const first = old.shift();
        if (first !== undefined) await remove(first);
        return first !== undefined;
      });
      done.webhooks.push({ id, eventObject, url: wanted.url, created: true });
    }
    for (const one of old) await remove(one);
    if (!done.doubtful) await saveCatalogEntry(database, lookedKey, wanted);
    return done;
  });
}

/** Whether the webhooks were as this config wants them less than so many seconds ago. */
export async function webhookWasThere({ database, config }: WebhookRequest, seconds: number): Promise<boolean> {
  const webhook = configuredWebhook(config);
  const found = await readCatalogEntry(database, lookedKey, seconds);
  if (found === undefined || found === null) return false;
  return sameJson(found, { ...wantedBy(config, webhook, await webhookCredentials(database, webhook)) });
}

function wantedBy(
  config: WebhookRequest["config"],
  webhook: NonNullable<Config["webhook"]>,
  credentials: WebhookCredentials,
): WantedWebhooks & JsonObject {
  return {
    objects: wantedObjects(config),
    url: webhookAddress(webhook.public_url),
    credentialsDigest: digestOf(credentials),
  };
}

/** Removes the connector's webhooks, and no others, from Pipedrive. Returns what was removed. */
export async function removeWebhooks(request: WebhookRequest): Promise<ListedWebhook[]> {
  return taking(request, async ({ database, client, config }) => {
    await saveCatalogEntry(database, lookedKey, null);
    const kept = await readWebhooks(database);
    const listed = await listWebhooks(client);
    const url = config.webhook === undefined ? undefined : webhookAddress(config.webhook.public_url);
    const ours = listed.filter((webhook) => isOurs(webhook, kept, url));
    for (const { id } of ours) {
      await deleteWebhook(client, id);
      await forgetWebhooks(database, [id]);
    }
    await forgetWebhooks(
      database,
      kept.map(({ id }) => id),
    );
    return ours;
  });
}

/** Makes a webhook and remembers it; at the limit `makeRoom` may remove one of ours that is to go anyway. */
async function createWithin(
  { database, client }: WebhookRequest,
  webhook: { eventObject: EventObject; url: string },
  credentials: WebhookCredentials,
  makeRoom: () => Promise<boolean>,
): Promise<number> {
  for (;;) {
    try {
      const id = await createWebhook(client, { ...webhook, ...credentials });
      await saveWebhook(database, { id, ...webhook, credentialsDigest: digestOf(credentials) });
      return id;
    } catch (error) {
      if (!(error instanceof LimitReached) || !(await makeRoom())) throw error;
    }
  }
}

async function taking<Result>(request: WebhookRequest, work: (request: WebhookRequest) => Promise<Result>) {
  const { database, signal } = request;
  const patience = { waitSeconds: lockPatience, ...(signal === undefined ? {} : { signal }) };
  const release = await waitForLock(database, lockKey, patience);
  if (release === undefined) {
    throw new Failure("surroundings", "Another process has been managing the webhooks for a minute.");
  }
  try {
    return await work(request);
  } finally {
    await release();
  }
}
