import { createHash } from "node:crypto";
import type { Failure } from "../failure.ts";
import { exchange, type HttpAnswer, type HttpRequest } from "../http/exchange.ts";
import { mayRetry } from "../http/may-retry.ts";
import { pause } from "../http/pause.ts";
import { RequestWindow } from "../http/request-window.ts";
import { createRetries, type Patience, type Retries } from "../http/retries.ts";
import { Trouble } from "../http/trouble.ts";
import type { Json, JsonObject } from "../mapping/value.ts";
import { isObject } from "../mapping/value.ts";
import type { PropertyNames } from "../property-names.ts";
import {
  noSuchToken,
  type PlanhatRequestName,
  planhatRefusalOf,
  planhatTooFast,
  troubleFailure,
  unavailable,
} from "./refusal.ts";

/** The address and token of Planhat's API, from the config. */
export interface PlanhatAccess {
  api_token: string;
  api_url: string;
  /** The tenant's own spellings of properties. */
  names?: PropertyNames;
}

/** Query parameters. */
export type PlanhatQuery = Readonly<Record<string, string | number>>;

/** The answer to a bulk upsert: 200 and 206, or 400 with Planhat's list of errors. */
export interface UpsertAnswer {
  status: number;
  body: JsonObject;
}

/**
 * The Planhat API of one tenant. It sends one request at a time, within Planhat's quota, and retries transient failures
 * (429, 5xx, broken connections). For any other, every method throws a Failure with a hint. No Failure holds the token.
 */
export interface PlanhatClient {
  /** Host and port, as messages show them. */
  readonly host: string;
  /** A hash of the API's address and the token: equal marks mean the same tenant. */
  readonly mark: string;
  /** The tenant's own spellings of properties, as the config gives them. */
  readonly names: PropertyNames;
  /** Reads JSON. `things` names it in messages: "custom fields". */
  get(path: string, query: PlanhatQuery, things: string): Promise<Json>;
  /** Reads one object, by `_id` or `srcid-…`; undefined if it does not exist. `things` names its kind. */
  find(path: string, id: string, things: string): Promise<JsonObject | undefined>;
  /** Returns whether the token may read a path's list, or "absent" if the tenant has no such list. */
  probe(path: string, things: string): Promise<"readable" | "forbidden" | "absent">;
  /**
   * Returns whether the token may write to a path, by an upsert of nothing, which changes nothing. Planhat's answer to
   * an empty upsert is not documented; only 403 counts as a no.
   */
  mayWrite(path: string, things: string): Promise<boolean>;
  /**
   * Sends a bulk upsert, the items as one JSON array. If `repeatable` is false (it creates objects without a key of
   * their own), a request of unknown outcome is not sent again: an UnclearOutcome is thrown.
   */
  upsert(path: string, items: string, things: string, options: { repeatable: boolean }): Promise<UpsertAnswer>;
  /** Deletes an object. Returns whether it existed. */
  delete(path: string, id: string, things: string): Promise<boolean>;
  /** Returns the requests sent so far, and how many of them were retries. */
  usage(): { count: number; retried: number };
}

