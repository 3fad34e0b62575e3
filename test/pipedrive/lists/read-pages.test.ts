import { expect } from "chai";
import fc from "fast-check";
import { type Page, readPages, type StreamState } from "../../../connector/pipedrive/lists/read-pages.ts";
import { failureOf } from "../failure-of.ts";
import { instant, ListModel } from "../list-model.ts";
import { base, idsOf, readAll, scripted } from "../scripted-client.ts";

describe("reading a stream", () => {
  describe("page by page", () => {
    it("asks for 500 records in ascending update_time, and for all deals, archived ones too", async () => {
      const model = new ListModel(500);
      await readAll(model.client, "deals");
      expect(model.requests).to.deep.equal(
        ["/api/v2/deals", "/api/v2/deals/archived"].map((path) => ({
          path,
          query: {
            sort_by: "update_time",
            sort_direction: "asc",
            status: "open,won,lost,deleted",
            limit: 500,
            updated_since: undefined,
            cursor: undefined,
          },
        })),
      );
    });

    for (const [count, requests] of [
      [0, 1],
      [1, 1],
      [499, 1],
      [500, 1],
      [501, 2],
      [1500, 3],
    ] as const) {
      it(`costs ${requests} requests for ${count} organizations`, async () => {
        const model = new ListModel(500);
        for (let id = 1; id <= count; id++) model.touch(id, base + id);
        const pages = await readAll(model.client, "organizations");
        expect(idsOf(pages)).to.have.length(count);
        expect(model.requests).to.have.length(requests);
      });
    }

    it("costs at most one request more for notes, whose pages overlap in their last second", async () => {
      for (const count of [0, 1, 500, 501, 999, 1500, 5000]) {
        const model = new ListModel(500);
        for (let id = 1; id <= count; id++) model.touch(id, base + id);
        const pages = await readAll(model.client, "notes");
        expect(idsOf(pages)).to.deep.equal(Array.from({ length: count }, (_, index) => index + 1));
        expect(model.requests.length).to.be.at.most(Math.max(1, Math.ceil(count / 500)) + 1);
      }
    });

    it("fetches one page ahead while the caller works on the last, and no more", async () => {
      const model = new ListModel(2);
      for (let id = 1; id <= 10; id++) model.touch(id, base + id);
      const pages = readPages(model.client, "persons");
      await pages.next();
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(model.requests).to.have.length(2);
      await pages.next();
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(model.requests).to.have.length(3);
      await pages.return();
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(model.requests).to.have.length(3);
    });

    it("gives the pages before an error before the error", async () => {
      const model = new ListModel(2);
      for (let id = 1; id <= 6; id++) model.touch(id, base + id);
      model.onRequest = (number) => {
        if (number === 3) throw new Error("broken");
      };
      const seen: Page[] = [];
      let message = "";
      try {
        for await (const page of readPages(model.client, "persons")) seen.push(page);
      } catch (error) {
        message = (error as Error).message;
      }
      expect(message).to.equal("broken");
      expect(idsOf(seen)).to.deep.equal([1, 2, 3, 4]);
      expect(seen.at(-1)!.state).to.deep.equal({ persons: { update_time: instant(base + 4), unfinished: true } });
    });
  });

  describe("going on", () => {
    it("asks again from a minute before the bookmark, in whole seconds", async () => {
      const model = new ListModel(500);
      const state = { organizations: { update_time: "2026-11-01T10:00:30.250Z" } };
      await readAll(model.client, "organizations", { state });
      expect(model.requests[0]!.query["updated_since"]).to.equal("2026-11-01T09:59:30Z");
    });

    it("keeps a bookmark for each list", async () => {
      const model = new ListModel(500);
      const state = {
        deals: { update_time: "2026-11-01T10:00:00Z" },
        archived: { update_time: "2026-10-01T10:00:00Z" },
      };
      const pages = await readAll(model.client, "deals", { state });
      expect(model.requests.map(({ query }) => query["updated_since"])).to.deep.equal([
        "2026-11-01T09:59:00Z",
        "2026-10-01T09:59:00Z",
      ]);
      expect(pages.at(-1)!.state).to.deep.equal(state);
    });

    it("begins at the start date, and never goes back before it", async () => {
      const model = new ListModel(500);
      await readAll(model.client, "notes", { startDate: "2026-01-01" });
      await readAll(model.client, "notes", {
        startDate: "2026-01-01T00:00:00Z",
        state: { notes: { update_time: "2026-01-01T00:00:10Z" } },
      });
      expect(model.requests.map(({ query }) => query["updated_since"])).to.deep.equal([
        "2026-01-01T00:00:00Z",
        "2026-01-01T00:00:00Z",
      ]);
    });

    it("reads everything when told to, whatever the state", async () => {
      const model = new ListModel(500);
      model.touch(1, base);
      const state = { persons: { update_time: "2030-01-01T00:00:00Z" } };
      const pages = await readAll(model.client, "persons", { state, full: true });
      expect(model.requests[0]!.query["updated_since"]).to.equal(undefined);
      expect(pages.at(-1)!.state).to.deep.equal({ persons: { update_time: instant(base) } });
    });

    it("never moves a bookmark back", async () => {
      const model = new ListModel(500);
      model.touch(1, base - 30);
      const state = { persons: { update_time: instant(base) } };
      const pages = await readAll(model.client, "persons", { state });
      expect(idsOf(pages)).to.deep.equal([1]);
      expect(pages.at(-1)!.state).to.deep.equal(state);
    });

    it("moves the bookmark past records that were rejected, and counts every one", async () => {
      const body = {
        success: true,
        data: [
          { id: 1, update_time: instant(base) },
          { id: 2, update_time: instant(base + 9), is_deleted: "perhaps" },
        ],
      };
      const [page] = await readAll(scripted(body), "organizations");
      expect([page!.records.length, page!.rejected.length]).to.deep.equal([1, 1]);
      expect(page!.state).to.deep.equal({ organizations: { update_time: instant(base + 9) } });
    });

    it("does not trust a page out of order with the bookmark before the end is reached", async () => {
      const times = (...seconds: number[]) =>
        seconds.map((second, index) => ({ id: second * 10 + index, update_time: instant(base + second) }));
      const pages = await readAll(
        scripted(
          { success: true, data: times(1, 2), additional_data: { next_cursor: "a" } },
          { success: true, data: times(3, 900, 4), additional_data: { next_cursor: "b" } },
          { success: true, data: times(5, 6), additional_data: {} },
        ),
        "organizations",
      );
      expect(pages.map(({ state }) => state["organizations"]?.update_time)).to.deep.equal([
        instant(base + 2),
        instant(base + 2),
        instant(base + 6),
      ]);
    });

    describe("where an update_time lies in the future", () => {
      const future = Date.parse("2099-01-01T00:00:00Z") / 1000;
      for (const stream of ["organizations", "notes"] as const) {
        for (const clock of [new Date(base * 1000), undefined]) {
          it(`stops at ${clock === undefined ? "this machine's" : "the answer's own"} clock, in ${stream}`, async () => {
            const model = new ListModel(500);
            model.clock = clock;
            model.touch(1, base - 10);
            model.touch(2, future);
            const before = new Date().toISOString().slice(0, 19);
            const [page] = await readAll(model.client, stream);
            const { update_time: reached } = page!.state[stream]!;
            expect(idsOf([page!])).to.deep.equal([1, 2]);
            expect(page!.ahead).to.deep.equal([{ id: 2, updateTime: "2099-01-01T00:00:00Z" }]);
            if (clock !== undefined) expect(reached).to.equal(instant(base));
            else
              expect([before, reached.slice(0, 19), new Date().toISOString().slice(0, 19)]).to.deep.equal(
                [before, reached.slice(0, 19), new Date().toISOString().slice(0, 19)].sort(),
              );
          });
        }
      }

      it("finds what changes afterwards", async () => {
        const model = new ListModel(500);
        model.clock = new Date(base * 1000);
        model.touch(2, future);
        const state = (await readAll(model.client, "persons")).at(-1)!.state;
        model.clock = new Date((base + 900) * 1000);
        model.touch(1, base + 300);
        const requests = model.requests.length;
        const pages = await readAll(model.client, "persons", { state });
        expect(idsOf(pages)).to.deep.equal([1, 2]);
        expect(model.requests.length - requests, "no request more").to.equal(1);
        expect(pages.at(-1)!.state).to.deep.equal({ persons: { update_time: instant(base + 900) } });
      });

      it("takes a few seconds for clocks that differ, and says nothing", async () => {
        const model = new ListModel(500);
        model.clock = new Date(base * 1000);
        model.touch(1, base + 20);
        const [page] = await readAll(model.client, "persons");
        expect([page!.ahead, page!.state]).to.deep.equal([[], { persons: { update_time: instant(base) } }]);
      });

      it("reads a list from its beginning when the saved place lies there", async () => {
        for (const stream of ["organizations", "notes"] as const) {
          const model = new ListModel(500);
          model.clock = new Date(base * 1000);
          model.touch(1, base - 5000);
          const state = { [stream]: { update_time: "2099-01-01T00:00:00Z" } };
          const pages = await readAll(model.client, stream, { state });
          expect(idsOf(pages)).to.deep.equal([1]);
          expect(pages[0]!.restarted).to.deep.equal([{ list: stream, from: "2099-01-01T00:00:00Z" }]);
          expect(pages.at(-1)!.state).to.deep.equal({ [stream]: { update_time: instant(base - 5000) } });
        }
      });

      it("does not go back before the start date when it reads from the beginning", async () => {
        const model = new ListModel(500);
        model.clock = new Date(base * 1000);
        const state = { persons: { update_time: "2099-01-01T00:00:00Z" } };
        await readAll(model.client, "persons", { state, startDate: "2026-01-01" });
        expect(model.requests.map(({ query }) => query["updated_since"])).to.deep.equal([
          "2098-12-31T23:59:00Z",
          "2026-01-01T00:00:00Z",
        ]);
      });
    });

    it("refuses a state that holds no time", async () => {
      for (const state of [
        { deals: { update_time: "soon" } },
        { deals: null },
        { deals: {} },
      ] as unknown as StreamState[]) {
        const failure = await failureOf(() => readAll(new ListModel(1).client, "deals", { state }));
        expect(failure.kind).to.equal("usage");
        expect(failure.message).to.equal("The saved state of deals has no valid time for the list deals.");
      }
    });
  });

  describe("of a list that changes meanwhile, loses nothing", () => {
    /** A change before a request: a record is changed or created now, or one is deleted. */
    const change = fc.record({ id: fc.integer({ min: 1, max: 30 }), deleted: fc.boolean() });
    const scenario = fc.record({
      pageSize: fc.integer({ min: 2, max: 6 }),
      nullsLast: fc.boolean(),
      /** Seconds of the first records; null means never updated. Few seconds, so that many share one. */
      first: fc.array(fc.option(fc.integer({ min: 0, max: 12 }), { freq: 6 }), { maxLength: 30 }),
      changes: fc.array(fc.array(change, { maxLength: 2 }), { maxLength: 12 }),
      /** The number of pages after which each run is killed, if it is. */
      kills: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }),
    });

    for (const stream of ["organizations", "notes"] as const) {
      it(`in ${stream}, also when runs are killed`, async () => {
        await fc.assert(
          fc.asyncProperty(scenario, async ({ pageSize, nullsLast, first, changes, kills }) => {
            // The place of notes without a time is an assumption: first, as the database behind them sorts.
            const model = new ListModel(pageSize, nullsLast && stream !== "notes");
            first.forEach((second, index) => {
              model.records.push({ id: index + 1, updated: second === null ? null : base + second * 100 });
            });
            let now = base + 5000;
            let next = 0;
            model.onRequest = () => {
              for (const { id, deleted } of changes[next++] ?? []) {
                now += 7;
                if (deleted) model.remove(id);
                else model.touch(id, now);
              }
            };
            const landed = new Map<number, string | null>();
            let state: StreamState = {};
            const run = async (most: number) => {
              let count = 0;
              if (most === 0) return;
              for await (const page of readPages(model.client, stream, { state })) {
                for (const { id, updateTime } of page.records) landed.set(id, updateTime);
                for (const [list, { update_time: time }] of Object.entries(state)) {
                  expect((page.state[list]?.update_time ?? "") >= time, "forward only").to.equal(true);
                }
                state = page.state;
                if (++count >= most) return;
              }
            };
            for (const most of kills) await run(most);
            await run(Number.POSITIVE_INFINITY);
            changes.length = 0;
            await run(Number.POSITIVE_INFINITY);
            for (const { id, updated } of model.records) {
              expect(landed.get(id)).to.equal(updated === null ? null : instant(updated));
            }
          }),
          { numRuns: 400 },
        );
      });
    }

    it("in a second that holds more notes than many pages, while some of them go", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 16 }),
          fc.integer({ min: 2, max: 7 }),
          async (gone, pageSize) => {
            const model = new ListModel(pageSize);
            for (let id = 1; id <= 60; id++) model.touch(id, base);
            const going = [...gone];
            model.onRequest = (number) => {
              if (number % 3 === 0) for (const id of going.splice(0, 4)) model.remove(id);
            };
            const ids = new Set(idsOf(await readAll(model.client, "notes")));
            for (const { id } of model.records) expect(ids.has(id)).to.equal(true);
          },
        ),
        { numRuns: 200 },
      );
    });
  });
});
