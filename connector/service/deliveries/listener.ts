import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { Failure } from "../../failure.ts";
import { packageRoot } from "../../package-root.ts";
import { toldStack } from "../../told-error.ts";
import type { Service, StartPart } from "../service.ts";
import { ConsoleAnswers } from "./console-answers.ts";
import { startDrain } from "./drain.ts";
import type { EventPlace } from "./event-store.ts";
import type { ForwardedRequest, FromListener, ListenerOptions, ToListener } from "./listener-messages.ts";
import { spoolName } from "./spool.ts";

/** Time (ms) for which unstored events make the service not ready, unless later ones are stored. */
const unstoredCounts = 60_000;

/** Interval (ms) of the messages that tell the listener that this thread runs, and how many jobs wait. */
const signMilliseconds = 2_000;

/**
 * Starts the listener in a thread of its own: a mapping may keep this thread busy for seconds, and Pipedrive needs its
 * answer within a tenth of one. The listener stores deliveries itself and forwards all other requests.
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
    consolePath: service.consolePath,
  };
  const consoleAnswers = new ConsoleAnswers(service, (message) => tell(message));
  const thread = new Worker(`${packageRoot}dist/listener-thread.mjs`, { workerData });
  const tell = (message: ToListener) => thread.postMessage(message);
  let notStored: { at: number; cause: string } | undefined;
  const ended = new Promise<void>((resolve) => thread.once("exit", () => resolve()));
  const listening = new Promise<number>((resolve, reject) => {
    thread.on("message", (message: FromListener) => {
      if (message.kind === "listening") resolve(message.port);
      else if (message.kind === "refused to listen") reject(cannotListen(address, message));
      else if (message.kind === "no store") {
        const { kind, message: text, hint, remedy } = message.failure;
        reject(new Failure(kind, text, { hint, remedy }));
      } else if (message.kind === "request") void answer(service, message.request, tell);
      else if (message.kind === "console request") void consoleAnswers.answer(message.request);
      else if (message.kind === "console gone") consoleAnswers.drop(message.id);
      else if (message.kind === "received") events.emit("received", message);
      else if (message.kind === "refused") events.emit("refused", message.status);
      else if (message.kind === "turned away") events.emit("turnedAway", message.status);
      else if (message.kind === "error") logger.error(`${message.request}: ${message.message}`);
      else if (message.kind === "problem") logger.warn(message.message);
      else if (message.kind === "not stored") notStored = { at: Date.now(), cause: message.message };
      else {
        notStored = undefined;
        if (message.file === undefined) events.emit("work");
        else drain?.add(message.file);
      }
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
  service.health.add("listener", () => {
    const spooled = drain?.waiting() ?? 0;
    if (notStored === undefined || Date.now() - notStored.at > unstoredCounts) return { ready: true, spooled };
    const problem = "Events could not be stored: a disk is full, or the database is away. The log says which.";
    return { ready: false, problem, cause: notStored.cause, spooled };
  });
  await sign();
  address.port = await listening;
  logger.info(`Listening on http://${address.host}:${address.port}`);
  const signs = setInterval(() => void sign(), signMilliseconds);
  return async () => {
    clearInterval(signs);
    tell({ kind: "close" });
    consoleAnswers.dropAll();
    await ended;
    await drain?.stop();
  };
};

async function answer(
  { routes, logger, events }: Service,
  { id, method, url, authorization }: ForwardedRequest,
  tell: (message: ToListener) => void,
): Promise<void> {
  const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
  try {
    const response = await routes.fetch(new Request(url, { method, headers }));
    const body = await response.text();
    tell({ kind: "answer", answer: { id, status: response.status, headers: [...response.headers], body } });
  } catch (error) {
    logger.error(`${method} ${new URL(url).pathname}: ${toldStack(error)}`);
    events.emit("turnedAway", 500);
    const body = JSON.stringify({ error: "The request could not be answered; the log says why." });
    tell({ kind: "answer", answer: { id, status: 500, headers: [["content-type", "application/json"]], body } });
  }
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
