/** A queue that stores items in batches: items that arrive while a batch is being stored form the next one. */
export interface GroupCommit<Item> {
  /** Adds items and returns when they are stored; throws the error of storing them. */
  add(items: readonly Item[]): Promise<void>;
}

/** Creates a queue that stores each batch with `commit`, one batch at a time. */
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
