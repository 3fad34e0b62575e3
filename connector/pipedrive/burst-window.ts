/** Times in milliseconds. */
const windowLength = 2_000;
/** Half of the smallest plan's 20 requests (Pipedrive docs, "Rate limiting": Lite, API token). */
const firstCapacity = 10;

/**
 * The burst limit: a rolling window of 2 seconds per token (Pipedrive docs, "Rate limiting"). Half of what the account
 * may ask for is used, so that another program with the same token has room.
 */
export class BurstWindow {
  #capacity = firstCapacity;
  #pausedUntil = 0;
  /** When the last requests were sent, oldest first; never more than the capacity. */
  readonly #sent: number[] = [];

  /** How long to wait before a request may be sent at `now`; 0: it may be sent. */
  delay(now: number): number {
    while (this.#sent.length > 0 && now - this.#sent[0]! >= windowLength) this.#sent.shift();
    const full =
      this.#sent.length < this.#capacity ? 0 : this.#sent[this.#sent.length - this.#capacity]! + windowLength;
    return Math.max(0, full - now, this.#pausedUntil - now);
  }

  /** Counts a request sent at `now`. */
  send(now: number): void {
    this.#sent.push(now);
  }

  /** Takes the window's size as the account's answers announce it (`x-ratelimit-limit`). */
  announce(limit: number): void {
    this.#capacity = Math.max(1, Math.floor(limit / 2));
  }

  /** Nobody sends before this time. */
  pauseUntil(time: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, time);
  }
}
