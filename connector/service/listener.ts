import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { Failure } from "../failure.ts";
import type { StartPart } from "./service.ts";

/** Listens, and answers by the service's routes. */
export const startListener: StartPart = async (service) => {
  const { address, routes, logger } = service;
  const listener = getRequestListener(routes.fetch, { overrideGlobalObjects: false });
  const server = createServer((incoming, outgoing) => void listener(incoming, outgoing));
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => reject(cannotListen(address, cause)));
    server.listen(address.port, address.host, resolve);
  });
  address.port = (server.address() as AddressInfo).port;
  logger.info(`Listening on http://${address.host}:${address.port}`);
  return () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeIdleConnections();
    });
};

function cannotListen({ host, port }: { host: string; port: number }, cause: Error): Failure {
  const taken = (cause as NodeJS.ErrnoException).code === "EADDRINUSE";
  const why = taken ? "another program uses that port" : cause.message;
  return new Failure("surroundings", `serve cannot listen on ${host}:${port}: ${why}.`, {
    hint: "Choose another with --port <port> or the environment variable PORT; 0 takes a free one.",
    cause,
  });
}
