/** Stores items together: those that come while others are being stored go with the next lot. */
export interface GroupCommit<Item> {
  /** Returns when the items are stored; throws what storing them threw. */
  add(items: readonly Item[]): Promise<void>;
}

/** Makes one that stores each lot with `commit`, one lot at a time. */
export function groupCommit<Item>(commit: (items: Item[]) => Promise<void>): GroupCommit<Item> {
  let gathered: Item[] = [];
  let next: Promise<void> | undefined;
  let last: Promise<unknown> = Promise.resolve();
  return {
    add(items) {
      gathered.push(...items);
      next ??= last.then(() => {
        const lot = gathered;
        gathered = [];
        next = undefined;
        const committed = commit(lot);
        last = committed.catch(() => undefined);
        return committed;
      });
      return next;
    },
  };
}
