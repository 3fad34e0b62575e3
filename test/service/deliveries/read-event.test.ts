import { expect } from "chai";
import fc from "fast-check";
import type { Json, JsonObject } from "../../../connector/mapping/value.ts";
import { readEvent } from "../../../connector/service/deliveries/read-event.ts";

const change = (id: number) => ({ stream: "deals", id, deleted: false });
const cases: [string, JsonObject, unknown][] = [
  ["version 2: a change", { entity: "deal", entity_id: "12", action: "change", version: "2.0" }, [change(12)]],
  ["version 2: a create", { entity: "deal", entity_id: "12", action: "create" }, [change(12)]],
  ["version 2: a delete", { entity: "deal", entity_id: "12", action: "delete" }, [{ ...change(12), deleted: true }]],
  [
    "version 2: the loser of a merge, whose winner is to be looked at too",
    { entity: "deal", entity_id: "12", action: "delete", merged_to_id: "13" },
    [{ ...change(12), deleted: true }, change(13)],
  ],
  [
    "version 2: the winner of a merge",
    { entity: "deal", entity_id: "13", action: "change", merged_from_id: "12" },
    [change(13), { ...change(12), deleted: true }],
  ],
  ["version 1: a change", { object: "deal", id: 12, action: "updated", v: 1 }, [change(12)]],
  ["version 1: a delete", { object: "deal", id: 12, action: "deleted", v: 1 }, [{ ...change(12), deleted: true }]],
  [
    "an organization",
    { entity: "organization", entity_id: "1", action: "change" },
    [{ stream: "organizations", id: 1, deleted: false }],
  ],
  ["a record of no stream", { entity: "activity", entity_id: "1", action: "change" }, []],
  ["a user, whose events are shaped otherwise", { entity: "user", entity_id: "1", action: "change", timestamp: 1 }, []],
  ["a name that every object has", { entity: "constructor", entity_id: "1", action: "change" }, []],
  ["an id that is none", { entity: "deal", entity_id: "1 or 2", action: "change" }, undefined],
  ["an id below one", { entity: "deal", entity_id: "0", action: "change" }, undefined],
  ["an id that no number holds", { entity: "deal", entity_id: "9".repeat(30), action: "change" }, undefined],
  ["no action", { entity: "deal", entity_id: "1" }, undefined],
];

describe("what an event says", () => {
  for (const [name, meta, hints] of cases) {
    it(name, () => {
      expect(readEvent({ meta, data: { id: 99, title: "Not looked at" }, previous: null })).to.deep.equal(hints);
    });
  }

  it("is read whatever is nested in the payload, 200,000 levels deep", () => {
    const levels = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
    const payload = (more: string) =>
      JSON.parse(`{"meta":{"entity":"deal","entity_id":"12","action":"change"${more}},"data":${levels}}`) as Json;
    expect(readEvent(payload(""))).to.deep.equal([change(12)]);
    expect(readEvent(payload(`,"merged_to_id":${levels}`))).to.deep.equal([change(12)]);
  });

  it("any JSON is read without a fault, and gives hints of sound ids or none", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (body, meta) => {
        for (const payload of [body, { meta }] as Json[]) {
          for (const { id } of readEvent(payload) ?? []) expect(Number.isSafeInteger(id) && id > 0).to.equal(true);
        }
      }),
    );
  });
});
