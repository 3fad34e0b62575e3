import { expect } from "chai";
import type { JsonObject } from "../../../connector/mapping/value.ts";
import type { Client } from "../../../connector/pipedrive/client/client.ts";
import { failureOf } from "../failure-of.ts";
import { instant, ListModel } from "../list-model.ts";
import { base, idsOf, readAll, scripted } from "../scripted-client.ts";

describe("a list that does not get on", () => {
  it("stops at a cursor that comes back", async () => {
    const body = { success: true, data: [{ id: 1 }], additional_data: { next_cursor: "same" } };
    const failure = await failureOf(() => readAll(scripted(body), "persons"));
    expect(failure.kind).to.equal("run");
    expect(failure.message).to.equal("The list of persons (/api/v2/persons) does not end: the same cursor came twice.");
  });

  /** Returns a client that gives every page of `pages` under a cursor of its own, and the last one for ever. */
  function endless(...pages: JsonObject[][]): Client & { asked: JsonObject[] } {
    const bodies = [...pages, ...Array.from({ length: 40 }, () => pages.at(-1)!)].map((data, index) => ({
      success: true,
      data,
      additional_data: { next_cursor: `cursor ${index}` },
    }));
    return scripted(...bodies);
  }
  const persons = (...seconds: number[]) =>
    seconds.map((second, index) => ({ id: index + 1, update_time: instant(base + second) }));
  const nothingNew =
    "The list of persons (/api/v2/persons) does not end: 3 pages in a row brought no record that is new.";

  it("stops after three pages that bring nothing new under ever new cursors", async () => {
    const client = endless(persons(1, 2));
    const failure = await failureOf(() => readAll(client, "persons"));
    expect([failure.kind, failure.message]).to.deep.equal(["run", nothingNew]);
    expect(client.asked).to.have.length.at.most(5);
  });

  it("stops after three empty pages under ever new cursors", async () => {
    const client = endless(persons(1, 2), []);
    const failure = await failureOf(() => readAll(client, "persons"));
    expect(failure.message).to.equal(nothingNew);
    expect(client.asked).to.have.length.at.most(5);
  });

  it("stops after three pages of records without a usable id", async () => {
    const client = endless([{ name: "nobody" }]);
    expect((await failureOf(() => readAll(client, "persons"))).message).to.equal(nothingNew);
  });

  it("goes on after two empty pages, as long as new records come then", async () => {
    const last = { success: true, data: [{ id: 9, update_time: instant(base + 9) }], additional_data: {} };
    const page = (cursor: string, data: JsonObject[]) => ({
      success: true,
      data,
      additional_data: { next_cursor: cursor },
    });
    const pages = await readAll(scripted(page("a", persons(1, 2)), page("b", []), page("c", []), last), "persons");
    expect(idsOf(pages)).to.deep.equal([1, 2, 9]);
  });

  it("goes on while records that were read change, and not for ever", async () => {
    const changing = (count: number) =>
      Array.from({ length: count }, (_, index) => persons(10 * index, 10 * index + 1));
    const ended = scripted(
      ...changing(10).map((data, index) => ({
        success: true,
        data,
        additional_data: index === 9 ? {} : { next_cursor: `cursor ${index}` },
      })),
    );
    expect(idsOf(await readAll(ended, "persons"))).to.have.length(20);
    const failure = await failureOf(() => readAll(endless(...changing(30)), "persons"));
    expect(failure.message).to.contain("it changes faster than it can be read");
  });

  it("stops after three pages of notes that bring nothing new, whatever the offset", async () => {
    const data = Array.from({ length: 4 }, (_, index) => ({ id: index + 1, update_time: instant(base + index) }));
    const body = { success: true, data, additional_data: { pagination: { more_items_in_collection: true } } };
    const client = scripted(body);
    const failure = await failureOf(() => readAll(client, "notes"));
    expect(failure.message).to.contain("3 pages in a row brought no record that is new");
    expect(client.asked).to.have.length.at.most(5);
  });

  it("does not take a v1 answer for the last page of v2", async () => {
    const body = {
      success: true,
      data: [{ id: 1 }],
      additional_data: { pagination: { more_items_in_collection: true } },
    };
    const failure = await failureOf(() => readAll(scripted(body), "persons"));
    expect(failure.message).to.contain("there is more, but no cursor");
  });

  it("stops when notes bring nothing new", async () => {
    const more = { pagination: { more_items_in_collection: true } };
    for (const data of [[], [{ id: 1, update_time: null }]]) {
      const failure = await failureOf(() => readAll(scripted({ success: true, data, additional_data: more }), "notes"));
      expect(failure.message).to.contain("there is more, but a page brought nothing new");
    }
  });

  it("stops when a second of notes changes faster than it can be read", async () => {
    let id = 0;
    const model = new ListModel(2);
    for (let note = 1; note <= 9; note++) model.touch(note + 1000, base);
    model.onRequest = () => {
      model.remove(model.records[0]!.id);
      model.touch(++id, base);
      model.touch(id + 5000, base);
    };
    const failure = await failureOf(() => readAll(model.client, "notes"));
    expect(failure.message).to.contain("changes faster than it can be read");
  });
});
