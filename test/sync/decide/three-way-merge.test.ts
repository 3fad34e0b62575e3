import { expect } from "chai";
import type { StoredRow } from "../../../connector/database/row.ts";
import type {
  CompiledStream,
  Direction,
  MappedRecord,
  Preference,
} from "../../../connector/mapping/compiled-mapping.ts";
import { type JsonObject, toValue } from "../../../connector/mapping/value.ts";
import { mergeRow } from "../../../connector/sync/decide/three-way-merge.ts";

const mapped = (city: string | null): MappedRecord => ({
  model: "company",
  fields: [{ field: "city", value: toValue(city) }],
  rejections: [],
});
const stream = (direction: Direction, prefer: Preference = "pipedrive"): CompiledStream => ({
  stream: "organizations",
  direction,
  prefer,
  createInPipedrive: false,
  models: [
    {
      model: "company",
      applies: () => true,
      fields: [{ field: "city", sources: ["city"], direction, reads: [], applies: () => true, trace: () => [] }],
    },
  ],
  map: () => mapped(null),
});
const row = (city: string | null): StoredRow => ({
  id: "1",
  sourceId: "7",
  companyId: null,
  externalId: null,
  columns: { city },
  custom: {},
  updatedAt: "2026-02-01T00:00:00Z",
});
const times = { pipedrive: "2026-01-01T00:00:00Z", planhat: "2026-02-01T00:00:00Z" };
const merge = (of: CompiledStream, pipedrive: string | null, planhat: string | null, base: JsonObject | undefined) =>
  mergeRow(of, mapped(pipedrive), { existing: row(planhat), base, times });

describe("a field of a company that both sides may change", () => {
  it("takes Pipedrive's change when Planhat's is as both last agreed", () => {
    expect(merge(stream("both"), "Riga", "Tallinn", { city: "Tallinn" })).to.deep.include({
      keep: new Set(),
      conflicts: [],
      base: { city: "Riga" },
    });
  });
  it("keeps Planhat's change when Pipedrive's is as both last agreed, and what they agreed on stays", () => {
    expect(merge(stream("both"), "Tallinn", "Riga", { city: "Tallinn" })).to.deep.include({
      keep: new Set(["city"]),
      conflicts: [],
      base: { city: "Tallinn" },
    });
  });
  it("is no conflict when both changed it to the same", () => {
    expect(merge(stream("both"), "Riga", "Riga", { city: "Tallinn" })).to.deep.include({
      conflicts: [],
      base: { city: "Riga" },
    });
  });
  it("is a conflict when both changed it differently, and the preference wins", () => {
    const conflict = { field: "city", base: "Tallinn", pipedrive: "Riga", planhat: "Vilnius" };
    const both = (prefer: Preference) => merge(stream("both", prefer), "Riga", "Vilnius", { city: "Tallinn" });
    expect(both("pipedrive").conflicts).to.deep.equal([{ ...conflict, winner: "pipedrive" }]);
    expect([...both("pipedrive").keep]).to.deep.equal([]);
    expect(both("planhat").conflicts).to.deep.equal([{ ...conflict, winner: "planhat" }]);
    expect([...both("planhat").keep]).to.deep.equal(["city"]);
    expect(both("newest").conflicts).to.deep.equal([{ ...conflict, winner: "planhat" }]);
  });
  it("cleared in Pipedrive is a change like any other", () => {
    expect(merge(stream("both"), null, "Tallinn", { city: "Tallinn" }).base).to.deep.equal({ city: null });
  });
});

describe("a field of a company that only receives", () => {
  it("always takes Pipedrive's value", () => {
    expect(merge(stream("receive", "planhat"), "Riga", "Vilnius", { city: "Tallinn" })).to.deep.include({
      keep: new Set(),
      conflicts: [],
      base: { city: "Riga" },
    });
  });
});
