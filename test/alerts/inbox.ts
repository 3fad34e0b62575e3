import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";

/** A message that came to the inbox. */
export interface Arrived {
  path: string;
  headers: IncomingHttpHeaders;
  text: string;
  body: { type?: string; condition?: string; text?: string; [key: string]: unknown };
}

/** A webhook on this machine that keeps what it is sent. */
export interface Inbox {
  url: string;
  arrived: Arrived[];
  /** Returns the messages in short: `begin failed`. */
  told(): string[];
  close(): Promise<void>;
}

/** Opens an inbox; `answer` may answer in its own way, or not at all. */
export async function openInbox(
  answer?: (response: ServerResponse, count: number, path: string) => void,
): Promise<Inbox> {
  const arrived: Arrived[] = [];
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request.setEncoding("utf8")) text += chunk;
    arrived.push({ path: request.url!, headers: request.headers, text, body: JSON.parse(text) });
    if (answer === undefined) response.end("ok");
    else answer(response, arrived.length, request.url!);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}/hooks/B0123456789-not-for-everybody`,
    arrived,
    told: () => arrived.map(({ body }) => `${String(body.type).replace("alert.", "")} ${body.condition}`),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
