import { Hono } from "hono";
import { answer } from "../answer.ts";
import { objectOf, query } from "../checked-input.ts";
import type { ConsoleEnv, ConsoleHost } from "../console-host.ts";
import { sessionSecret } from "../cookies.ts";
import type { LiveEvent } from "../live.ts";

/** Interval (ms) of signs of life; before each the session is looked at again. */
const heartbeat = 25_000;
/** Bytes that wait for a slow page, above which its stream ends: the page comes again. */
const mostWaiting = 1_000_000;

const after = { type: "string", maxLength: 60 };

/** The events since a page last asked. */
export interface LatestAnswer {
  events: LiveEvent[];
}

/** Adds the stream of events, and the way to ask for them where a proxy holds a stream back. */
export function eventRoutes(host: ConsoleHost) {
  const { live } = host;
  return new Hono<ConsoleEnv>()
    .get("/events", query<{ after?: string }>(objectOf({ after })), (context) => {
      const known = context.req.header("last-event-id") ?? context.req.valid("query").after;
      const secret = sessionSecret(context);
      const isSignedIn = async () =>
        secret === undefined || (await host.signIn.sessions.find(secret).catch(() => undefined)) !== undefined;
      const headers = {
        "content-type": "text/event-stream",
        "cache-control": "no-store, no-transform",
        // nginx holds an answer back otherwise.
        "x-accel-buffering": "no",
      };
      return new Response(stream(host, known, isSignedIn), { headers });
    })
    .get("/events/latest", query<{ after?: string }>(objectOf({ after })), async (context) => {
      const { after: known } = context.req.valid("query");
      await live.look();
      const events = known === undefined ? [live.hello()] : (live.since(known) ?? [live.hello()]);
      return answer<LatestAnswer>(context, { events });
    });
}

function stream(
  { live }: ConsoleHost,
  known: string | undefined,
  isSignedIn: () => Promise<boolean>,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let stop = () => {};
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const send = (text: string) => {
          if (controller.desiredSize !== null && controller.desiredSize < -mostWaiting) end();
          else controller.enqueue(encoder.encode(text));
        };
        const told = ({ id, name, data }: LiveEvent) =>
          send(`id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
        const end = () => {
          stop();
          try {
            controller.close();
          } catch {
            // The page has closed it.
          }
        };
        const silence = live.listen(told);
        const beat = setInterval(async () => {
          if (await isSignedIn()) send(": beat\n\n");
          else end();
        }, heartbeat);
        beat.unref();
        live.closed.addEventListener("abort", end);
        stop = () => {
          silence();
          clearInterval(beat);
          live.closed.removeEventListener("abort", end);
          stop = () => {};
        };
        send("retry: 3000\n\n");
        const missed = known === undefined ? undefined : live.since(known);
        for (const event of missed ?? []) told(event);
        told(live.hello());
      },
      cancel() {
        stop();
      },
    },
    { highWaterMark: mostWaiting, size: (chunk) => chunk?.byteLength ?? 0 },
  );
}
