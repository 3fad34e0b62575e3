/** So many ids share one mask: V8 keeps masks of 30 bits without memory of their own. */
const idsPerMask = 30;

/** A set of record ids that may be asked while it grows: about a byte each where ids follow each other, as an account's do. */
export class SeenIds {
  readonly #masks = new Map<number, number>();

  /** Adds an id; true where it was not there. */
  add(id: number): boolean {
    const block = Math.floor(id / idsPerMask);
    const bit = 1 << (id - block * idsPerMask);
    const mask = this.#masks.get(block) ?? 0;
    if ((mask & bit) !== 0) return false;
    this.#masks.set(block, mask | bit);
    return true;
  }
}
