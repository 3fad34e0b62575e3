import type { IncomingMessage, ServerResponse } from "node:http";
import type { Context } from "hono";

/** The connection on which a handler answers. */
export interface AppConnection {
  Bindings: { incoming: IncomingMessage; outgoing: ServerResponse };
}

/** Never answers. */
export function forever(): Promise<never> {
  return new Promise(() => {});
}

/** Breaks the connection. */
export function breakOff(context: Context<AppConnection>): Promise<never> {
  context.env.incoming.socket.resetAndDestroy();
  return forever();
}

/** Sends half of the finished answer, and breaks the connection. */
export async function truncate(context: Context<AppConnection>): Promise<never> {
  const { incoming, outgoing } = context.env;
  const body = Buffer.from(await context.res.arrayBuffer());
  outgoing.writeHead(context.res.status, { ...Object.fromEntries(context.res.headers), "content-length": body.length });
  outgoing.write(body.subarray(0, body.length >>> 1), () => incoming.socket.destroy());
  return forever();
}
