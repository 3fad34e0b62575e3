import { setImmediate as turn } from "node:timers/promises";
import { expect } from "chai";
import type { Page } from "../../../connector/pipedrive/lists/read-pages.ts";
import { readToLand } from "../../../connector/sync/land/read-to-land.ts";

/**
 * Returns a page of persons with the given ids, of a given size in bytes, that ends the reading at the given second.
 */
function page(second: number, ids: number[], size = 1_000): Page {
  const updateTime = `2026-01-01T00:00:0${second}Z`;
  return {
    stream: "persons",
    list: "persons",
    records: ids.map((id) => ({ id, record: { id, name: "Ada", org_id: 7 }, updateTime, deleted: false })),
    rejected: [],
    size,
    ahead: [],
    state: { persons: { update_time: updateTime } },
  };
}

async function* from(pages: readonly Page[], error?: Error): AsyncGenerator<Page, void> {
  yield* pages;
  if (error !== undefined) throw error;
}

/** Reads everything like a caller that works on each page for a while; returns the ids and the second of each. */
async function landed(pages: AsyncGenerator<Page, void>): Promise<[number[], string][]> {
  const seen: [number[], string][] = [];
  for await (const { records, state } of readToLand(pages)) {
    seen.push([records.map(({ id }) => id), state["persons"]!.update_time.slice(-3, -1)]);
  }
  return seen;
}

describe("pages on their way to the landing", () => {
  it("pages are landed together, up to the last one's bookmark", async () => {
    expect(await landed(from([page(1, [1]), page(2, [2, 3]), page(3, [4])]))).to.deep.equal([[[1, 2, 3, 4], "03"]]);
  });

  it("a record that comes twice is landed twice, in the order in which it came", async () => {
    expect(await landed(from([page(1, [1]), page(2, [2]), page(3, [3, 2])]))).to.deep.equal([
      [[1, 2], "02"],
      [[3, 2], "03"],
    ]);
  });

  it("no more than some megabytes are landed at once, and a page larger than that alone", async () => {
    const pages = [1, 2, 3, 4].map((second) => page(second, [second], second === 4 ? 90_000_000 : 3_000_000));
    expect((await landed(from(pages))).map(([ids]) => ids)).to.deep.equal([[1], [2], [3], [4]]);
  });

  it("a failure comes after the pages before it", async () => {
    const seen: number[][] = [];
    let failure: unknown;
    try {
      for await (const { records } of readToLand(from([page(1, [1]), page(2, [2])], new Error("broken")))) {
        seen.push(records.map(({ id }) => id));
        await turn();
      }
    } catch (error) {
      failure = error;
    }
    expect(seen.flat()).to.deep.equal([1, 2]);
    expect(String(failure)).to.equal("Error: broken");
  });

  it("a caller who leaves ends the reading", async () => {
    let ended = false;
    async function* endless(): AsyncGenerator<Page, void> {
      try {
        for (let second = 1; ; second++) yield page(second % 10, [second], 3_000_000);
      } finally {
        ended = true;
      }
    }
    for await (const _page of readToLand(endless())) break;
    for (let turns = 0; turns < 5; turns++) await turn();
    expect(ended).to.equal(true);
  });

  it("waits as the bytes that it lands as, with what landing looks at", async () => {
    for await (const { records } of readToLand(from([page(1, [1])]))) {
      expect(records[0]!.record).to.deep.equal({ org_id: 7 });
      expect(records[0]!.bytes!.toString()).to.equal('{"id":1,"name":"Ada","org_id":7}');
    }
  });
});
