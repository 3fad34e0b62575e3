import { expect } from "chai";
import type { Page } from "../../connector/pipedrive/read-pages.ts";
import { pageGroups } from "../../connector/sync/page-groups.ts";

const page = (number: number, records = 500, size = 1000): Page => ({
  stream: "deals",
  list: "deals",
  records: Array.from({ length: records }, (_, index) => ({
    id: number * 1000 + index,
    record: { id: number * 1000 + index },
    updateTime: null,
    deleted: false,
  })),
  rejected: [],
  size,
  state: { deals: { update_time: `2026-01-0${number}T00:00:00Z` } },
});

async function* pages(...given: (Page | Error)[]): AsyncGenerator<Page> {
  for (const one of given) {
    if (one instanceof Error) throw one;
    yield one;
  }
}

describe("the pages that are landed in one transaction", () => {
  it("are a few at a time, with the position of the last of them", async () => {
    const groups: Page[] = [];
    for await (const group of pageGroups(pages(...[1, 2, 3, 4, 5].map((number) => page(number))))) groups.push(group);
    expect(groups.map(({ records, state }) => [records.length, state["deals"]!.update_time])).to.deep.equal([
      [1000, "2026-01-02T00:00:00Z"],
      [1000, "2026-01-04T00:00:00Z"],
      [500, "2026-01-05T00:00:00Z"],
    ]);
  });

  it("are fewer when they are large", async () => {
    const sizes: number[] = [];
    for await (const { size } of pageGroups(pages(page(1, 1, 9e6), page(2, 1, 5e6), page(3, 1, 5e6)))) sizes.push(size);
    expect(sizes).to.deep.equal([9e6, 10e6]);
  });

  it("are all landed before a failure of reading is told", async () => {
    const landed: number[] = [];
    let told: unknown;
    try {
      for await (const { records } of pageGroups(pages(page(1), page(2, 400), new Error("budget used up"))))
        landed.push(records.length);
    } catch (error) {
      told = error;
    }
    expect(landed).to.deep.equal([900]);
    expect(told).to.have.property("message", "budget used up");
  });
});
