/** Failures after which a name or an address waits, and the first wait (ms), which doubles with each further one. */
const free = 5;
const firstWait = 2_000;
const longestWait = 15 * 60_000;
/** Time (ms) after which failures are forgotten. */
const memory = 60 * 60_000;
/** The maximum number of names and addresses that are remembered, and of sign-ins that are checked at once. */
const mostKept = 10_000;
const mostAtOnce = 4;

interface Failures {
  count: number;
  last: number;
}

/**
 * Slows down the guessing of passwords: after five failures for a name, or from an address, each further one doubles
 * the wait, up to a quarter of an hour. It also limits how many passwords are hashed at once, which costs memory.
 */
export class Throttle {
  readonly #failures = new Map<string, Failures>();
  readonly #now: () => number;
  #checking = 0;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Returns the milliseconds that these names and addresses have to wait; 0 if they may try now. */
  delay(keys: readonly string[]): number {
    return Math.max(0, ...keys.map((key) => this.#delayOf(key)));
  }

  /** Runs one check of a password; undefined if too many are being checked. */
  async check<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    if (this.#checking >= mostAtOnce) return undefined;
    this.#checking++;
    try {
      return await work();
    } finally {
      this.#checking--;
    }
  }

  /** Remembers a failure. */
  failed(keys: readonly string[]): void {
    const now = this.#now();
    for (const key of keys) {
      const count = (this.#recent(key)?.count ?? 0) + 1;
      this.#failures.delete(key);
      this.#failures.set(key, { count, last: now });
    }
    for (const key of this.#failures.keys()) {
      if (this.#failures.size <= mostKept) break;
      this.#failures.delete(key);
    }
  }

  /** Forgets the failures of a name and an address that succeeded. */
  succeeded(keys: readonly string[]): void {
    for (const key of keys) this.#failures.delete(key);
  }

  #delayOf(key: string): number {
    const failures = this.#recent(key);
    if (failures === undefined || failures.count < free) return 0;
    const wait = Math.min(longestWait, firstWait * 2 ** (failures.count - free));
    return failures.last + wait - this.#now();
  }

  #recent(key: string): Failures | undefined {
    const failures = this.#failures.get(key);
    return failures !== undefined && this.#now() - failures.last < memory ? failures : undefined;
  }
}
