import { readFileSync } from "node:fs";
import type { OAuthCredentials } from "../../config/config.ts";
import { Failure } from "../../failure.ts";
import { isWebPage } from "../../http/answer-text.ts";
import { exchange, type Headers, type HttpAnswer, type HttpRequest } from "../../http/exchange.ts";
import { mayRetry } from "../../http/may-retry.ts";
import { createRetries, type Patience, type Retries } from "../../http/retries.ts";
import { Trouble } from "../../http/trouble.ts";
import { isLoopback } from "../../loopback.ts";
import type { Json, JsonObject } from "../../mapping/value.ts";
import { packageRoot } from "../../package-root.ts";
import { type Access, accessByCredentials, accessByToken } from "./access.ts";
import type { Budget } from "./budget.ts";
import type { CompanyUrl } from "./company-url.ts";
import { broken, serverError, tooFast } from "./given-up.ts";
import { waitAfter429 } from "./rate-limit.ts";
import { Refusal, type RequestName, refusalOf, unsuccessful, webPage } from "./refusal.ts";

/** A successful answer of the API. */
export interface Answer {
  status: number;
  headers: Headers;
  /** The body as received: a rejected record is saved as these characters. */
  text: string;
  /** The body as received, in UTF-8. */
  bytes: Buffer;
  /** The parsed body, an envelope `{success, data, additional_data}`. */
  body: JsonObject;
}

/** Query parameters; an undefined one is left out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** The cost of a request by Pipedrive's price list (`x-token-cost` in the openapi files), and the ways to end it. */
export interface RequestOptions {
  tokens: number;
  signal?: AbortSignal | undefined;
  /**
   * Reads the body of a successful answer without parsing all of it, as an envelope with an empty `data`. Returns
   * undefined if it cannot, or if the body is not JSON; then the body is parsed.
   */
  readBody?: (bytes: Buffer) => JsonObject | undefined;
  /** Never retried if the outcome is unknown, like a POST; throws Unclear in that case. */
  once?: true;
}

/**
 * The Pipedrive API of one account. Every method waits for the budget and retries transient failures (5xx, broken or
 * cut connections, burst limits). For any other it throws a Failure with a hint. No Failure holds the API token.
 */
export interface Client {
  /** The account's sub-domain from company_url, or as `readAccount` learned it; null if neither gives it. */
  companyDomain: string | null;
  /** Reads `path` (`/api/v2/deals`, `/v1/notes`). */
  get(path: string, query: Query, options: RequestOptions): Promise<Answer>;
  /** Reads a resource that may be absent: undefined for 404 and 410. */
  find(path: string, query: Query, options: RequestOptions): Promise<Answer | undefined>;
  /** Creates a resource. Never retried if the outcome is unknown. */
  post(path: string, body: JsonObject, options: RequestOptions): Promise<Answer>;
  patch(path: string, body: JsonObject, options: RequestOptions): Promise<Answer>;
  put(path: string, body: JsonObject, options: RequestOptions): Promise<Answer>;
  delete(path: string, options: RequestOptions): Promise<Answer>;
}

/** The options of a client; everything from `userAgent` on has a default. */
export interface ClientOptions {
  companyUrl: CompanyUrl;
  /** Either this or `credentials`. */
  apiToken?: string;
  credentials?: OAuthCredentials;
  onTokenRotated?: (refreshToken: string) => void;
  /** The address that issues access tokens; for tests. */
  tokenAddress?: string;
  budget: Budget;
  /** Called on a 429 with the time (epoch ms) until which all requests wait. */
  onHeldBack?: (until: number) => void;
  /** Called with one sentence on each retry. */
  log?: (message: string) => void;
  /** Aborts every request and every wait. */
  signal?: AbortSignal;
  userAgent?: string;
  patience?: Partial<Patience>;
  /** Bytes of an answer above which it is abandoned. */
  largestAnswer?: number;
}

/** A request as it is sent, again and again if need be. */
interface SentRequest {
  method: HttpRequest["method"];
  path: string;
  query?: Query;
  body?: JsonObject;
}

/** An answer and its parsed envelope, if it has one. */
interface ReadAnswer {
  answer: HttpAnswer;
  body: JsonObject | undefined;
}

/** A successful answer whose text is decoded on first access: most pages are read as bytes. */
class ReadableAnswer implements Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
  readonly body: JsonObject;
  readonly #answer: HttpAnswer;

  constructor(answer: HttpAnswer, body: JsonObject) {
    this.status = answer.status;
    this.headers = answer.headers;
    this.bytes = answer.bytes;
    this.body = body;
    this.#answer = answer;
  }

  get text(): string {
    return this.#answer.text;
  }
}

/** Bytes: a page of 500 notes at their limit of 100 KB. Parsed, it takes several times as much memory. */
const largestAnswer = 67_108_864;

