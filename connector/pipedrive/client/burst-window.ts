import { RequestWindow } from "../../http/request-window.ts";

/** Milliseconds. */
const windowLength = 2_000;
/** Half of the smallest plan's 20 requests (Pipedrive docs, "Rate limiting": Lite, API token). */
const firstCapacity = 10;

/**
 * The burst limit: a rolling window of 2 seconds per token (Pipedrive docs, "Rate limiting"). It uses half of the
 * account's limit, so that another program with the same token has room.
 */
export class BurstWindow extends RequestWindow {
  constructor() {
    super(windowLength, firstCapacity);
  }

  /** Sets the window's size from the account's answers (`x-ratelimit-limit`). */
  announce(limit: number): void {
    this.resize(Math.max(1, Math.floor(limit / 2)));
  }
}
