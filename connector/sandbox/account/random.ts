/**
 * A repeatable source of chance: equal parts always give the same sequence (mulberry32 over an FNV-1a hash). Each
 * record has its own, so that it can be invented alone, in any order, without the ones before it.
 */
export class Random {
  #state: number;

  /** Takes the parts that name the sequence, for example the seed, the stream and the record's number. */
  constructor(...parts: readonly (string | number)[]) {
    let hash = 0x811c9dc5;
    for (const part of parts) {
      const text = `${part}/`;
      for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
    }
    this.#state = hash >>> 0;
  }

  /** Returns a number from 0 up to but not including 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }

  /** Returns a whole number from `least` to `most`, both included. */
  integer(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  /** Returns true with the given probability (0 to 1). */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** Returns one of the values, of which there must be at least one. */
  pick<T>(values: readonly T[]): T {
    return values[Math.floor(this.next() * values.length)] as T;
  }

  /** Returns between one and `most` different values, in the order given. */
  some<T>(values: readonly T[], most: number): T[] {
    const start = this.integer(0, values.length - 1);
    const count = Math.min(this.integer(1, most), values.length);
    const chosen = new Set(Array.from({ length: count }, (_, step) => (start + step * 2) % values.length));
    return values.filter((_, index) => chosen.has(index));
  }
}
