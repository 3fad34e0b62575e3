import { readFileSync } from "node:fs";
import type { OAuthCredentials } from "../config/config.ts";
import { Failure } from "../failure.ts";
import { isWebPage } from "../http/answer-text.ts";
import { exchange, type Headers, type HttpAnswer, type HttpRequest } from "../http/exchange.ts";
import { mayRetry } from "../http/may-retry.ts";
import { createRetries, type Patience, type Retries } from "../http/retries.ts";
import { Trouble } from "../http/trouble.ts";
import { isLoopback } from "../loopback.ts";
import type { Json, JsonObject } from "../mapping/value.ts";
import { packageRoot } from "../package-root.ts";
import { type Access, accessByCredentials, accessByToken } from "./access.ts";
import type { Budget } from "./budget.ts";
import type { CompanyUrl } from "./company-url.ts";
import { broken, serverError, tooFast } from "./given-up.ts";
import { waitAfter429 } from "./rate-limit.ts";
import { Refusal, type RequestName, refusalOf, unsuccessful, webPage } from "./refusal.ts";

/** A good answer of the API. */
export interface Answer {
  status: number;
  headers: Headers;
  /** The body as it came: a rejected record is kept as these characters. */
  text: string;
  /** The same as bytes, UTF-8. */
  bytes: Buffer;
  /** The same body parsed, an envelope `{success, data, additional_data}`. */
  body: JsonObject;
}

/** Query parameters; an undefined one is left out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** What a request costs by Pipedrive's price list (`x-token-cost` in the openapi files), and what may end it. */
export interface RequestOptions {
  tokens: number;
  signal?: AbortSignal | undefined;
  /**
   * Reads the body of a good answer without parsing all of it, as an envelope whose `data` is left empty. Undefined where it
   * cannot, also for what is no JSON: then the body is parsed.
   */
  readBody?: (bytes: Buffer) => JsonObject | undefined;
  /** Not tried again when it is not known whether it was carried out, as a POST never is; throws Unclear then. */
  once?: true;
}

/**
 * The Pipedrive API of one account. Every method waits for the budget, tries again what may pass (5xx, broken or cut
 * connections, burst limits), and throws a Failure that says what to do otherwise; the API token is in none of them.
 */
export interface Client {
  /** The account's sub-domain as company_url names it, or as `readAccount` learned it; null where neither says. */
  companyDomain: string | null;
  /** Reads `path` (`/api/v2/deals`, `/v1/notes`). */
  get(path: string, query: Query, options: RequestOptions): Promise<Answer>;
  /** Reads what may be absent: undefined for 404 and 410. */
  find(path: string, query: Query, options: RequestOptions): Promise<Answer | undefined>;
  /** Creates. Never tried again when it is not known whether it was carried out. */
  post(path: string, body: JsonObject, options: RequestOptions): Promise<Answer>;
  patch(path: string, body: JsonObject, options: RequestOptions): Promise<Answer>;
  put(path: string, body: JsonObject, options: RequestOptions): Promise<Answer>;
  delete(path: string, options: RequestOptions): Promise<Answer>;
}

/** What a client needs; everything from `userAgent` on has a default. */
export interface ClientOptions {
  companyUrl: CompanyUrl;
  /** Either this or `credentials`. */
  apiToken?: string;
  credentials?: OAuthCredentials;
  onTokenRotated?: (refreshToken: string) => void;
  /** Where access tokens are made; for tests. */
  tokenAddress?: string;
  budget: Budget;
  /** Told until when (milliseconds since 1970) a 429 holds all requests back. */
  onHeldBack?: (until: number) => void;
  /** Told of each retry, in one sentence. */
  log?: (message: string) => void;
  /** Ends every request and every wait. */
  signal?: AbortSignal;
  userAgent?: string;
  patience?: Partial<Patience>;
  /** Bytes of an answer beyond which it is given up. */
  largestAnswer?: number;
}

/** An answer with its envelope read, where it has one. */
interface ReadAnswer {
  answer: HttpAnswer;
  body: JsonObject | undefined;
}

/** A good answer whose text is made when it is asked for: most pages are read as bytes. */
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

/** Enough for a page of 500 notes of 100 KB, the most that one may have; what is parsed takes several times as much memory. */
const largestAnswer = 67_108_864;

/** Makes the client of one account. Nothing is sent yet. Throws a Failure of kind `usage` for a token that is none. */
export function createClient(options: ClientOptions): Client {
  const { companyUrl, budget, log = () => {} } = options;
  const access = accessOf(options);
  const standing = { accept: "application/json", "user-agent": options.userAgent ?? defaultUserAgent() };
  let firstContact = true;

  async function send(
    method: HttpRequest["method"],
    path: string,
    query: Query,
    body: JsonObject | undefined,
    { tokens, signal: own, once, readBody }: RequestOptions,
  ): Promise<Answer> {
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
      const outcome = await attempt(method, path, query, body, signal, retries, readBody);
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
    method: HttpRequest["method"],
    path: string,
    query: Query,
    body: JsonObject | undefined,
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
      // Without a signature nothing was sent, so that even a POST may be tried again.
      return error.kind === "interrupted" ? new Trouble("unreachable", error.message) : error;
    }
    try {
      const answer = await exchange({
        method,
        url: `${companyUrl.origin}${path}${queryText(query)}`,
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
    get: (path, query, request) => send("GET", path, query, undefined, request),
    async find(path, query, request) {
      try {
        return await send("GET", path, query, undefined, request);
      } catch (error) {
        if (error instanceof Refusal && (error.status === 404 || error.status === 410)) return undefined;
        throw error;
      }
    },
    post: (path, body, request) => send("POST", path, {}, body, request),
    patch: (path, body, request) => send("PATCH", path, {}, body, request),
    put: (path, body, request) => send("PUT", path, {}, body, request),
    delete: (path, request) => send("DELETE", path, {}, undefined, request),
  };
}

function accessOf({ companyUrl, apiToken, credentials, onTokenRotated, tokenAddress }: ClientOptions): Access {
  if (apiToken !== undefined) return accessByToken(apiToken);
  if (credentials !== undefined) {
    // An account on this machine makes its own tokens: the credentials of a trial must not go to Pipedrive.
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

/** The envelope of a good answer; undefined for any other status and for a web page. Throws a Trouble for cut JSON. */
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
