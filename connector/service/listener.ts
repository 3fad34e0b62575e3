import { extname, join } from "node:path";
import { Worker } from "node:worker_threads";
import { Failure } from "../failure.ts";
import { startDrain } from "./drain.ts";
import type { EventPlace } from "./event-store.ts";
import type { ForwardedRequest, FromListener, ListenerOptions, ToListener } from "./listener-messages.ts";
import type { Service, StartPart } from "./service.ts";
import { spoolName } from "./spool.ts";

/** How often (ms) the listener hears that this thread works, and how much waits. */
const signMilliseconds = 2_000;

/**
 * Listens in a thread of its own: a mapping at work keeps this thread for up to seconds, and Pipedrive must have
 * its answer within a tenth of one. The thread stores deliveries by itself, and asks this one for
 * everything else.
 */
export const startListener: StartPart = async (service) => {
  const { address, config, database, events, logger } = service;
  const place: EventPlace =
    database.kind === "server"
      ? { kind: "server", url: config.database }
      : { kind: "spool", folder: join(config.database, spoolName) };
  const drain = place.kind === "spool" ? await startDrain(service, place.folder) : undefined;
  const workerData: ListenerOptions = {
    ...address,
    place,
    webhooks: config.webhook !== undefined,
    followChanges: config.follow_changes,
  };
  // From the sources in tests, from the built files otherwise.
  const thread = new Worker(new URL(`./listener-thread${extname(import.meta.url)}`, import.meta.url), { workerData });
  const tell = (message: ToListener) => thread.postMessage(message);
  const ended = new Promise<void>((resolve) => thread.once("exit", () => resolve()));
  const listening = new Promise<number>((resolve, reject) => {
    thread.on("message", (message: FromListener) => {
      if (message.kind === "listening") resolve(message.port);
      else if (message.kind === "refused to listen") reject(cannotListen(address, message));
      else if (message.kind === "request") void answer(service, message.request, tell);
      else if (message.kind === "received") events.emit("received", message);
      else if (message.kind === "refused") events.emit("refused", message.status);
      else if (message.kind === "problem") logger.warn(message.message);
      else if (message.file === undefined) events.emit("work");
      else drain?.add(message.file);
    });
    thread.once("error", (error) => {
      reject(error);
      events.emit("broken", error);
    });
  });
  let told: Service["credentials"] | undefined;
  let waiting = 0;
  let counting = false;
  const sign = async () => {
    if (told !== service.credentials) {
      told = service.credentials;
      tell({ kind: "credentials", credentials: told });
    }
    tell({ kind: "alive", waiting: waiting + (drain?.waiting() ?? 0) });
    if (counting) return;
    counting = true;
    waiting = await service.jobs.counts().then(
      ({ events }) => events,
      () => waiting,
    );
    counting = false;
  };
  service.health.add("listener", () => ({ ready: true, spooled: drain?.waiting() ?? 0 }));
  await sign();
  address.port = await listening;
  logger.info(`Listening on http://${address.host}:${address.port}`);
  const signs = setInterval(() => void sign(), signMilliseconds);
  return async () => {
    clearInterval(signs);
    tell({ kind: "close" });
    await ended;
    await drain?.stop();
  };
};

async function answer(
  { routes }: Service,
  { id, method, url, authorization }: ForwardedRequest,
  tell: (message: ToListener) => void,
): Promise<void> {
  const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
  const response = await routes.fetch(new Request(url, { method, headers }));
  const body = await response.text();
  tell({ kind: "answer", answer: { id, status: response.status, headers: [...response.headers], body } });
}

function cannotListen(
  { host, port }: { host: string; port: number },
  { code, message }: { code: string | undefined; message: string },
): Failure {
  const why =
    code === "EADDRINUSE"
      ? "another program uses that port"
      : code === "EACCES"
        ? "this user may not use that port"
        : message;
  return new Failure("surroundings", `serve cannot listen on ${host}:${port}: ${why}.`, {
    hint: "Choose another with --port <port> or the environment variable PORT; 0 takes a free one.",
    remedy: "change",
  });
}