/** Creates the client of one account and sends nothing. Throws a Failure of kind `usage` for a malformed token. */
export function createClient(options: ClientOptions): Client {
  const { companyUrl, budget, log = () => {} } = options;
  const access = accessOf(options);
  const standing = { accept: "application/json", "user-agent": options.userAgent ?? defaultUserAgent() };
  let firstContact = true;

  async function send(sent: SentRequest, { tokens, signal: own, once, readBody }: RequestOptions): Promise<Answer> {
    const { method, path } = sent;
    const signal = eitherSignal(options.signal, own);
    const retries = createRetries(options.patience);
    const name: RequestName = {
      text: `${method} ${path}`,
      path,
      origin: companyUrl.origin,
      signedBy: access.signedBy,
      firstContact,
    };
    const again = async (problem: string) => {
      await retries.wait(signal);
      log(`${name.text}: ${problem}; try ${retries.tries + 1} of ${retries.patience.tries}.`);
    };
    let renewed = false;
    for (;;) {
      name.firstContact = firstContact;
      await budget.acquire(tokens, { signal, retry: retries.tries > 0 });
      const outcome = await attempt(sent, signal, retries, readBody);
      if (outcome instanceof Trouble) {
        if (!mayRetry(once ? "POST" : method, outcome, firstContact) || !retries.allowed())
          throw broken(name, outcome, retries, method);
        await again(outcome.message);
        continue;
      }
      const { answer } = outcome;
      const { status } = answer;
      budget.observe(answer.headers);
      if (status === 429) {
        const wait = waitAfter429(answer, Date.now());
        if (retries.tries >= retries.patience.tries) throw tooFast(name, retries);
        budget.pause(wait);
        retries.extend(wait);
        options.onHeldBack?.(Date.now() + wait);
        log(`${name.text}: answered 429; all requests wait ${wait / 1000} s.`);
      } else if (status >= 500) {
        if (method === "POST" || once || !retries.allowed()) throw serverError(name, answer, retries, method);
        await again(`answered ${status}`);
      } else if (status === 401 && !renewed && access.renew()) {
        renewed = true;
      } else if (status < 200 || status >= 300) {
        throw refusalOf(name, answer);
      } else if (outcome.body === undefined) {
        throw webPage(name, status);
      } else if (outcome.body["success"] === false) {
        throw unsuccessful(name, answer);
      } else {
        firstContact = false;
        return new ReadableAnswer(answer, outcome.body);
      }
    }
  }

  async function attempt(
    { method, path, query, body }: SentRequest,
    signal: AbortSignal | undefined,
    retries: Retries,
    own: RequestOptions["readBody"],
  ): Promise<ReadAnswer | Trouble> {
    retries.begin();
    let signing: Record<string, string>;
    try {
      signing = await access.headers(signal);
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
      // Nothing was sent without a signature, so that even a POST may be retried.
      return error.kind === "interrupted" ? new Trouble("unreachable", error.message) : error;
    }
    try {
      const answer = await exchange({
        method,
        url: `${companyUrl.origin}${path}${query === undefined ? "" : queryText(query)}`,
        headers: { ...standing, ...signing, ...(body === undefined ? {} : { "content-type": "application/json" }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        silence: retries.silence(),
        deadline: retries.left(),
        largestAnswer: options.largestAnswer ?? largestAnswer,
        signal,
      });
      return { answer, body: readBody(answer, own) };
    } catch (error) {
      if (error instanceof Trouble) return error;
      throw error;
    }
  }

  return {
    companyDomain: companyUrl.companyDomain,
    get: (path, query, request) => send({ method: "GET", path, query }, request),
    async find(path, query, request) {
      try {
        return await send({ method: "GET", path, query }, request);
      } catch (error) {
        if (error instanceof Refusal && (error.status === 404 || error.status === 410)) return undefined;
        throw error;
      }
    },
    post: (path, body, request) => send({ method: "POST", path, body }, request),
    patch: (path, body, request) => send({ method: "PATCH", path, body }, request),
    put: (path, body, request) => send({ method: "PUT", path, body }, request),
    delete: (path, request) => send({ method: "DELETE", path }, request),
  };
}

function accessOf({ companyUrl, apiToken, credentials, onTokenRotated, tokenAddress }: ClientOptions): Access {
  if (apiToken !== undefined) return accessByToken(apiToken);
  if (credentials !== undefined) {
    // An account on this machine issues its own tokens: the credentials of a trial must not go to Pipedrive.
    const { origin } = companyUrl;
    const ownAddress = isLoopback(new URL(origin).hostname) ? `${origin}/oauth/token` : undefined;
    return accessByCredentials(credentials, { onTokenRotated, tokenAddress: tokenAddress ?? ownAddress });
  }
  throw new Failure("usage", "The config has neither api_token nor credentials.", {
    hint: "Copy the token from Pipedrive (Personal preferences > API) into api_token.",
  });
}

function defaultUserAgent(): string {
  const { name, version } = JSON.parse(readFileSync(`${packageRoot}package.json`, "utf8")) as Record<string, string>;
  return `${name}/${version}`;
}

function eitherSignal(one: AbortSignal | undefined, other: AbortSignal | undefined): AbortSignal | undefined {
  return one !== undefined && other !== undefined ? AbortSignal.any([one, other]) : (one ?? other);
}

function queryText(query: Query): string {
  const sent = Object.entries(query).filter(([, value]) => value !== undefined);
  return sent.length === 0
    ? ""
    : `?${new URLSearchParams(sent.map(([name, value]): [string, string] => [name, String(value)]))}`;
}

/**
 * Returns the envelope of a successful answer; undefined for any other status and for a web page. Throws a Trouble for
 * truncated JSON.
 */
function readBody(answer: HttpAnswer, own: RequestOptions["readBody"]): JsonObject | undefined {
  if (answer.status < 200 || answer.status >= 300) return undefined;
  if (answer.status === 204) return {};
  const read = own?.(answer.bytes);
  if (read !== undefined) return read;
  let json: Json = null;
  try {
    json = JSON.parse(answer.text) as Json;
  } catch {
    if (isWebPage(answer)) return undefined;
  }
  if (json !== null && typeof json === "object" && !Array.isArray(json)) return json;
  throw new Trouble("interrupted", "its answer is not complete JSON");
}
