/** A limit of so many requests within a rolling window of time; all times in milliseconds. */
export class RequestWindow {
  readonly #length: number;
  #capacity: number;
  #pausedUntil = 0;
  /** When the last requests were sent, oldest first; never more than the capacity. */
  readonly #sent: number[] = [];

  /** At most `capacity` requests within `length`. */
  constructor(length: number, capacity: number) {
    this.#length = length;
    this.#capacity = capacity;
  }

  /** How long to wait before a request may be sent at `now`; 0: it may be sent. */
  delay(now: number): number {
    while (this.#sent.length > 0 && now - this.#sent[0]! >= this.#length) this.#sent.shift();
    const full =
      this.#sent.length < this.#capacity ? 0 : this.#sent[this.#sent.length - this.#capacity]! + this.#length;
    return Math.max(0, full - now, this.#pausedUntil - now);
  }

  /** Counts a request sent at `now`. */
  send(now: number): void {
    this.#sent.push(now);
  }

  /** From now on so many requests are allowed. */
  resize(capacity: number): void {
    this.#capacity = capacity;
  }

  /** Nobody sends before this time. */
  pauseUntil(time: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, time);
  }
}
