import {
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from "node:http";
import type { Duplex } from "node:stream";
import { targetOf } from "./request-target.ts";

/** The connection of a request, for its handler. */
export interface Connection {
  incoming: IncomingMessage;
  outgoing: ServerResponse;
}

/** Answers a request; an app of Hono is one (`app.fetch`). */
export type Answerer = (request: Request, connection: Connection) => Response | Promise<Response>;

/** Callbacks for events that no handler sees. */
export interface Watch {
  /** Called with the status when a request was rejected before a handler saw it, or because a handler threw (500). */
  onRefused?(status: number): void;
  /** Called when a handler threw, or an answer could not be sent. */
  onError(error: unknown, request: string): void;
}

/** Milliseconds for which a client's input is still read after its answer: it may read the answer only then. */
const lingering = 500;

/**
 * Makes a Node server answer with `answerer`. Every input ends in an answer or in the end of its connection: malformed
 * requests are rejected here, and no error goes further than `watch`.
 */
export function answerRequests(server: Server, answerer: Answerer, watch: Watch): void {
  const current = new WeakMap<Duplex, ServerResponse>();
  const listener = requestListener(answerer, watch);
  server.on("request", (incoming, outgoing) => {
    current.set(incoming.socket, outgoing);
    listener(incoming, outgoing);
  });
  const refuse = (socket: Duplex, status: number, headers = "") => {
    const answering = current.get(socket);
    // In the middle of another answer this one would become a part of it.
    if (!socket.writable || (answering?.headersSent === true && !answering.writableEnded)) {
      socket.destroy();
      return;
    }
    watch.onRefused?.(status);
    socket.on("error", () => undefined);
    const body = JSON.stringify({ error: `${STATUS_CODES[status]}.` });
    socket.end(
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-type: application/json\r\n${headers}content-length: ${body.length}\r\n\r\n${body}`,
    );
    setTimeout(() => socket.destroy(), lingering).unref();
  };
  server.on("connect", (_incoming, socket) => refuse(socket, 405, "allow: GET, POST\r\n"));
  server.on("clientError", ({ code = "" }: NodeJS.ErrnoException, socket) => {
    if (code === "ECONNRESET" || code === "EPIPE") socket.destroy();
    else if (!socket.writableEnded) refuse(socket, statusOf[code] ?? 400);
  });
}

/** Returns a listener that answers the requests Node has parsed. */
export function requestListener(
  answerer: Answerer,
  watch: Watch,
): (incoming: IncomingMessage, outgoing: ServerResponse) => void {
  return (incoming, outgoing) => {
    // Without a listener, a connection that ends in the middle of a body would be an uncaught error.
    incoming.on("error", () => undefined);
    outgoing.on("error", () => undefined);
    answer(answerer, watch, { incoming, outgoing }).catch((error: unknown) => {
      watch.onError(error, nameOf(incoming));
      outgoing.destroy();
    });
  };
}

/** The codes of Node and its parser with another status than 400. */
const statusOf: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

async function answer(answerer: Answerer, watch: Watch, connection: Connection): Promise<void> {
  const { incoming, outgoing } = connection;
  const target = targetOf(incoming);
  if (typeof target !== "string") {
    watch.onRefused?.(target.status);
    const headers = { ...target.headers, connection: "close" };
    return send(Response.json({ error: target.error }, { status: target.status, headers }), connection);
  }
  let response: Response;
  try {
    response = await answerer(requestOf(incoming, target), connection);
  } catch (error) {
    watch.onRefused?.(500);
    watch.onError(error, nameOf(incoming));
    response = Response.json({ error: "The request could not be answered; the log says why." }, { status: 500 });
  }
  if (!outgoing.headersSent && !outgoing.destroyed) await send(response, connection);
}

function requestOf(incoming: IncomingMessage, target: string): Request {
  const { method = "GET" } = incoming;
  const headers = new Headers();
  for (let index = 0; index < incoming.rawHeaders.length; index += 2) {
    headers.append(incoming.rawHeaders[index]!, incoming.rawHeaders[index + 1]!);
  }
  const hasBody = method !== "GET" && method !== "HEAD";
  const init: RequestInit & { duplex?: "half" } = { method, headers };
  if (hasBody) Object.assign(init, { body: bodyOf(incoming), duplex: "half" });
  return new Request(`http://localhost${target}`, init);
}

/** Streams the body; none of it is read before the handler reads it. */
function bodyOf(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  let chunks: AsyncIterator<Uint8Array> | undefined;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        chunks ??= incoming.iterator({ destroyOnReturn: false });
        const { done, value } = await chunks.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await chunks?.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}

/** Sends an answer as it comes, with its length if it is complete immediately. */
async function send(response: Response, { incoming, outgoing }: Connection): Promise<void> {
  const headers: OutgoingHttpHeaders = Object.fromEntries(response.headers);
  const cookies = response.headers.getSetCookie();
  if (cookies.length > 0) headers["set-cookie"] = cookies;
  const reader = response.body?.getReader();
  outgoing.once("close", () => void reader?.cancel().catch(() => undefined));
  const first: Uint8Array[] = [];
  let next = reader?.read();
  while (next !== undefined) {
    const read = await Promise.race([next, new Promise<undefined>((resolve) => setImmediate(resolve, undefined))]);
    if (read === undefined) break;
    if (!read.done) first.push(read.value);
    next = read.done ? undefined : reader!.read();
  }
  const hasBody = response.status !== 204 && response.status !== 304 && incoming.method !== "HEAD";
  if (next === undefined && hasBody) headers["content-length"] ??= first.reduce((sum, { length }) => sum + length, 0);
  outgoing.writeHead(response.status, headers);
  for (const chunk of first) outgoing.write(chunk);
  while (next !== undefined) {
    const { done, value } = await next;
    if (outgoing.destroyed) return;
    if (!done && !outgoing.write(value)) await drained(outgoing);
    next = done ? undefined : reader!.read();
  }
  await rest(incoming);
  outgoing.end();
}

function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    outgoing.once("drain", resolve);
    outgoing.once("close", resolve);
  });
}

/** Reads the rest of a body for a moment: closing the connection earlier would lose the answer. */
async function rest(incoming: IncomingMessage): Promise<void> {
  if (incoming.complete || incoming.destroyed) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, lingering);
    incoming.once("end", () => end());
    incoming.once("close", () => end());
    incoming.resume();
    const end = () => {
      clearTimeout(timer);
      resolve();
    };
  });
}

function nameOf({ method, url = "" }: IncomingMessage): string {
  return `${method} ${url.split("?", 1)[0]!.slice(0, 200)}`;
}
