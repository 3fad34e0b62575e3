import type { Config } from "../../config/config.ts";
import { waitForLock } from "../../database/connection/wait-for-lock.ts";
import type { Database } from "../../database/database.ts";
import { readCatalogEntry, saveCatalogEntry } from "../../database/tables/catalog.ts";
import { forgetWebhooks, readWebhooks, saveWebhook } from "../../database/tables/webhooks.ts";
import { Failure } from "../../failure.ts";
import type { JsonObject } from "../../mapping/value.ts";
import type { Client } from "../../pipedrive/client/client.ts";
import {
  createWebhook,
  deleteWebhook,
  type EventObject,
  LimitReached,
  type ListedWebhook,
  listWebhooks,
} from "../../pipedrive/writes/webhooks.ts";
import { sameJson } from "../../planhat/column-value.ts";
import { isOurs, planWebhooks, type WantedWebhooks, type WebhookFault } from "./plan-webhooks.ts";
import { webhookAddress } from "./webhook-address.ts";
import { digestOf, type WebhookCredentials, webhookCredentials } from "./webhook-credentials.ts";

/** The dependencies of webhook management. */
export interface WebhookRequest {
  database: Database;
  client: Client;
  config: Pick<Config, "webhook" | "follow_changes">;
  signal?: AbortSignal;
}

/** A webhook that is as required. */
export interface EnsuredWebhook {
  id: number;
  eventObject: string;
  url: string;
  /** True if it was created by this call. */
  created: boolean;
}

/** The result of ensuring the webhooks. */
export interface EnsuredWebhooks {
  webhooks: EnsuredWebhook[];
  removed: { id: number; eventObject: string; fault: WebhookFault }[];
  /** Webhooks that the connector had created and that Pipedrive no longer has. */
  lost: number[];
  /** True if the last delivery has failed and may yet succeed: check again after `retriesEnd`. */
  doubtful: boolean;
}

/** The advisory lock that serializes webhook management; any number that no other program uses. */
const lockKey = 7_235_011_903;
const lockPatience = 60;
/** The catalog's key for the state of the webhooks at their last check. */
const lookedKey = "webhooks_looked_after";

/** Returns the objects whose events are needed: deals, and with `follow_changes` every stream that a sync follows. */
export function wantedObjects({ follow_changes: followChanges }: Pick<Config, "follow_changes">): EventObject[] {
  return followChanges ? ["deal", "organization", "person", "note"] : ["deal"];
}

/** Returns the config's webhook. Throws a Failure of kind `usage` if it has none. */
export function configuredWebhook({ webhook }: Pick<Config, "webhook">): NonNullable<Config["webhook"]> {
  if (webhook !== undefined) return webhook;
  throw new Failure("usage", "The config has no `webhook`, so there is no address for Pipedrive to send events to.", {
    hint: "Add `webhook:` and, indented below it, `public_url: https://…`, the address at which Pipedrive reaches serve.",
  });
}

/**
 * Ensures that each kind of event has exactly one webhook of the connector in Pipedrive, with the config's address and
 * credentials. New ones are created before old ones are deleted. Several processes may call it at any time, and after a
 * kill the next call repairs the rest. Throws a Failure for a missing permission, the limit, or a refused address.
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

/** Returns whether the webhooks matched this config less than `seconds` ago. */
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

/** Deletes the connector's webhooks in Pipedrive and no others. Returns the deleted ones. */
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

/**
 * Creates a webhook and records it. At Pipedrive's limit it calls `makeRoom`, which may delete an outdated webhook of
 * the connector.
 */
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
