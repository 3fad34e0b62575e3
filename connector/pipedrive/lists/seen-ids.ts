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
