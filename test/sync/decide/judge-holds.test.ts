import { expect } from "chai";
import type { Hold } from "../../../connector/database/history/holds.ts";
import type { StoredRow } from "../../../connector/database/row.ts";
import { mappingMarks, withEnds } from "../../../connector/mapping/check/mapping-marks.ts";
import type {
  CompiledField,
  CompiledStream,
  Direction,
  MappedRecord,
  MappingMarks,
} from "../../../connector/mapping/compiled-mapping.ts";
import { type Json, type JsonObject, NULL, toValue, type Value } from "../../../connector/mapping/value.ts";
import type { ModelName } from "../../../connector/model-name.ts";
import { decideCandidate } from "../../../connector/sync/decide/decide-candidate.ts";
import { decideSend } from "../../../connector/sync/decide/decide-send.ts";
import { type HeldRow, isRowHeld } from "../../../connector/sync/decide/judge-holds.ts";
import { companyEdit } from "../../../connector/sync/decide/planhat-edits.ts";
import type { Candidate } from "../../../connector/sync/decision.ts";

const marks: MappingMarks = { field: () => "then", choice: () => "then", stream: () => "then" };
const changed: MappingMarks = { field: () => "now", choice: () => "now", stream: () => "now" };

const field = (name: string, direction: Direction): CompiledField => ({
  field: name,
  sources: ["x"],
  direction,
  reads: [],
  applies: () => true,
  trace: (record) => [{ step: "source", result: toValue(record["x"] ?? null) }],
  inverse: { key: "x", custom: false, apply: (value) => value },
});
const stream = (name: string, direction: Direction): CompiledStream => ({
  stream: "organizations",
  direction,
  prefer: "pipedrive",
  createInPipedrive: false,
  models: [{ model: "company", applies: () => true, fields: [field(name, direction)] }],
  map: (): MappedRecord => ({ model: "company", fields: [], rejections: [] }),
});
const row = (columns: Record<string, string | null>, custom: JsonObject = {}): StoredRow => ({
  id: "1",
  sourceId: "7",
  companyId: null,
  externalId: null,
  columns,
  custom,
  updatedAt: "2026-02-01T00:00:00Z",
});
const hold = (over: Partial<Hold>): Hold => ({
  id: "9",
  model: "company",
  sourceId: "7",
  field: "city",
  taken: "Wrong",
  restored: "Right",
  mapping: "then",
  runId: null,
  since: "2026-02-01T00:00:00Z",
  ...over,
});

interface Case {
  direction?: Direction;
  /** The mapping's value, and the values of row and base. */
  mapped: Value;
  row: Json;
  base?: Json;
  marks?: MappingMarks;
}

function decide({ direction = "both", mapped, row: holds, base = "Wrong", marks: now = marks }: Case) {
  const candidate: Candidate = {
    recordId: 7,
    sourceId: "7",
    mapped: { model: "company", fields: [{ field: "city", value: mapped }], rejections: [] },
    updateTime: null,
  };
  const rows = new Map([["company" as ModelName, new Map([["7", row({ city: holds as string | null })]])]]);
  const decision = decideCandidate(stream("city", direction), candidate, {
    rows,
    base: { city: base },
    heldRecord: { holds: [hold({})], marks: now },
  });
  return {
    writes: decision.action.write.columns,
    held: [...decision.held],
    ended: decision.endedHolds,
    conflicts: decision.conflicts.length,
    base: decision.base?.["city"],
  };
}

