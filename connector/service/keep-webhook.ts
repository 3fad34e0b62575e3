import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "../failure.ts";
import { recordUsage } from "../sync/record-usage.ts";
import { type EnsuredWebhooks, ensureWebhook, webhookWasThere } from "./ensure-webhook.ts";
import { retriesEnd } from "./plan-webhooks.ts";
import type { Service, StartPart } from "./service.ts";
import { syncAtStart } from "./sync-at-start.ts";
import { webhookCredentials } from "./webhook-credentials.ts";

/**
 * How often (ms) Pipedrive is asked whether the webhook is still there: a ban lasts half an hour (webhooks v2 guide).
 */
const lookEvery = 1_800_000;
/** How soon (ms) it is tried again when it could not be made or looked at. */
const retryEvery = 120_000;
/** So soon (s) after it was looked after a start asks nothing: one that starts again and again spends no tokens. */
const freshFor = 60;

const notLookedAfter = "The webhook could not be looked after; the log says why, and it is tried again.";

/** With `webhook` in the config: lets Pipedrive's deliveries in, before the listener is there. */
export const admitDeliveries: StartPart = async (service) => {
  const { config, database } = service;
  if (config.webhook !== undefined) service.credentials = [await webhookCredentials(database, config.webhook)];
  return undefined;
};

/**
 * With `webhook` in the config: makes the webhook at the start, unless it was there within the last minute, and looks
 * after it while the service runs. It never ends the service: what is in the way is in the log and in the health, and
 * is tried again. While nobody listens events are lost, so a sync is asked for at the start, and with the successor of
 * a webhook that had been gone.
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
      state = { ids: done.webhooks.map(({ id }) => id), lookedAt: new Date().toISOString(), doubtful };
      problem = undefined;
    } catch (error) {
      if (stopped.aborted) return;
      const message = error instanceof Failure ? error.message : ((error as Error).stack ?? String(error));
      if (message !== problem) {
        service.logger.warn(
          `The webhook could not be looked after: ${message}${error instanceof Failure && error.hint !== undefined ? ` ${error.hint}` : ""}`,
        );
      }
      problem = message;
    }
  };
  const loop = async () => {
    let fresh = await webhookWasThere(service, freshFor).catch(() => false);
    if (!fresh) await look();
    // After the webhook is there, so that no change falls between the two.
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

/** Writes down what it spent, and what a run beside it has not yet. */
async function ensureAndRecord(service: Service, signal: AbortSignal): Promise<EnsuredWebhooks> {
  const { database, client, config } = service;
  try {
    await service.claim();
    return await ensureWebhook({ database, client, config, signal });
  } finally {
    await database.transaction((transaction) => recordUsage(transaction, { request: service }));
  }
}

/** Says what was done, and asks for a sync where events were lost. */
async function announce(service: Service, done: EnsuredWebhooks, wasThere: boolean): Promise<void> {
  for (const { id, eventObject, url, created } of done.webhooks) {
    if (created) service.logger.info(`Created webhook ${id}: ${eventObject} events go to ${url}.`);
  }
  for (const { id, eventObject, fault } of done.removed) {
    service.logger.info(`Removed webhook ${id} (${eventObject} events): it was ${fault}.`);
  }
  const broken = done.removed.some(({ fault }) => fault === "failing" || fault === "switched off by Pipedrive");
  if (done.lost.length === 0 && !broken) return;
  const why = wasThere ? "while serve was running" : "while serve was not running";
  service.logger.warn(`The webhook had stopped working ${why}: a sync brings what its events would have told.`);
  await service.jobs.requestSync({ mode: "incremental", by: "serve" });
  service.events.emit("work");
}
