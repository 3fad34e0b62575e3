import type { Failure } from "../../failure.ts";
import type { Json } from "../../mapping/value.ts";
import { stuck } from "./list-page.ts";

/** Pages in a row without anything new that end a walk (contract, section 7). */
export const mostStalePages = 3;

/** Pages in a row with only known records that have changed since, which end a walk too. */
const mostChangedPages = 20;

/** A check that a walk makes progress: a list may give one page, or empty ones, under ever new cursors. */
export class WalkProgress {
  readonly #list: Parameters<typeof stuck>[0];
  readonly #seen = new SeenIds();
  readonly #others = new Set<string>();
  #latest = "";
  #stale = 0;
  #changed = 0;

  constructor(list: Parameters<typeof stuck>[0]) {
    this.#list = list;
  }

  /** Returns true if the last page brought anything new. */
  get gotOn(): boolean {
    return this.#stale === 0;
  }

  /**
   * Adds a page that is not the last, by the ids and update_times of its records. Returns the Failure that ends the
   * walk after three pages without anything new. A known record that has changed counts as new for a while: users may
   * change many records during a walk.
   */
  page(ids: readonly (Json | undefined)[], times: readonly (string | null)[]): Failure | undefined {
    let isNew = false;
    for (const id of ids) if (this.#add(id)) isNew = true;
    const latest = times.reduce<string>((later, time) => (time !== null && time > later ? time : later), this.#latest);
    const moved = latest > this.#latest;
    this.#latest = latest;
    this.#stale = isNew || moved ? 0 : this.#stale + 1;
    this.#changed = isNew ? 0 : this.#changed + 1;
    if (this.#stale >= mostStalePages)
      return stuck(this.#list, `${mostStalePages} pages in a row brought no record that is new`);
    if (this.#changed >= mostChangedPages) return stuck(this.#list, "it changes faster than it can be read");
    return undefined;
  }

  #add(id: Json | undefined): boolean {
    if (id === undefined) return false;
    if (typeof id === "number" && Number.isSafeInteger(id) && id >= 0) return this.#seen.add(id);
    const text = JSON.stringify(id);
    if (this.#others.has(text)) return false;
    this.#others.add(text);
    return true;
  }
}

/** Ids per mask: V8 stores masks of 30 bits without extra memory. */
const idsPerMask = 30;

/** A growing set of record ids. It takes about a byte per id if ids are consecutive, as an account's are. */
export class SeenIds {
  readonly #masks = new Map<number, number>();

  /** Adds an id; returns true if it is new. */
  add(id: number): boolean {
    const block = Math.floor(id / idsPerMask);
    const bit = 1 << (id - block * idsPerMask);
    const mask = this.#masks.get(block) ?? 0;
    if ((mask & bit) !== 0) return false;
    this.#masks.set(block, mask | bit);
    return true;
  }
}
