import { expect } from "chai";
import type { StoredRow } from "../../../connector/database/row.ts";
import type { Json, JsonObject } from "../../../connector/mapping/value.ts";
import { adoptedEdit, companyEdit } from "../../../connector/sync/decide/planhat-edits.ts";

const rowWith = (columns: Record<string, string | null>, custom: JsonObject = {}): StoredRow => ({
  id: "1",
  sourceId: "7",
  companyId: null,
  externalId: null,
  columns,
  custom,
  updatedAt: "2026-01-01T00:00:00Z",
});

const edit = (
  now: JsonObject,
  given: JsonObject,
  row: StoredRow,
  { field = "web", winner = "pipedrive" }: { field?: string; winner?: "pipedrive" | "planhat" } = {},
) => companyEdit({ company: now, row, fields: [field], winner }, { content: given });

describe("a company that is read back from Planhat", () => {
  const same: [string, Json | undefined, Json | undefined][] = [
    ["the same text", "a", "a"],
    ["blanks that Planhat trims", "a  b", " a b "],
    ["a number as text", 5, "5.0"],
    ["null and absent", null, undefined],
    ["an empty text and null", "", null],
    ["a day and its first instant", "2026-01-01", "2026-01-01T00:00:00.000Z"],
    ["a reference and its object", "u1", { _id: "u1", nickName: "Ivo" }],
  ];
  for (const [name, given, now] of same) {
    it(`did not change: ${name}`, () => {
      const custom = (value: Json | undefined): JsonObject => (value === undefined ? {} : { X: value });
      const found = edit({ custom: custom(now) }, { custom: custom(given) }, rowWith({}, custom(given)), {
        field: "custom.X",
      });
      expect(found).to.deep.equal({ write: undefined, content: undefined, conflicts: [] });
    });
  }

  it("changed there alone: the row takes it", () => {
    expect(edit({ web: "new" }, { web: "old", city: "Bonn" }, rowWith({ web: "old" }))).to.deep.equal({
      write: { sourceId: "7", columns: { web: "new" } },
      content: { web: "new", city: "Bonn" },
      conflicts: [],
    });
  });

  it("was cleared there: the row's field becomes NULL", () => {
    expect(edit({}, { web: "old" }, rowWith({ web: "old" })).write).to.deep.equal({
      sourceId: "7",
      columns: { web: null },
    });
  });

  it("was cleared there where Planhat itself requires a value: nothing happens", () => {
    expect(edit({ name: "" }, { name: "Acme" }, rowWith({ name: "Acme" }), { field: "name" }).write).to.equal(
      undefined,
    );
  });

  it("changed on both sides: the winner's value stays, and the conflict is told", () => {
    const row = rowWith({ web: "ours" });
    const lost = edit({ web: "theirs" }, { web: "old" }, row);
    expect(lost.write).to.equal(undefined);
    expect(lost.conflicts).to.deep.equal([
      { field: "web", base: "old", pipedrive: "ours", planhat: "theirs", winner: "pipedrive" },
    ]);
    expect(lost.content, "so that the row's value is sent again").to.deep.equal({ web: "theirs" });
    const won = edit({ web: "theirs" }, { web: "old" }, row, { winner: "planhat" });
    expect(won.write?.columns).to.deep.equal({ web: "theirs" });
  });

  it("changed alike on both sides: no conflict, and nothing is written", () => {
    const found = edit({ web: "new" }, { web: "old" }, rowWith({ web: "new" }));
    expect(found).to.deep.equal({ write: undefined, content: { web: "new" }, conflicts: [] });
  });
});

describe("a company that Planhat had before it was published first", () => {
  const adopt = (there: Json, row: string | null, agreed: JsonObject | undefined, winner: "pipedrive" | "planhat") =>
    adoptedEdit({ company: { web: there }, row: rowWith({ web: row }), fields: ["web"], winner }, agreed);

  it("gives the row what Pipedrive says nothing of, whoever is preferred", () => {
    for (const winner of ["pipedrive", "planhat"] as const) {
      const { write, conflicts } = adopt("theirs", null, {}, winner);
      expect([write?.columns, conflicts]).to.deep.equal([{ web: "theirs" }, []]);
    }
  });

  it("is a conflict where Pipedrive says something else, null too, and the preferred side wins", () => {
    for (const [own, agreed] of [
      ["ours", { web: "ours" }],
      [null, { web: null }],
    ] as const) {
      const conflict = { field: "web", base: null, pipedrive: own, planhat: "theirs" };
      const lost = adopt("theirs", own, agreed, "pipedrive");
      expect([lost.write, lost.conflicts]).to.deep.equal([undefined, [{ ...conflict, winner: "pipedrive" }]]);
      const won = adopt("theirs", own, agreed, "planhat");
      expect([won.write?.columns, won.conflicts]).to.deep.equal([
        { web: "theirs" },
        [{ ...conflict, winner: "planhat" }],
      ]);
    }
  });

  it("changes nothing where it holds nothing, or the same", () => {
    expect(adopt(null, "ours", { web: "ours" }, "planhat").write).to.equal(undefined);
    expect(adopt("ours ", "ours", { web: "ours" }, "planhat")).to.deep.include({ write: undefined, conflicts: [] });
  });
});
