import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as the server received it. */
export interface SeenRequest {
  method: string;
  path: string;
  query: Record<string, string>;
  headers: IncomingMessage["headers"];
  body: string;
  /** Milliseconds since the server started. */
  at: number;
}

/** A server on this machine whose answers a test defines. */
export interface LocalServer {
  url: string;
  seen: SeenRequest[];
  close(): Promise<void>;
}

/**
 * Starts a server. `answer` receives each request with its number from 1, and writes the response or leaves it open.
 */
export async function startServer(
  answer: (request: SeenRequest, response: ServerResponse, number: number) => void,
): Promise<LocalServer> {
  const seen: SeenRequest[] = [];
  const started = performance.now();
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const url = new URL(incoming.url ?? "", "http://localhost");
      const request: SeenRequest = {
        method: incoming.method ?? "",
        path: url.pathname,
        query: Object.fromEntries(url.searchParams),
        headers: incoming.headers,
        body: Buffer.concat(chunks).toString(),
        at: performance.now() - started,
      };
      seen.push(request);
      answer(request, response, seen.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Answers with JSON. */
export function json(
  response: ServerResponse,
  body: unknown,
  status = 200,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8", ...headers });
  response.end(typeof body === "string" ? body : JSON.stringify(body));
}

/** Answers with a web page. */
export function html(response: ServerResponse, status: number): void {
  response.writeHead(status, { "content-type": "text/html; charset=UTF-8" });
  response.end("<!DOCTYPE html><html><body>Just a moment...</body></html>");
}
