import { expect } from "chai";
import fc from "fast-check";
import { savedStates } from "../../connector/protocol/saved-states.ts";
import { SingerBookmarks } from "../../connector/protocol/singer-bookmarks.ts";
import { type StreamPosition, streamPositionOf, streamStateOf } from "../../connector/protocol/stream-position.ts";
import { caughtFailure } from "../caught-failure.ts";

const time = fc
  .date({ min: new Date("2000-01-01"), max: new Date("2999-12-31"), noInvalidDate: true })
  .map((date) => `${date.toISOString().slice(0, 19)}Z`);
const bookmark = fc.oneof(
  fc.record({ update_time: time }),
  fc.record({ update_time: time, unfinished: fc.constant(true as const) }),
);

describe("the position of a stream", () => {
  it("is the same after it was printed and given back", () =>
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom("deals", "archived"), bookmark),
        fc.option(fc.record({ sync_id: fc.option(fc.nat()), complete: fc.boolean() }), { nil: undefined }),
        (lists, fullRefresh) => {
          const position: StreamPosition = fullRefresh === undefined ? { lists } : { lists, fullRefresh };
          const text = JSON.stringify([
            {
              type: "STREAM",
              stream: { stream_descriptor: { name: "deals" }, stream_state: streamStateOf("deals", position) },
            },
          ]);
          const given = savedStates(JSON.parse(text)).get("deals")!;
          expect(streamPositionOf("deals", given)).to.deep.equal(JSON.parse(JSON.stringify(position)));
        },
      ),
    ));

  it("names every list, so that its form is always the same", () => {
    expect(streamStateOf("deals", { lists: {} })).to.deep.equal({
      deals: { update_time: null },
      archived: { update_time: null },
    });
  });

  it("of a source that keeps none is none", () => {
    for (const state of [{}, { __ab_no_cursor_state_message: true }, { __ab_full_refresh_sync_complete: true }]) {
      expect(streamPositionOf("notes", state)).to.deep.equal({ lists: {} });
    }
  });

  it("that is none is refused with what was found and what is expected", async () => {
    const { kind, message, hint } = await caughtFailure(() => streamPositionOf("notes", { notes: "2026-01-01" }));
    expect(kind).to.equal("usage");
    expect(message).to.equal(
      'The state of notes has no valid time in notes: "2026-01-01" was found, {"update_time": "2026-01-31T10:00:00Z"} is expected.',
    );
    expect(hint).to.equal("Give back the stream_state that the last read printed, or leave it out to read everything.");
  });
});

describe("Singer bookmarks", () => {
  it("give the earliest time of a stream's lists, and none while one has not been read", () => {
    const bookmarks = new SingerBookmarks({});
    bookmarks.move("deals", { deals: { update_time: "2026-02-01T00:00:00Z" } });
    expect(bookmarks.value("deals")["bookmarks"]).to.deep.equal({
      deals: { lists: { deals: { update_time: "2026-02-01T00:00:00Z" }, archived: { update_time: null } } },
    });
    bookmarks.move("deals", {
      deals: { update_time: "2026-02-01T00:00:00Z" },
      archived: { update_time: "2026-01-01T00:00:00Z" },
    });
    expect(bookmarks.value(null)["bookmarks"]).to.have.nested.property("deals.update_time", "2026-01-01T00:00:00Z");
    expect(new SingerBookmarks(bookmarks.value(null)).value(null)).to.deep.equal(bookmarks.value(null));
  });

  it("that cannot be read are refused", async () => {
    for (const state of [
      [],
      5,
      { bookmark: {} },
      { bookmarks: 1 },
      { bookmarks: { deals: { update_time: "soon" } } },
    ]) {
      expect((await caughtFailure(() => new SingerBookmarks(state))).kind).to.equal("usage");
    }
  });
});
