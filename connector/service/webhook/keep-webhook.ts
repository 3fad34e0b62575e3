import { setTimeout as sleep } from "node:timers/promises";
import type { WebhookState } from "../../alerts/judge.ts";
import { Failure } from "../../failure.ts";
import { recordUsage } from "../../sync/record-usage.ts";
import { toldStack } from "../../told-error.ts";
import { syncAtStart } from "../jobs/sync-at-start.ts";
import type { Service, StartPart } from "../service.ts";
import { type EnsuredWebhooks, ensureWebhook, webhookWasThere } from "./ensure-webhook.ts";
import { retriesEnd } from "./plan-webhooks.ts";
import { webhookCredentials } from "./webhook-credentials.ts";

/** Interval (ms) between checks that the webhook still exists: a ban lasts half an hour (webhooks v2 guide). */
const lookEvery = 1_800_000;
/** Interval (ms) between attempts after the webhook could not be created or checked. */
const retryEvery = 120_000;
/** Seconds since the last check within which a start skips it: repeated starts spend no tokens. */
const freshFor = 60;

const notLookedAfter = "The webhook check failed and is retried. The log names the reason.";

/** Admits Pipedrive's deliveries before the listener starts, if the config has a `webhook`. */
export const admitDeliveries: StartPart = async (service) => {
  const { config, database } = service;
  if (config.webhook !== undefined) service.credentials = [await webhookCredentials(database, config.webhook)];
  return undefined;
};

/**
 * Keeps the webhook alive while the service runs, if the config has a `webhook`. Creates it at the start, unless it was
 * there within the last minute. It never ends the service: a fault goes into the log and the health and is retried.
 * Events sent while no listener runs are lost. So a sync is requested at the start, and after a lost webhook has been
 * replaced.
 */
export const keepWebhook: StartPart = async (service) => {
  const { config, health, signal } = service;
  if (config.webhook === undefined) return undefined;
  const stopping = new AbortController();
  const stopped = AbortSignal.any([signal, stopping.signal]);
  let state: { ids: number[]; lookedAt: string; doubtful: boolean } | undefined;
  let problem: string | undefined;
  health.add("webhook", () => ({
    ready: true,
    ...(problem === undefined ? {} : { problem: notLookedAfter, cause: problem }),
    ids: state?.ids ?? [],
    looked_at: state?.lookedAt ?? null,
  }));
  const look = async () => {
    try {
      const done = await ensureAndRecord(service, stopped);
      await announce(service, done, state !== undefined);
      const { doubtful } = done;
      service.events.emit("webhook", stateOf(done));
      state = { ids: done.webhooks.map(({ id }) => id), lookedAt: new Date().toISOString(), doubtful };
      problem = undefined;
    } catch (error) {
      if (stopped.aborted) return;
      const message = error instanceof Failure ? error.message : toldStack(error);
      if (message !== problem) {
        const hint = error instanceof Failure && error.hint !== undefined ? { hint: error.hint } : {};
        service.logger.warn("Webhook check failed.", { error: message, ...hint });
      }
      problem = message;
      // An outage of Pipedrive says nothing about the webhook; a refusal does.
      if (error instanceof Failure && error.remedy !== "retry") {
        service.events.emit("webhook", { is: "refused", mended: false });
      }
    }
  };
  const loop = async () => {
    let fresh = await webhookWasThere(service, freshFor).catch(() => false);
    if (!fresh) await look();
    // After the webhook exists, so that no change falls between the two.
    if (!stopped.aborted) await syncAtStart(service);
    while (!stopped.aborted) {
      const next = problem !== undefined ? retryEvery : state?.doubtful ? retriesEnd : lookEvery;
      const pause = fresh ? freshFor * 1000 : next;
      fresh = false;
      await sleep(pause, undefined, { signal: stopped }).catch(() => undefined);
      if (!stopped.aborted) await look();
    }
  };
  const ended = loop();
  return async () => {
    stopping.abort();
    await ended;
  };
};

/** Ensures the webhooks and records the usage, including usage that a concurrent run has not recorded yet. */
async function ensureAndRecord(service: Service, signal: AbortSignal): Promise<EnsuredWebhooks> {
  const { database, client, config } = service;
  try {
    await service.claim();
    return await ensureWebhook({ database, client, config, signal });
  } finally {
    await database.transaction((transaction) => recordUsage(transaction, { request: service }));
  }
}

/** Returns how the webhook was found, before it was put right. */
function stateOf({ lost, removed }: EnsuredWebhooks): WebhookState {
  if (lost.length > 0) return { is: "missing", mended: true };
  const isBroken = removed.some(({ fault }) => fault === "failing" || fault === "switched off by Pipedrive");
  return isBroken ? { is: "banned", mended: true } : { is: "well" };
}

/** Logs the changes, and requests a sync if events were lost. */
async function announce(service: Service, done: EnsuredWebhooks, wasThere: boolean): Promise<void> {
  for (const { id, eventObject, url, created } of done.webhooks) {
    if (created) service.logger.info(`Created webhook ${id}: ${eventObject} events go to ${url}.`);
  }
  for (const { id, eventObject, fault } of done.removed) {
    service.logger.info(`Removed webhook ${id} (${eventObject} events): it was ${fault}.`);
  }
  if (stateOf(done).is === "well") return;
  const why = wasThere ? "while serve was running" : "while serve was not running";
  service.logger.warn(`The webhook stopped working ${why}: a sync fetches the changes of its lost events.`);
  await service.jobs.requestSync({ mode: "incremental", by: "serve" });
  service.events.emit("work");
}
