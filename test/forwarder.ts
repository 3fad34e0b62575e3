import { connect, createServer, type Server } from "node:net";
import { freePort } from "./running-service.ts";

/** A port of its own that leads to another one while it is open; closed, it refuses connections. */
export interface Forwarder {
  port: number;
  open(): Promise<void>;
  close(): Promise<void>;
}

/** Starts an open forwarder to a port of this machine. */
export async function startForwarder(targetPort: number): Promise<Forwarder> {
  const port = await freePort();
  let server: Server | undefined;
  const sockets = new Set<{ destroy(): void }>();
  const open = async () => {
    server = createServer((incoming) => {
      const outgoing = connect(targetPort, "127.0.0.1");
      for (const [from, to] of [
        [incoming, outgoing],
        [outgoing, incoming],
      ] as const) {
        sockets.add(from);
        from.on("error", () => to.destroy());
        from.on("close", () => sockets.delete(from));
        from.pipe(to);
      }
    });
    await new Promise<void>((resolve) => server!.listen(port, "127.0.0.1", resolve));
  };
  await open();
  return {
    port,
    open,
    async close() {
      const closing = server;
      server = undefined;
      if (closing === undefined) return;
      const closed = new Promise((resolve) => closing.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
