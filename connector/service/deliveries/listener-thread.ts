import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { parentPort, workerData } from "node:worker_threads";
import { type Context, Hono } from "hono";
import { Failure } from "../../failure.ts";
import { answerRequests } from "../../http/answer-requests.ts";
import type { EventJob } from "../jobs/jobs.ts";
import type { Credentials } from "../service.ts";
import { ConsoleRequests } from "./console-requests.ts";
import { deliveryRoutes } from "./delivery-routes.ts";
import { openEventStore } from "./event-store.ts";
import type { ForwardedAnswer, FromListener, ListenerOptions, ToListener } from "./listener-messages.ts";
import { groupCommit } from "./spool.ts";

/** Silence (ms) of the main thread after which it counts as hanging; a large mapping may keep it busy for seconds. */
const longestSilence = 120_000;
/** Time (ms) that a request waits for the main thread. */
const longestAnswer = 8_000;
/** The maximum number of requests that wait for the main thread, and of bytes in a body, which is never read. */
const mostAsked = 200;
const mostBytes = 10_000;
/** Time (ms) for open requests when the service stops. */
const longestClose = 5_000;

const options = workerData as ListenerOptions;
const port = parentPort!;
const tell = (message: FromListener) => port.postMessage(message);

let credentials: readonly Credentials[] = [];
let waiting = 0;
let lastSign = Date.now();
let lastId = 0;
const asked = new Map<number, (answer: ForwardedAnswer) => void>();

const store = await openEventStore(options.place).catch((error: unknown) => {
  if (!(error instanceof Failure)) throw error;
  const { kind, message, hint, remedy } = error;
  tell({ kind: "no store", failure: { kind, message, hint, remedy } });
  process.exit();
});
const commits = groupCommit<EventJob>(async (events) => {
  try {
    const file = await store.store(events);
    tell({ kind: "stored", file });
  } catch (error) {
    tell({ kind: "not stored", message: error instanceof Error ? error.message : String(error) });
    throw error;
  }
});

const app = new Hono();
// Errors are logged and answered below, like any other fault of a request.
app.onError((error) => {
  throw error;
});
app.get("/health/live", (context) => {
  const live = Date.now() - lastSign < longestSilence;
  return context.json({ status: live ? "live" : "hangs" }, live ? 200 : 503);
});
app.route(
  "/",
  deliveryRoutes({
    webhooks: options.webhooks,
    followChanges: options.followChanges,
    credentials: () => credentials,
    waiting: () => waiting,
    store: (events) => commits.add(events),
    onReceived: (stored) => tell({ kind: "received", received: 1, stored }),
    onRefused: (status) => tell({ kind: "refused", status }),
    onProblem: (message) => tell({ kind: "problem", message }),
  }),
);
const consoleRequests = new ConsoleRequests(tell);
if (options.consolePath !== undefined) {
  const forward = (context: Context) => consoleRequests.forward(context);
  // A path with a star holds the one without it too.
  app.all(`${options.consolePath}/*`, forward);
}
app.all("*", async (context) => {
  if (Number(context.req.header("content-length") ?? 0) > mostBytes) {
    return context.json({ error: `A body may have ${mostBytes} bytes here.` }, 413, { connection: "close" });
  }
  if (asked.size >= mostAsked) return context.json({ error: "The service is busy." }, 503, { "retry-after": "5" });
  const id = ++lastId;
  const answered = new Promise<ForwardedAnswer | undefined>((resolve) => {
    asked.set(id, resolve);
    setTimeout(() => resolve(undefined), longestAnswer).unref();
  });
  const { method, url } = context.req;
  tell({ kind: "request", request: { id, method, url, authorization: context.req.header("authorization") } });
  const answer = await answered;
  asked.delete(id);
  if (answer === undefined) return context.json({ error: "The service is busy." }, 503, { "retry-after": "5" });
  const body = answer.body === "" ? null : answer.body;
  return new Response(body, { status: answer.status, headers: answer.headers });
});

// Times in milliseconds. Node enforces them, and answers 408.
const timeouts = { headersTimeout: 5_000, requestTimeout: 10_000, connectionsCheckingInterval: 1_000 };
const server = createServer(timeouts);
answerRequests(server, app.fetch, {
  onRefused: (status) => tell({ kind: "turned away", status }),
  onError: (error, request) => tell({ kind: "error", request, message: messageOf(error) }),
});
server.maxConnections = 5_000;

port.on("message", (message: ToListener) => {
  if (message.kind === "credentials") credentials = message.credentials;
  else if (message.kind === "console head") consoleRequests.head(message);
  else if (message.kind === "console chunk") consoleRequests.chunk(message.id, message.chunk);
  else if (message.kind === "console end") consoleRequests.end(message.id);
  else if (message.kind === "answer") asked.get(message.answer.id)?.(message.answer);
  else if (message.kind === "alive") {
    lastSign = Date.now();
    waiting = message.waiting;
  } else {
    consoleRequests.endAll();
    server.close(() => void leave());
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), longestClose).unref();
  }
});

server.on("error", (error: NodeJS.ErrnoException) => {
  if (server.listening) return tell({ kind: "error", request: "The listener", message: messageOf(error) });
  tell({ kind: "refused to listen", code: error.code, message: error.message });
  void leave();
});
server.listen(options.port, options.host, () => {
  tell({ kind: "listening", port: (server.address() as AddressInfo).port });
});

/** Ends the thread. */
async function leave(): Promise<void> {
  try {
    await store.close();
  } catch (error) {
    tell({ kind: "problem", message: `The listener failed to stop: ${messageOf(error)}` });
  }
  port.close();
}

/** Returns an error as text, because errors do not cross threads unchanged. */
function messageOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