/** The failure of a bulk upsert of unknown outcome. */
export class UnclearOutcome extends Error {
  /** The failure to report if the outcome stays unknown. */
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** The options of a client; everything has a default. */
export interface PlanhatClientOptions {
  /** Aborts every request and every wait. */
  signal?: AbortSignal | undefined;
  /** Called with one sentence on each retry. */
  log?: (message: string) => void;
  patience?: Partial<Patience>;
  /** Milliseconds since a fixed but unknown moment. */
  clock?: () => number;
}

/**
 * Milliseconds and requests: Planhat's quota is 200 calls a minute (docs.planhat.com); a tenth is left to other
 * programs.
 */
const window = { length: 60_000, capacity: 180 };
/** Milliseconds: a bulk upsert of 5,000 objects takes long. */
const patience = { total: 180_000, silence: 120_000 };
/**
 * Bytes of an answer: a page of 2,000 conversations with texts of 60 KB. As text and parsed, it is in memory three
 * times.
 */
const largestAnswer = 134_217_728;
/** Milliseconds of the first wait after a 429 without a Retry-After, which is not documented. */
const firstRest = 5_000;
const longestRest = 60_000;

/** Creates the client of one tenant and sends nothing. Throws a Failure (surroundings) for a malformed token. */
export function createPlanhatClient(access: PlanhatAccess, options: PlanhatClientOptions = {}): PlanhatClient {
  const { signal, log = () => {}, clock = () => performance.now() } = options;
  const { origin, pathname, host } = new URL(access.api_url);
  if (!/^[\x21-\x7e]+$/.test(access.api_token)) throw noSuchToken();
  const base = `${origin}${pathname.replace(/\/+$/, "")}`;
  const requests = new RequestWindow(window.length, window.capacity);
  const used = { count: 0, retried: 0 };
  let answeredBefore = false;

  async function turn(isRetry: boolean): Promise<void> {
    for (let delay = requests.delay(clock()); delay > 0; delay = requests.delay(clock())) await pause(delay, signal);
    signal?.throwIfAborted();
    requests.send(clock());
    used.count++;
    if (isRetry) used.retried++;
  }

  function attempt(method: HttpRequest["method"], url: string, body: string | undefined, retries: Retries) {
    retries.begin();
    return exchange({
      method,
      url,
      headers: {
        accept: "application/json",
        authorization: `Bearer ${access.api_token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body }),
      silence: retries.silence(),
      deadline: retries.left(),
      largestAnswer,
      signal,
    }).catch((error: unknown) => {
      if (error instanceof Trouble) return error;
      throw error;
    });
  }

  /** Sends a request until it gets an answer other than 429 and 5xx. */
  async function send(
    request: PlanhatRequestName,
    query: PlanhatQuery,
    body?: string,
    repeatable = true,
  ): Promise<HttpAnswer> {
    const { method, path } = request;
    const retries = createRetries({ ...patience, ...options.patience });
    const text = new URLSearchParams(
      Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
    ).toString();
    const url = `${base}${path}${text === "" ? "" : `?${text}`}`;
    const again = async (problem: string) => {
      await retries.wait(signal);
      log(`Planhat, ${method} ${path}: ${problem}; try ${retries.tries + 1} of ${retries.patience.tries}.`);
    };
    for (let rest = firstRest; ; ) {
      await turn(retries.tries > 0);
      const answer = await attempt(method, url, body, retries);
      if (answer instanceof Trouble) {
        const failure = () => troubleFailure(request, answer, retries);
        if (!repeatable && answer.kind === "interrupted") throw new UnclearOutcome(failure());
        if (!mayRetry(method, answer, !answeredBefore) || !retries.allowed()) throw failure();
        await again(answer.message);
        continue;
      }
      if (answer.status === 429) {
        const wait = secondsOf(answer.headers["retry-after"]) ?? rest;
        if (wait > longestRest || retries.tries >= retries.patience.tries) throw planhatTooFast(request, wait, retries);
        requests.pauseUntil(clock() + wait);
        retries.extend(wait);
        log(`Planhat, ${method} ${path}: answered 429; all requests wait ${wait / 1000} s.`);
        rest = Math.min(rest * 2, longestRest / 2);
      } else if (answer.status >= 500) {
        if (!repeatable) throw new UnclearOutcome(unavailable(request, answer, retries));
        if (!retries.allowed()) throw unavailable(request, answer, retries);
        await again(`answered ${answer.status}`);
      } else {
        answeredBefore = true;
        return answer;
      }
    }
  }

  const name = (method: PlanhatRequestName["method"], path: string, things: string): PlanhatRequestName => ({
    method,
    path,
    things,
    host,
  });

  return {
    host,
    mark: markOf(base, access.api_token),
    names: access.names ?? {},
    usage: () => ({ ...used }),
    async get(path, query, things) {
      const request = name("GET", path, things);
      const answer = await send(request, query);
      const body = answer.status >= 200 && answer.status < 300 ? parsed(answer.text) : undefined;
      if (body === undefined) throw planhatRefusalOf(request, answer);
      return body;
    },
    async find(path, id, things) {
      const request = name("GET", `${path}/${encodeURIComponent(id)}`, things);
      const answer = await send(request, {});
      const body = parsed(answer.text);
      // Planhat's answer for an id that is malformed or no longer exists is not documented.
      if ([400, 404, 410].includes(answer.status) && body !== undefined) return undefined;
      if (answer.status >= 200 && answer.status < 300 && body === null) return undefined;
      if (answer.status >= 200 && answer.status < 300 && isObject(body)) return body;
      throw planhatRefusalOf(request, answer);
    },
    async probe(path, things) {
      const request = name("GET", path, things);
      const answer = await send(request, { limit: 1 });
      if (answer.status >= 200 && answer.status < 300 && Array.isArray(parsed(answer.text))) return "readable";
      if (answer.status === 404 && parsed(answer.text) !== undefined) return "absent";
      if (answer.status === 403 && parsed(answer.text) !== undefined) return "forbidden";
      throw planhatRefusalOf(request, answer);
    },
    async mayWrite(path, things) {
      const answer = await send(name("PUT", path, things), {}, "[]");
      return answer.status !== 403;
    },
    async upsert(path, items, things, { repeatable }) {
      const request = name("PUT", path, things);
      const answer = await send(request, {}, items, repeatable);
      const body = parsed(answer.text);
      const listed = isObject(body) ? body : undefined;
      const hasErrors = listed !== undefined && Object.keys(listed).some((key) => key.endsWith("Errors"));
      if (listed !== undefined && (answer.status === 200 || answer.status === 206)) return { ...answer, body: listed };
      if (answer.status === 400 && hasErrors) return { ...answer, body: listed };
      throw planhatRefusalOf(request, answer);
    },
    async delete(path, id, things) {
      const request = name("DELETE", `${path}/${encodeURIComponent(id)}`, things);
      const answer = await send(request, {});
      if (answer.status >= 200 && answer.status < 300) return true;
      if (answer.status === 404 && parsed(answer.text) !== undefined) return false;
      throw planhatRefusalOf(request, answer);
    },
  };
}

/** Returns the mark of a tenant. Planhat's tokens are long and random, so that half of a hash does not reveal one. */
function markOf(base: string, token: string): string {
  return createHash("sha256").update(`${base}\n${token}`).digest("hex").slice(0, 32);
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function secondsOf(header: string | undefined): number | undefined {
  const seconds = header === undefined || header.trim() === "" ? Number.NaN : Number(header);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.ceil(seconds * 1000) : undefined;
}