describe("a field that an undo has restored", () => {
  for (const direction of ["both", "receive"] as const) {
    it(`stays while the mapping says what was taken back (${direction})`, () => {
      const left = decide({ direction, mapped: toValue("Wrong"), row: "Right" });
      expect(left).to.deep.equal({ writes: {}, held: ["city"], ended: [], conflicts: 0, base: "Wrong" });
    });
    it(`takes what Pipedrive says then, without a conflict (${direction})`, () => {
      const taken = decide({ direction, mapped: toValue("New"), row: "Right" });
      expect(taken).to.deep.equal({ writes: { city: "New" }, held: [], ended: ["9"], conflicts: 0, base: "New" });
    });
    it(`takes NULL, where Pipedrive cleared it (${direction})`, () => {
      expect(decide({ direction, mapped: NULL, row: "Right" })).to.deep.include({
        writes: { city: null },
        ended: ["9"],
      });
    });
    it(`takes the same value again, once the mapping is another one (${direction})`, () => {
      const taken = decide({ direction, mapped: toValue("Wrong"), row: "Right", marks: changed });
      expect(taken).to.deep.include({ writes: { city: "Wrong" }, ended: ["9"], conflicts: 0 });
    });
  }
  it("is no longer held where Pipedrive says nothing any more, and stays", () => {
    const left = decide({ mapped: toValue(""), row: "Right" });
    expect(left).to.deep.include({ writes: {}, held: [], ended: ["9"], conflicts: 0 });
  });
  it("is Planhat's own once somebody has edited it, and no conflict while Pipedrive has not changed", () => {
    const kept = decide({ mapped: toValue("Wrong"), row: "Mine" });
    expect(kept).to.deep.include({ writes: {}, held: [], ended: ["9"], conflicts: 0, base: "Wrong" });
  });
  it("is a conflict where it was edited and Pipedrive changed it too", () => {
    expect(decide({ mapped: toValue("New"), row: "Mine" })).to.deep.include({ ended: ["9"], conflicts: 1 });
  });
  it("takes Pipedrive's value over an edit where it only receives", () => {
    const taken = decide({ direction: "receive", mapped: toValue("Wrong"), row: "Mine" });
    expect(taken).to.deep.include({ writes: { city: "Wrong" }, ended: ["9"] });
  });

  const send = (city: string, pipedrive: string, now: MappingMarks = marks) =>
    decideSend(stream("city", "both"), {
      record: { x: pipedrive },
      row: row({ city }),
      base: { city: "Wrong" },
      times: { pipedrive: null, planhat: null },
      sent: new Map(),
      mostRounds: 3,
      held: { holds: [hold({})], marks: now },
    }).body;
  it("is not sent to Pipedrive, held or not; an edit of it is", () => {
    expect(send("Right", "Wrong")).to.deep.equal({});
    expect(send("Right", "New")).to.deep.equal({});
    expect(send("Right", "Wrong", changed)).to.deep.equal({});
    expect(send("Mine", "Wrong")).to.deep.equal({ x: "Mine" });
  });

  it("does not take from Planhat what was published before the undo, and takes another edit", () => {
    const taken = new Map([["city", { taken: "Wrong", restored: "Right" }]]);
    const read = (city: string, own = "Right") =>
      companyEdit(
        { company: { city }, row: row({ city: own }), fields: ["city"], winner: "planhat", taken },
        { content: { city: "Right" } },
      ).write?.columns;
    expect(read("Wrong")).to.equal(undefined);
    expect(read("Mine")).to.deep.equal({ city: "Mine" });
    expect(read("Wrong", "Else")).to.deep.equal({ city: "Wrong" });
  });
});

describe("a row that an undo has taken back", () => {
  const candidate = (model: ModelName): Candidate => ({
    recordId: 7,
    sourceId: "7",
    mapped: { model, fields: [], rejections: [] },
    updateTime: null,
  });
  const has = (...models: ModelName[]) =>
    new Map(
      (["license", "sale"] as const).map((model) => [model, new Map(models.includes(model) ? [["7", row({})]] : [])]),
    );
  const removed = hold({ model: "sale", field: null, taken: { record: "abc" }, restored: null });
  const moved = hold({ model: "license", field: null, taken: { model: "sale" }, restored: null });
  const cases: [string, boolean, [Hold, Candidate, HeldRow["rows"], HeldRow["marks"], "deals", string]][] = [
    ["stays away while its record is the same", true, [removed, candidate("sale"), has(), marks, "deals", "abc"]],
    ["comes back when its record changes", false, [removed, candidate("sale"), has(), marks, "deals", "abd"]],
    ["comes back when the mapping changes", false, [removed, candidate("sale"), has(), changed, "deals", "abc"]],
    [
      "is applied where somebody made it again",
      false,
      [removed, candidate("sale"), has("sale"), marks, "deals", "abc"],
    ],
    ["does not move again", true, [moved, candidate("sale"), has("license"), marks, "deals", "abc"]],
    [
      "moves when the choice of the model changes",
      false,
      [moved, candidate("sale"), has("license"), changed, "deals", ""],
    ],
    ["is applied as what it is again", false, [moved, candidate("license"), has("license"), marks, "deals", "abc"]],
    ["comes back where it is gone", false, [moved, candidate("sale"), has(), marks, "deals", "abc"]],
  ];
  for (const [title, expected, [held, of, rows, now, stream, recordMark]] of cases) {
    it(title, () => expect(isRowHeld(held, of, { rows, marks: now, stream, recordMark })).to.equal(expected));
  }
});

describe("the marks of a mapping", () => {
  const deals = (when: Json, source: string): Json => ({
    stream: "deals",
    models: [
      { model: "sale", when, fields: [{ planhat: "name", pipedrive: source }] },
      { model: "license", fields: [{ planhat: "name", pipedrive: "title" }] },
    ],
  });
  const before = mappingMarks({ deals: deals({ field: "x", is: 1 }, "title") });
  it("are another one for the field alone whose entry changed", () => {
    const after = mappingMarks({ deals: deals({ field: "x", is: 1 }, "label") });
    expect(after.field("sale", "name")).not.to.equal(before.field("sale", "name"));
    expect(after.field("license", "name")).to.equal(before.field("license", "name"));
    expect(after.choice("deals")).to.equal(before.choice("deals"));
    expect(after.stream("deals")).not.to.equal(before.stream("deals"));
  });
  it("are another one for the choice alone whose condition changed", () => {
    const after = mappingMarks({ deals: deals({ field: "x", is: 2 }, "title") });
    expect(after.field("sale", "name")).to.equal(before.field("sale", "name"));
    expect(after.choice("deals")).not.to.equal(before.choice("deals"));
  });
  it("know what nothing maps, what the connector sets, and what when_lost writes", () => {
    expect(before.field("license", "toDate")).to.equal(undefined);
    expect(withEnds(before, "when_lost").field("license", "toDate")).to.be.a("string");
    expect(before.field("license", "companyId")).to.equal(before.field("note", "type"));
  });
});
