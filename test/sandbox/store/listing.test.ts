import { expect } from "chai";
import fc from "fast-check";
import { toInstant } from "../../../connector/sandbox/account/instant.ts";
import { type Entry, toEntry } from "../../../connector/sandbox/store/entry.ts";
import { Listing, type Position, type SortField } from "../../../connector/sandbox/store/listing.ts";

const sortValueOf = (entry: Entry, sortBy: SortField) =>
  ({ id: entry.id, update_time: entry.updated, add_time: entry.added })[sortBy];

const records = fc.uniqueArray(
  fc.record({
    id: fc.integer({ min: 1, max: 60 }),
    updated: fc.option(fc.integer({ min: 1_700_000_000, max: 1_700_000_004 })),
    added: fc.integer({ min: 1_600_000_000, max: 1_600_000_003 }),
  }),
  { selector: ({ id }) => id, maxLength: 40 },
);

function entryOf({ id, updated, added }: { id: number; updated: number | null; added: number }): Entry {
  return toEntry("deals", {
    id,
    update_time: updated === null ? null : toInstant(updated),
    add_time: toInstant(added),
  });
}

describe("walking a list page by page", () => {
  it("gives each record exactly once and in order, whatever the order, page size and ties", () => {
    fc.assert(
      fc.property(
        records,
        records,
        fc.record({
          sortBy: fc.constantFrom<SortField>("id", "update_time", "add_time"),
          descending: fc.boolean(),
          limit: fc.integer({ min: 1, max: 7 }),
          updatedSince: fc.option(fc.integer({ min: 1_700_000_000, max: 1_700_000_004 }), { nil: undefined }),
        }),
        (first, changed, asked) => {
          const { sortBy, descending, updatedSince } = asked;
          const current = new Map(first.map((record) => [record.id, entryOf(record)]));
          const listing = new Listing(() => true, [...current.values()]);
          for (const record of changed) {
            const before = current.get(record.id);
            if (before !== undefined) listing.remove(before);
            current.set(record.id, entryOf(record));
            listing.add(current.get(record.id) as Entry);
          }
          const walked: Entry[] = [];
          let after: Position | undefined;
          // A walk that stands still would never end: one page more than there are records is enough to notice.
          for (let pages = 0; pages <= current.size + 1; pages++) {
            const page = listing.walk({ ...asked, after, matches: () => true });
            walked.push(...page);
            const last = page.at(-1);
            if (last === undefined) break;
            after = { value: sortValueOf(last, sortBy), id: last.id };
          }
          const expected = [...current.values()]
            .filter(({ updated }) => updatedSince === undefined || updated >= updatedSince)
            .sort((one, other) => sortValueOf(one, sortBy) - sortValueOf(other, sortBy) || one.id - other.id);
          if (descending) expected.reverse();
          expect(walked).to.deep.equal(expected);
        },
      ),
    );
  });
});
