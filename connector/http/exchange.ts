import { isUtf8 } from "node:buffer";
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { promisify } from "node:util";
import { gunzip as gunzipWithCallback } from "node:zlib";
import axios, { type AxiosRequestConfig } from "axios";
import { isLoopback } from "../loopback.ts";

const gunzip = promisify(gunzipWithCallback);

/** Response headers by their lower-case name. */
export type Headers = Readonly<Record<string, string | undefined>>;

/** One HTTP request, ready to be sent. */
export interface HttpRequest {
  method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  url: string;
  headers: Readonly<Record<string, string>>;
  body?: string;
  /** Milliseconds without a byte after which it is given up. */
  silence: number;
  /** Bytes of an answer, unpacked, beyond which it is given up. */
  largestAnswer: number;
  signal: AbortSignal | undefined;
}

/** A complete HTTP answer, whatever its status. */
export interface HttpAnswer {
  status: number;
  headers: Headers;
  /** The body, unpacked, as the bytes that came: UTF-8. */
  bytes: Buffer;
  /** The same as text, made when it is first asked for. */
  readonly text: string;
}

/**
 * Why no complete answer came: `unreachable`, nothing was sent because there is no connection; `untrusted`, the server's
 * certificate is not valid; `too large`; `interrupted`, the connection broke, fell silent or the answer was cut short.
 */
export type TroubleKind = "unreachable" | "untrusted" | "too large" | "interrupted";

/** An exchange without an answer. It carries nothing of the request: an axios error holds the token. */
export class Trouble extends Error {
  readonly kind: TroubleKind;
  /** The name of the host is known to nobody, so that the address is what is wrong, and not the network. */
  readonly isUnknownHost: boolean;

  /** `message` goes on after the name of the request: "the connection was reset". */
  constructor(kind: TroubleKind, message: string, isUnknownHost = false) {
    super(message);
    this.kind = kind;
    this.isUnknownHost = isUnknownHost;
  }
}

const kept = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) };
// An idle connection may be closed by the server just as it is used again. A POST must not meet that: it could not be
// known whether it was carried out.
const fresh = { http: new HttpAgent(), https: new HttpsAgent() };

/**
 * Sends one request and reads the whole answer. Nothing is followed, retried or judged. Throws a Trouble when no
 * complete answer came, and the signal's reason when it was aborted.
 */
export async function exchange(request: HttpRequest): Promise<HttpAnswer> {
  const { method, url, headers, body, silence, largestAnswer, signal } = request;
  const agents = method === "POST" ? fresh : kept;
  const config: AxiosRequestConfig<string> = {
    method,
    url,
    headers: { ...headers, "accept-encoding": "gzip" },
    ...(body === undefined ? {} : { data: body, maxBodyLength: Number.POSITIVE_INFINITY }),
    // Raw bytes, unpacked at once: several times faster than axios' own decompression and parsing.
    responseType: "arraybuffer",
    decompress: false,
    maxRedirects: 0,
    maxContentLength: largestAnswer,
    // The time to the first byte of the answer, then between bytes.
    timeout: silence,
    transitional: { clarifyTimeoutError: true },
    validateStatus: () => true,
    httpAgent: agents.http,
    httpsAgent: agents.https,
    ...(signal === undefined ? {} : { signal }),
    ...(isLoopback(new URL(url).hostname) ? { proxy: false as const } : {}),
  };
  try {
    const response = await axios.request<Buffer>(config);
    const received = response.headers as Headers;
    const bytes = await unpack(response.data, received["content-encoding"], largestAnswer);
    if (!isUtf8(bytes)) throw new Trouble("interrupted", "its answer is not UTF-8 text");
    return new WholeAnswer(response.status, received, bytes);
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof Trouble ? error : troubleOf(error, new URL(url).host, silence);
  }
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

/** Node's and OpenSSL's codes when a connection could not be made at all. */
const unreachable: Readonly<Record<string, string>> = {
  ENOTFOUND: "there is no such host",
  EAI_AGAIN: "the name of the host could not be looked up",
  ECONNREFUSED: "the host refused the connection",
  EHOSTUNREACH: "the host cannot be reached",
  ENETUNREACH: "the network cannot be reached",
};

function troubleOf(error: unknown, host: string, silence: number): Trouble {
  const code = codeOf(error);
  const reason = unreachable[code];
  if (reason !== undefined) return new Trouble("unreachable", `${reason} (${host}, ${code})`, code === "ENOTFOUND");
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
