import type { Transaction } from "../../database/database.ts";
import { readLanded } from "../../database/landing/landing.ts";
import { AheadNames, restartedWarning } from "../../pipedrive/lists/ahead.ts";
import type { Page } from "../../pipedrive/lists/read-pages.ts";

/**
 * The warnings of a walk about records whose update_time lies in the future. They come again in every run until then.
 */
export class AheadRecords {
  readonly #warn: (message: string) => void;
  readonly #told = new AheadNames();
  #restarted = false;

  constructor(warn: ((message: string) => void) | undefined) {
    this.#warn = warn ?? (() => {});
  }

  /** Checks a page before it lands. Returns how many of its records an earlier run has landed unchanged. */
  async look(transaction: Transaction, { stream, ahead, restarted = [] }: Page): Promise<number> {
    for (const one of restarted) {
      this.#restarted = true;
      this.#warn(restartedWarning(stream, one));
    }
    if (ahead.length === 0) return 0;
    const ids = ahead.flatMap(({ id }) => (typeof id === "number" ? id : []));
    const landed = await readLanded(transaction, stream, ids);
    const times = new Map(landed.map(({ id, updateTime }) => [id, updateTime]));
    const fresh = ahead.filter(({ id, updateTime }) => typeof id !== "number" || times.get(id) !== updateTime);
    this.#told.add(this.#restarted ? ahead : fresh);
    return ahead.length - fresh.length;
  }

  /** Warns of the new ones, once per stream. */
  tell(stream: Page["stream"]): void {
    const warning = this.#told.warning(stream);
    if (warning !== undefined) this.#warn(warning);
  }
}
