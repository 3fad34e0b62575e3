import type { IncomingMessage } from "node:http";
import type { Context } from "hono";
import type { FromListener, ToListener } from "./listener-messages.ts";

/** The maximum number of the console's requests that are open, and of bytes in a body: a mapping file has less. */
const mostOpen = 500;
const mostBytes = 4_000_000;

interface Open {
  resolve: (response: Response) => void;
  stream: ReadableStreamDefaultController<Uint8Array> | undefined;
}

/** Forwards the console's requests to the main thread, and gives its answers back as they come. */
export class ConsoleRequests {
  readonly #tell: (message: FromListener) => void;
  readonly #open = new Map<number, Open>();
  #lastId = 0;

  constructor(tell: (message: FromListener) => void) {
    this.#tell = tell;
  }

  /** Forwards one request, and answers it. */
  async forward(context: Context): Promise<Response> {
    if (this.#open.size >= mostOpen) return refusal(503, "The service is busy.", { "retry-after": "5" });
    const { method, url } = context.req;
    const hasBody = method !== "GET" && method !== "HEAD";
    if (hasBody && Number(context.req.header("content-length") ?? mostBytes + 1) > mostBytes)
      return refusal(413, `A body has a length, of at most ${mostBytes} bytes.`, { connection: "close" });
    const body = hasBody ? await context.req.text() : undefined;
    const { incoming } = context.env as { incoming?: IncomingMessage };
    const id = ++this.#lastId;
    const answered = new Promise<Response>((resolve) => this.#open.set(id, { resolve, stream: undefined }));
    const headers = [...context.req.raw.headers] as [string, string][];
    const remote = incoming?.socket.remoteAddress;
    this.#tell({ kind: "console request", request: { id, method, url, headers, body, remote } });
    return answered;
  }

  /** Begins an answer. */
  head({ id, status, headers }: Extract<ToListener, { kind: "console head" }>): void {
    const open = this.#open.get(id);
    if (open === undefined || open.stream !== undefined) return;
    const hasBody = status !== 204 && status !== 304 && !(status >= 300 && status < 400);
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        open.stream = controller;
      },
      cancel: () => {
        this.#open.delete(id);
        this.#tell({ kind: "console gone", id });
      },
    });
    open.resolve(new Response(hasBody ? stream : null, { status, headers }));
  }

  /** Goes on with an answer. */
  chunk(id: number, chunk: Uint8Array): void {
    this.#open.get(id)?.stream?.enqueue(chunk);
  }

  /** Ends an answer. */
  end(id: number): void {
    const open = this.#open.get(id);
    this.#open.delete(id);
    if (open?.stream === undefined) open?.resolve(refusal(503, "The service stops."));
    else close(open.stream);
  }

  /** Ends all answers: the service stops. */
  endAll(): void {
    for (const id of [...this.#open.keys()]) this.end(id);
  }
}

function close(stream: ReadableStreamDefaultController<Uint8Array>): void {
  try {
    stream.close();
  } catch {
    // The reader has cancelled it.
  }
}

function refusal(status: number, message: string, headers: Record<string, string> = {}): Response {
  return Response.json({ error: { kind: "surroundings", message } }, { status, headers });
}
