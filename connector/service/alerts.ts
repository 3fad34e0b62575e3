import { setTimeout as sleep } from "node:timers/promises";
import { namedChannels } from "../alerts/channels.ts";
import type { OwnFacts } from "../alerts/judge.ts";
import { tellAlerts } from "../alerts/tell-alerts.ts";
import { readStandings } from "../database/alerts/standing.ts";
import { Failure } from "../failure.ts";
import { toldMessage } from "../told-error.ts";
import type { PartHealth } from "./health.ts";
import type { StartPart } from "./service.ts";

/** Milliseconds after which conditions are judged where nothing happens: what is stale, and a new day's tokens. */
const usualInterval = 60_000;

/** Tells the config's alerts what begins and ends: after every run, and every so many milliseconds without one. */
export function alertsEvery(interval: number): StartPart {
  return async (service) => {
    const { config, database, events, health, logger, signal, budget } = service;
    const keys = namedChannels(config).map(({ key }) => key);
    if (keys.length === 0) return undefined;
    const stopping = new AbortController();
    const stopped = AbortSignal.any([signal, stopping.signal]);
    /** Facts since the last time that are in no table. */
    let happened: Pick<OwnFacts, "failure" | "webhook"> = {};
    let wake = () => {};
    let isWoken = false;
    const note = (facts: typeof happened) => {
      happened = { ...happened, ...facts };
      isWoken = true;
      wake();
    };
    events.on("run", () => note({}));
    events.on("notBegun", (error) => note({ failure: { kind: error instanceof Failure ? error.kind : "defect" } }));
    events.on("webhook", (webhook) => note({ webhook }));

    const rest = async () => {
      if (isWoken) return;
      const awake = new AbortController();
      wake = () => awake.abort();
      await sleep(interval, undefined, { signal: AbortSignal.any([stopped, awake.signal]) }).catch(() => undefined);
    };
    const tell = async () => {
      const own = happened;
      happened = {};
      isWoken = false;
      try {
        await tellAlerts(
          {
            database,
            config,
            signal: stopped,
            warn: (message) => logger.warn(message),
            onSent: (sent) => events.emit("alert", sent),
          },
          { ...own, tokensLeft: budget.left() },
        );
      } catch (error) {
        if (stopped.aborted) return;
        happened = { ...own, ...happened };
        logger.warn(`Alerts could not be told: ${toldMessage(error)}`);
        await sleep(Math.min(interval, 5_000), undefined, { signal: stopped }).catch(() => undefined);
      }
    };
    const loop = async () => {
      while (!stopped.aborted) {
        await rest();
        if (!stopped.aborted) await tell();
      }
    };
    health.add("alerts", async (): Promise<PartHealth> => {
      const standings = await readStandings(database, keys);
      const active = new Set(standings.filter(({ endedAt }) => endedAt === null).map(({ condition }) => condition));
      const failing = new Set(standings.filter(({ problem }) => problem !== null).map(({ channel }) => channel));
      const problem = `${failing.size} of ${keys.length} alert channels did not take the last message; \`status\` says which and why.`;
      const counts = { active: [...active], channels: keys.length, failing: failing.size };
      return { ready: true, ...(failing.size === 0 ? {} : { problem }), ...counts };
    });
    const ended = loop();
    return async () => {
      stopping.abort();
      await ended;
    };
  };
}

/** The part of the service that tells alerts, stale ones too. */
export const startAlerts: StartPart = alertsEvery(usualInterval);
