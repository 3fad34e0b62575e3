import { type Context, Hono } from "hono";
import type { Json } from "../../mapping/value.ts";
import { toldMessage } from "../../told-error.ts";
import type { EventJob } from "../jobs/jobs.ts";
import type { Credentials } from "../service.ts";
import { webhookPath } from "../webhook/webhook-address.ts";
import { readEvent } from "./read-event.ts";
import { sameText } from "./same-text.ts";

/** The dependencies of the delivery routes. */
export interface DeliveryOptions {
  /** True if deliveries are expected. */
  webhooks: boolean;
  followChanges: boolean;
  /** Returns the credentials that are valid now. */
  credentials(): readonly Credentials[];
  /** Returns the number of waiting jobs, as far as known. */
  waiting(): number;
  /** Stores events; they are durable when it returns. */
  store(events: readonly EventJob[]): Promise<void>;
  /** Called after each 2xx answer with the number of events stored. */
  onReceived(stored: number): void;
  onRefused(status: number): void;
  onProblem(message: string): void;
  limits?: Partial<DeliveryLimits>;
}

/** The limits above which deliveries are refused. */
export interface DeliveryLimits {
  /** Bytes of one body: an event of Pipedrive has some kilobytes. */
  body: number;
  /** Deliveries read or stored at the same time, and the bytes of all their bodies. */
  atOnce: number;
  bytesAtOnce: number;
  /** Waiting jobs: each changed record waits once. */
  waiting: number;
}

const usual: DeliveryLimits = { body: 1_000_000, atOnce: 1_000, bytesAtOnce: 50_000_000, waiting: 200_000 };

/**
 * Returns the routes that receive deliveries. They answer 2xx only after the event is stored, and refuse a request
 * without valid credentials before reading its body.
 */
export function deliveryRoutes(options: DeliveryOptions): Hono {
  const limits = { ...usual, ...options.limits };
  let open = 0;
  let openBytes = 0;
  const refuse = (context: Context, status: 400 | 401 | 404 | 405 | 413 | 503, error: string, headers = {}) => {
    options.onRefused(status);
    // Close the connection: otherwise the rest of an unwanted body would have to be read before the next request.
    return context.json({ error }, status, { connection: "close", ...headers });
  };
  const overloaded = (context: Context, error: string, seconds: number) =>
    refuse(context, 503, error, { "retry-after": String(seconds) });

  const routes = new Hono();
  routes.on(
    "POST",
    webhookPath,
    async (context, next) => {
      if (!options.webhooks) return refuse(context, 404, "Webhooks are off: the config has no `webhook`.");
      if (!mayDeliver(context.req.header("authorization"), options.credentials())) {
        return refuse(context, 401, "User name or password are wrong.", { "www-authenticate": "Basic" });
      }
      const length = Number(context.req.header("content-length") ?? limits.body);
      if (length > limits.body) return tooLarge(context);
      if (options.waiting() >= limits.waiting) return overloaded(context, "Too many events wait.", 60);
      if (open >= limits.atOnce || openBytes + length > limits.bytesAtOnce) {
        return overloaded(context, "Too many deliveries at once.", 5);
      }
      open++;
      openBytes += length;
      try {
        await next();
      } finally {
        open--;
        openBytes -= length;
      }
    },
    async (context) => {
      const text = await readText(context.req.raw, limits.body);
      if (text === "too large") return tooLarge(context);
      if (text === "broken off") {
        options.onProblem("A delivery ended in the middle of its body; nothing of it was stored.");
        return refuse(context, 400, "The body is incomplete.");
      }
      let payload: Json;
      try {
        payload = JSON.parse(text.body) as Json;
      } catch {
        return refuse(context, 400, "The body is not JSON.");
      }
      const hints = readEvent(payload);
      if (hints === undefined) return refuse(context, 400, "The body is not an event of a Pipedrive webhook.");
      const at = new Date().toISOString();
      const events = hints
        .filter(({ stream }) => stream === "deals" || options.followChanges)
        .map((hint) => ({ ...hint, at }));
      try {
        if (events.length > 0) await options.store(events);
      } catch (error) {
        options.onProblem(`An event could not be stored: ${toldMessage(error)}`);
        return overloaded(context, "The event could not be stored.", 30);
      }
      options.onReceived(events.length);
      return context.json({ stored: events.length });
    },
  );
  routes.all(webhookPath, (context) => refuse(context, 405, "Use POST.", { allow: "POST" }));
  const tooLarge = (context: Context) => refuse(context, 413, `A body may have ${limits.body} bytes.`);
  return routes;
}

/** Reads a body of at most `most` bytes, with or without an announced length. */
async function readText({ body }: Request, most: number): Promise<{ body: string } | "too large" | "broken off"> {
  const reader = body?.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for (let read = await reader?.read(); read !== undefined && !read.done; read = await reader?.read()) {
      length += read.value.length;
      if (length > most) {
        await reader?.cancel();
        return "too large";
      }
      chunks.push(read.value);
    }
  } catch {
    return "broken off";
  }
  return { body: Buffer.concat(chunks).toString("utf8") };
}

/** Returns whether the request carries valid credentials; its duration reveals nothing about them. */
function mayDeliver(authorization: string | undefined, credentials: readonly Credentials[]): boolean {
  const encoded = /^Basic +([\w+/=-]+)$/i.exec(authorization ?? "")?.[1] ?? "";
  const given = Buffer.from(encoded, "base64").toString("utf8");
  let found = false;
  for (const { username, password } of credentials) {
    if (sameText(given, `${username}:${password}`)) found = true;
  }
  return found;
}
