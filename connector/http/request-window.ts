/** A limit on requests within a rolling window of time; all times in milliseconds. */
export class RequestWindow {
  readonly #length: number;
  #capacity: number;
  #pausedUntil = 0;
  /** The times of the last requests, oldest first; at most as many as the capacity. */
  readonly #sent: number[] = [];

  /** Allows at most `capacity` requests within `length`. */
  constructor(length: number, capacity: number) {
    this.#length = length;
    this.#capacity = capacity;
  }

  /** Returns the wait before a request may be sent at `now`; 0 if it may be sent now. */
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

  /** Sets the number of requests allowed from now on. */
  resize(capacity: number): void {
    this.#capacity = capacity;
  }

  /** Delays all requests until this time. */
  pauseUntil(time: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, time);
  }
}
