import type { Json } from "../../mapping/value.ts";

/** The requests so far, for tests and benchmarks. */
export class RequestLog {
  count = 0;
  /** API tokens of all requests that the API itself answered, not its gateway. */
  tokens = 0;
  /** Counts by method and path, with ids as `{id}`: `GET /api/v2/deals/{id}`. */
  byPath: Record<string, number> = {};
  /** The requests that intended a write, in order. */
  writes: { method: string; path: string; body: Json }[] = [];
  readonly #attempts = new Map<string, number>();

  /** Counts a request. Returns its number among all and among those for the same method, path and query, from 1. */
  add(method: string, path: string, query: string): { ordinal: number; attempt: number } {
    this.count += 1;
    const shown = `${method} ${path.replace(/\/(\d+|[\da-f]{24}|(src|ext)id-[^/]*)(?=\/|$)/g, "/{id}")}`;
    this.byPath[shown] = (this.byPath[shown] ?? 0) + 1;
    const same = `${method} ${path}${query}`;
    const attempt = (this.#attempts.get(same) ?? 0) + 1;
    this.#attempts.set(same, attempt);
    return { ordinal: this.count, attempt };
  }

  reset(): void {
    this.count = 0;
    this.tokens = 0;
    this.byPath = {};
    this.writes = [];
    this.#attempts.clear();
  }

  toJSON(): { count: number; tokens: number; byPath: Record<string, number> } {
    return { count: this.count, tokens: this.tokens, byPath: this.byPath };
  }
}
