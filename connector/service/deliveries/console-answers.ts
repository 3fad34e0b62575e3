import type { Service } from "../service.ts";
import type { ConsoleRequest, ToListener } from "./listener-messages.ts";

/** Answers the console's requests in the main thread, part by part, as long as somebody reads. */
export class ConsoleAnswers {
  readonly #service: Pick<Service, "routes" | "logger" | "events">;
  readonly #tell: (message: ToListener) => void;
  readonly #open = new Map<number, AbortController>();

  constructor(service: Pick<Service, "routes" | "logger" | "events">, tell: (message: ToListener) => void) {
    this.#service = service;
    this.#tell = tell;
  }

  /** Answers one request. It never throws. */
  async answer({ id, method, url, headers, body, remote }: ConsoleRequest): Promise<void> {
    const stop = new AbortController();
    this.#open.set(id, stop);
    try {
      const init = { method, headers, signal: stop.signal, ...(body === undefined ? {} : { body }) };
      const response = await this.#service.routes.fetch(new Request(url, init), { remote });
      this.#tell({ kind: "console head", id, status: response.status, headers: [...response.headers] });
      const reader = response.body?.getReader();
      stop.signal.addEventListener("abort", () => void reader?.cancel().catch(() => undefined));
      for (let read = await reader?.read(); read !== undefined && !read.done; read = await reader?.read()) {
        this.#tell({ kind: "console chunk", id, chunk: read.value });
      }
    } catch (error) {
      if (!stop.signal.aborted) {
        const told = error instanceof Error ? error.stack : String(error);
        this.#service.logger.error(`${method} ${new URL(url).pathname}: ${told}`);
        this.#service.events.emit("turnedAway", 500);
        this.#tell({ kind: "console head", id, status: 500, headers: [] });
      }
    } finally {
      this.#open.delete(id);
      this.#tell({ kind: "console end", id });
    }
  }

  /** Ends the answer that nobody reads any more. */
  drop(id: number): void {
    this.#open.get(id)?.abort();
  }

  /** Ends all answers. */
  dropAll(): void {
    for (const stop of this.#open.values()) stop.abort();
  }
}
