import { randomBytes } from "node:crypto";
import { lastRuns } from "../database/tables/runs.ts";
import type { Service } from "../service/service.ts";
import { Pace } from "../sync/pace.ts";
import { readState } from "./read-state.ts";

/** An event for the pages that are open: its kind, and what happened. */
export interface LiveEvent {
  id: string;
  name: "hello" | "state" | "run" | "progress" | "problems" | "settings" | "audit";
  data: unknown;
}

/** The events of a console, for all its pages together. */
export interface Live {
  /** Tells every open page. */
  tell(name: LiveEvent["name"], data: unknown): void;
  /** Calls a listener with each event, until the returned function is called. */
  listen(listener: (event: LiveEvent) => void): () => void;
  /** Returns the events after one; undefined if it is not known any more, so that pages read everything anew. */
  since(id: string): LiveEvent[] | undefined;
  /** Returns the event that begins a stream: with it a page can go on later. */
  hello(): LiveEvent;
  /** Looks at the database now, for pages that ask instead of listening. */
  look(): Promise<void>;
  /** Listens to a service, until it stops. */
  attach(service: Service): void;
  /** Ends it and all its streams. */
  close(): void;
  readonly closed: AbortSignal;
}

/** Events that are kept for pages whose connection broke. */
const mostKept = 500;
/** Interval (ms) at which the database is asked for what other processes did, while a page is open. */
const lookEvery = 2_000;
/** Minimum time (ms) between two events about the progress of a run. */
const progressEvery = 250;

/** Creates the events of a console. Nothing is asked while nobody listens. */
export function createLive(serviceOf: () => Service | undefined): Live {
  const boot = randomBytes(6).toString("hex");
  const kept: LiveEvent[] = [];
  const listeners = new Set<(event: LiveEvent) => void>();
  const stop = new AbortController();
  let last = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let state = "";
  let runs = "";
  let progressAt = 0;
  const pace = new Pace();
  let running: string | undefined;

  const tell: Live["tell"] = (name, data) => {
    const event = { id: `${boot}-${++last}`, name, data };
    kept.push(event);
    if (kept.length > mostKept) kept.shift();
    for (const listener of listeners) listener(event);
  };
  const look = async () => {
    const service = serviceOf();
    const now = await readState({ service: serviceOf }).catch(() => undefined);
    if (now === undefined) return;
    const text = JSON.stringify(now);
    if (text !== state) {
      state = text;
      tell("state", now);
    }
    running = now.running?.run;
    if (service === undefined) return;
    const [newest] = await lastRuns(service.database, 1).catch(() => []);
    const told = newest === undefined ? "" : `${newest.id} ${newest.status}`;
    if (told !== runs && newest !== undefined) {
      runs = told;
      const { id, mode, status, startedAt, finishedAt, error } = newest;
      tell("run", { run: id, mode, status, started_at: startedAt, finished_at: finishedAt, error });
    }
  };
  const loop = () => {
    timer = setTimeout(async () => {
      await look();
      timer = undefined;
      if (listeners.size > 0 && !stop.signal.aborted) loop();
    }, lookEvery);
    timer.unref();
  };
  return {
    tell,
    look,
    closed: stop.signal,
    listen(listener) {
      listeners.add(listener);
      if (timer === undefined) loop();
      return () => void listeners.delete(listener);
    },
    since(id) {
      const [from, number] = id.split("-");
      const after = Number(number);
      if (from !== boot || !(after <= last) || after < last - kept.length) return undefined;
      return kept.filter((event) => Number(event.id.split("-")[1]) > after);
    },
    hello: () => ({ id: `${boot}-${last}`, name: "hello", data: null }),
    attach({ events }) {
      const lookSoon = () => void (listeners.size > 0 && look());
      events.on("run", lookSoon);
      events.on("begun", lookSoon);
      events.on("notBegun", (error) => {
        tell("run", { run: null, status: "failed", error: error instanceof Error ? error.message : String(error) });
      });
      events.on("progress", (progress) => {
        const { stage, stream, records, total = null } = progress;
        const { secondsLeft } = pace.of(progress);
        const now = Date.now();
        if (listeners.size === 0 || now - progressAt < progressEvery) return;
        progressAt = now;
        if (running === undefined) lookSoon();
        const words = stage === "read" ? `Reading ${stream ?? "records"}` : "Mapping into rows";
        const seconds_left = secondsLeft === undefined ? null : Math.ceil(secondsLeft);
        tell("progress", { run: running ?? null, stage: words, done: records, total, seconds_left });
      });
    },
    close() {
      stop.abort();
      clearTimeout(timer);
      listeners.clear();
    },
  };
}
