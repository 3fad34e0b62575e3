import { isUtf8 } from "node:buffer";
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { promisify } from "node:util";
import { gunzip as gunzipWithCallback } from "node:zlib";
import axios, { type AxiosRequestConfig } from "axios";
import { type HttpProxy, proxyFor, proxyTrouble } from "./proxy.ts";
import type { ProxyRefusal } from "./proxy-agent.ts";
import { Trouble } from "./trouble.ts";

const gunzip = promisify(gunzipWithCallback);

/** Response headers by their lower-case name. */
export type Headers = Readonly<Record<string, string | undefined>>;

/** One HTTP request, ready to be sent. */
export interface HttpRequest {
  method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  url: string;
  headers: Readonly<Record<string, string>>;
  body?: string;
  /** Milliseconds without a byte after which it is abandoned. */
  silence: number;
  /** Milliseconds after which it is abandoned even if bytes keep coming: a server may send one a second. */
  deadline: number;
  /** Bytes of an unpacked answer above which it is abandoned. */
  largestAnswer: number;
  signal: AbortSignal | undefined;
}

/** A complete HTTP answer, whatever its status. */
export interface HttpAnswer {
  status: number;
  headers: Headers;
  /** The body, unpacked, as received: UTF-8. */
  bytes: Buffer;
  /** The body as text, decoded on first access. */
  readonly text: string;
}

const kept = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) };
// The server may close an idle connection just as it is reused. A POST must not meet that: its outcome would be
// unknown.
const fresh = { http: new HttpAgent(), https: new HttpsAgent() };

/**
 * Sends one request and reads the whole answer, without redirects, retries or judgement. Throws a Trouble if no
 * complete answer came, and the signal's reason if it was aborted.
 */
export async function exchange(request: HttpRequest): Promise<HttpAnswer> {
  const { method, url, headers, body, silence, deadline, largestAnswer, signal } = request;
  const agents = method === "POST" ? fresh : kept;
  const proxy = await proxyFor(url);
  const ending = endingAfter(deadline, signal);
  const config: AxiosRequestConfig<string> = {
    method,
    url,
    headers: { ...headers, "accept-encoding": "gzip" },
    ...(body === undefined ? {} : { data: body, maxBodyLength: Number.POSITIVE_INFINITY }),
    // Raw bytes, unpacked in one step: several times faster than axios' own decompression and parsing.
    responseType: "arraybuffer",
    decompress: false,
    maxRedirects: 0,
    maxContentLength: largestAnswer,
    // The time to the first byte of the answer, then between bytes.
    timeout: silence,
    transitional: { clarifyTimeoutError: true },
    validateStatus: () => true,
    httpAgent: agents.http,
    httpsAgent: proxy?.agent ?? agents.https,
    proxy: false,
    signal: ending.signal,
  };
  try {
    const response = await axios.request<Buffer>(config);
    const received = response.headers as Headers;
    const bytes = await unpack(response.data, received["content-encoding"], largestAnswer);
    if (!isUtf8(bytes)) throw new Trouble("interrupted", "its answer is not UTF-8 text");
    return new WholeAnswer(response.status, received, bytes);
  } catch (error) {
    signal?.throwIfAborted();
    if (ending.isTooSlow()) {
      throw new Trouble("interrupted", `its answer was not complete after ${Math.round(deadline / 1000)} s`);
    }
    throw error instanceof Trouble ? error : troubleOf(error, new URL(url).host, silence, proxy);
  } finally {
    ending.stop();
  }
}

/** Returns a new signal for one request: one from AbortSignal.any would stay with a service's signal for ever. */
function endingAfter(deadline: number, signal: AbortSignal | undefined) {
  const controller = new AbortController();
  let tooSlow = false;
  const timer = setTimeout(() => {
    tooSlow = true;
    controller.abort();
  }, deadline);
  const abort = () => controller.abort(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  if (signal?.aborted) abort();
  return {
    signal: controller.signal,
    isTooSlow: () => tooSlow,
    stop() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    },
  };
}

async function unpack(bytes: Buffer, encoding: string | undefined, largestAnswer: number): Promise<Buffer> {
  if (encoding === undefined || encoding === "identity" || bytes.length === 0) return bytes;
  if (encoding !== "gzip" && encoding !== "x-gzip")
    throw new Trouble("interrupted", `its answer is packed as ${encoding}`);
  try {
    return await gunzip(bytes, { maxOutputLength: largestAnswer });
  } catch (error) {
    if (codeOf(error) === "ERR_BUFFER_TOO_LARGE") throw tooLarge();
    throw new Trouble("interrupted", "its answer was cut short");
  }
}

const utf8 = new TextDecoder();

class WholeAnswer implements HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
  #text: string | undefined;

  constructor(status: number, headers: Headers, bytes: Buffer) {
    this.status = status;
    this.headers = headers;
    this.bytes = bytes;
  }

  get text(): string {
    this.#text ??= utf8.decode(this.bytes);
    return this.#text;
  }
}

function tooLarge(): Trouble {
  return new Trouble("too large", "its answer is larger than this program takes");
}

/** Node's and OpenSSL's codes for a connection that could not be made. */
const unreachable: Readonly<Record<string, string>> = {
  ENOTFOUND: "there is no such host",
  EAI_AGAIN: "the name of the host could not be looked up",
  ECONNREFUSED: "the host refused the connection",
  EHOSTUNREACH: "the host cannot be reached",
  ENETUNREACH: "the network cannot be reached",
};

function troubleOf(error: unknown, host: string, silence: number, proxy: HttpProxy | undefined): Trouble {
  const refusal = proxy === undefined ? undefined : refusalIn(error);
  if (refusal !== undefined) return proxyTrouble(proxy!, host, refusal);
  const code = codeOf(error);
  const reason = unreachable[code];
  if (reason !== undefined)
    return new Trouble("unreachable", `${reason} (${host}, ${code})`, { isForGood: code === "ENOTFOUND" });
  if (/CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL|^EPROTO$/.test(code)) {
    return new Trouble("untrusted", `the certificate of ${host} was not accepted (${code})`);
  }
  if (code === "ETIMEDOUT") return new Trouble("interrupted", `nothing came for ${silence / 1000} s`);
  if (error instanceof Error && error.message.startsWith("maxContentLength")) return tooLarge();
  return new Trouble("interrupted", `the connection broke (${code === "" ? "cut short" : code})`);
}

function codeOf(error: unknown): string {
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  // With both address families refused, Node gives an AggregateError whose code is that of its parts.
  if (typeof code === "string" && code !== "ERR_NETWORK") return code;
  return cause === undefined ? "" : codeOf(cause);
}

/**
 * Returns the proxy's refusal that an error wraps. It is found by name: its file is loaded only if there is a proxy.
 */
function refusalIn(error: unknown): ProxyRefusal | undefined {
  if (!(error instanceof Error)) return undefined;
  return error.name === "ProxyRefusal" ? (error as ProxyRefusal) : refusalIn(error.cause);
}
