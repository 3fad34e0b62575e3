import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Possible faults of an API's answer. */
export const misdeeds = [
  "429",
  "500",
  "503 web page",
  "200 web page",
  "403 web page",
  "reset",
  "reset in the body",
  "truncated JSON",
  "silence",
  "silence in the body",
  "a byte at a time",
  "expired cursor",
  "the last page's records again",
] as const;

export type Misdeed = (typeof misdeeds)[number];

/** Returns the fault of a request; undefined for none. */
export type Misbehaviour = (request: URL, ordinal: number) => Misdeed | undefined;

/** A proxy before another server that passes its answers on in small pages, with the requested faults. */
export interface MisbehavingApi {
  url: string;
  /** The number of times each fault occurred. */
  done: Map<Misdeed, number>;
  misbehave(how: Misbehaviour): void;
  behave(): void;
  close(): Promise<void>;
}

const webPage = "<!DOCTYPE html><html><head><title>Sorry</title></head><body>We will be back soon</body></html>";

interface Page {
  data: unknown;
}

/**
 * Starts the proxy before the API at `origin`. Every list comes in pages of `pageSize`; `dateSkew` (ms) falsifies its
 * Date.
 */
export async function misbehavingApi(
  origin: string,
  { pageSize, dateSkew = 0 }: { pageSize: number; dateSkew?: number },
): Promise<MisbehavingApi> {
  const done = new Map<Misdeed, number>();
  const lastPages = new Map<string, unknown[]>();
  let ordinal = 0;
  let how: Misbehaviour = () => undefined;

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const request = new URL(incoming.url ?? "/", origin);
    if (request.searchParams.has("limit")) request.searchParams.set("limit", String(pageSize));
    const misdeed = how(request, ++ordinal);
    if (misdeed !== undefined) done.set(misdeed, (done.get(misdeed) ?? 0) + 1);
    const send = (status: number, body: string, headers: Record<string, string>) =>
      outgoing.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) }).end(body);
    const json = { "content-type": "application/json" };
    const html = { "content-type": "text/html" };
    const break_ = () => incoming.socket.resetAndDestroy();
    switch (misdeed) {
      case "429":
        return void send(429, '{"success":false,"error":"request over limit"}', { ...json, "x-ratelimit-reset": "2" });
      case "500":
        return void send(500, '{"success":false,"error":"Internal"}', json);
      case "503 web page":
        return void send(503, webPage, html);
      case "200 web page":
        return void send(200, webPage, html);
      case "403 web page":
        return void send(403, webPage, html);
      case "expired cursor":
        return void send(400, '{"success":false,"error":"cursor is not valid for this request"}', json);
      case "reset":
        return void break_();
      case "silence":
        return;
    }
    const headers = { "x-api-token": String(incoming.headers["x-api-token"] ?? "") };
    const upstream = await fetch(request, { headers });
    let body = await upstream.text();
    const passed: Record<string, string> = { ...json };
    for (const [name, value] of upstream.headers) if (name.startsWith("x-")) passed[name] = value;
    passed["date"] = new Date(Date.now() + dateSkew).toUTCString();
    const lastPage = lastPages.get(request.pathname) ?? [];
    remember(lastPages, request.pathname, body);
    if (misdeed === "the last page's records again") body = withRecords(body, lastPage);
    const half = body.slice(0, body.length >>> 1);
    if (misdeed === "truncated JSON") return void send(upstream.status, half, passed);
    if (misdeed === "a byte at a time") return void drip(outgoing, body);
    if (misdeed !== "reset in the body" && misdeed !== "silence in the body")
      return void send(upstream.status, body, passed);
    outgoing.writeHead(upstream.status, { ...passed, "content-length": Buffer.byteLength(body) });
    outgoing.write(half, () => misdeed === "reset in the body" && break_());
  }

  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing).catch(() => incoming.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    done,
    misbehave(misbehaviour) {
      ordinal = 0;
      how = misbehaviour;
    },
    behave() {
      how = () => undefined;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Answers so slowly that it is never silent for long, and never ends. */
function drip(outgoing: ServerResponse, body: string): void {
  // Who asked may have gone while the answer was fetched; then "close" has been told already, and a timer would stay.
  if (outgoing.destroyed) return;
  outgoing.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
  let sent = 0;
  const timer = setInterval(() => outgoing.write(body.charAt(sent++ % body.length)), 20);
  outgoing.on("close", () => clearInterval(timer));
}

function remember(pages: Map<string, unknown[]>, path: string, body: string): void {
  const { data } = JSON.parse(body) as Page;
  if (Array.isArray(data)) pages.set(path, data);
}

function withRecords(body: string, records: readonly unknown[]): string {
  const page = JSON.parse(body) as Page;
  return Array.isArray(page.data) ? JSON.stringify({ ...page, data: [...records, ...page.data] }) : body;
}
