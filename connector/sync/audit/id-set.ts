/** A set of record ids in eight bytes each: first all ids are added, then it is queried. */
export class IdSet {
  #added: number[] = [];
  #sorted: Float64Array | undefined;

  add(id: number): void {
    if (this.#sorted !== undefined) throw new Error("An id was added to a set that has been asked already.");
    this.#added.push(id);
  }

  has(id: number): boolean {
    const ids = this.#ids();
    let low = 0;
    let high = ids.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (ids[middle]! < id) low = middle + 1;
      else high = middle;
    }
    return ids[low] === id;
  }

  /** The number of different ids. */
  get size(): number {
    return this.#ids().length;
  }

  /** The number of different ids of records; a line item that is made of its deal has a negative one. */
  get records(): number {
    return this.#ids().filter((id) => id > 0).length;
  }

  #ids(): Float64Array {
    if (this.#sorted === undefined) {
      const all = Float64Array.from(this.#added).sort();
      this.#sorted = all.filter((id, index) => index === 0 || all[index - 1] !== id);
      this.#added = [];
    }
    return this.#sorted;
  }
}
