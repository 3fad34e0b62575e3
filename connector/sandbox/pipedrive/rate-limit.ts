import { ApiError, refusedByGateway } from "./api-error.ts";

/** The limits of a plan (rate limiting page, 2026-09-17). */
export interface RateLimits {
  /** Requests within two rolling seconds for each API token; Lite has 20. */
  burstLimit: number;
  /** API tokens a day for the whole company; one Lite seat has 30,000. */
  dailyTokens: number;
  /** Seconds for which requests are blocked that kept coming after 429. */
  blockSeconds: number;
}

const windowMilliseconds = 2000;
/** Rejections in a row after which a client counts as ignoring 429. */
const patience = 10;

const blockPage = `<!DOCTYPE html>
<html lang="en-US"><head><title>Attention Required! | Cloudflare</title></head>
<body><h1>Sorry, you have been blocked</h1><p>You are unable to access pipedrive.com</p></body></html>
`;

/**
 * Both of Pipedrive's limits: a rolling window for each API token and one daily budget. Rejected requests cost nothing.
 * If they keep coming after 429, they are answered by 403 and a Cloudflare page for a while.
 */
export class RateLimit {
  readonly #limits: RateLimits;
  readonly #clock: () => Date;
  /** Milliseconds that never go backwards. */
  readonly #elapsed: () => number;
  readonly #windows = new Map<string, number[]>();
  #day = "";
  #used = 0;
  #refusals = 0;
  #blockedUntil = Number.NEGATIVE_INFINITY;

  /** `clock` gives the day; `elapsed` measures the window and the block. */
  constructor(limits: RateLimits, clock: () => Date, elapsed: () => number = () => performance.now()) {
    this.#limits = limits;
    this.#clock = clock;
    this.#elapsed = elapsed;
  }

  /**
   * Counts a request of this cost; returns the headers for its answer. Throws the ApiError that rejects it (429, 403).
   */
  take(token: string, cost: number): Record<string, string> {
    const now = this.#elapsed();
    if (now < this.#blockedUntil) throw new ApiError(403, blockPage, { server: "cloudflare" });
    const window = (this.#windows.get(token) ?? []).filter((time) => time > now - windowMilliseconds);
    this.#windows.set(token, window);
    const today = this.#clock().toISOString().slice(0, 10);
    if (today !== this.#day) [this.#day, this.#used] = [today, 0];
    if (this.#used + cost > this.#limits.dailyTokens) {
      const headers = { ...this.#headers(window, now), "retry-after": String(this.#secondsToMidnight()) };
      throw this.#refuse(now, "daily request budget exceeded", headers);
    }
    if (window.length >= this.#limits.burstLimit)
      throw this.#refuse(now, "request over limit", this.#headers(window, now));
    window.push(now);
    this.#used += cost;
    this.#refusals = 0;
    return this.#headers(window, now);
  }

  /** Resets all use and all rejections. */
  reset(): void {
    this.#windows.clear();
    this.#used = 0;
    this.#refusals = 0;
    this.#blockedUntil = Number.NEGATIVE_INFINITY;
  }

  #refuse(now: number, error: string, headers: Record<string, string>): ApiError {
    this.#refusals += 1;
    if (this.#refusals >= patience) this.#blockedUntil = now + this.#limits.blockSeconds * 1000;
    return refusedByGateway(429, error, headers);
  }

  #headers(window: readonly number[], now: number): Record<string, string> {
    const oldest = window[0] ?? now;
    return {
      "x-ratelimit-limit": String(this.#limits.burstLimit),
      "x-ratelimit-remaining": String(Math.max(this.#limits.burstLimit - window.length, 0)),
      // Relative seconds, not a time (seen on real accounts).
      "x-ratelimit-reset": String(Math.max(Math.ceil((oldest + windowMilliseconds - now) / 1000), 1)),
      "x-daily-ratelimit-token-limit": String(this.#limits.dailyTokens),
      "x-daily-ratelimit-token-remaining": String(Math.max(this.#limits.dailyTokens - this.#used, 0)),
    };
  }

  #secondsToMidnight(): number {
    const now = this.#clock();
    return Math.max(
      Math.ceil((Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() + 1) - now.getTime()) / 1000),
      1,
    );
  }
}

/**
 * Returns the cost of a request in API tokens of the daily budget (`x-token-cost` in openapi-v1.yaml and
 * openapi-v2.yaml; rate limiting page, 2026-09-17): a list costs the same at limit=1 and limit=500. `path` is without
 * the query.
 */
export function tokenCost(method: string, path: string): number {
  const [, version = "v2", rest = ""] = /^\/(?:api\/)?(v1|v2)\/(.*)$/.exec(path) ?? [];
  const isOne = /\/\d+$/.test(rest) || rest === "users/me" || /Fields\/./.test(rest);
  if (version === "v1") {
    if (rest.endsWith("/merge") || rest === "deals/summary") return 40;
    if (rest === "webhooks" && method === "GET") return 10;
    return { GET: isOne ? 2 : 20, DELETE: 6 }[method] ?? 10;
  }
  if (method === "DELETE") return 3;
  if (method !== "GET") return 5;
  if (rest.endsWith("/search")) return 20;
  if (isOne) return 1;
  return { "deals/archived": 20, pipelines: 5, stages: 5 }[rest] ?? 10;
}
