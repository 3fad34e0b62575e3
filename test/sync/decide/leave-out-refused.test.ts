import { expect } from "chai";
import fc from "fast-check";
import type { JsonObject } from "../../../connector/mapping/value.ts";
import { leaveOutRefused, type UpsertResult } from "../../../connector/sync/decide/leave-out-refused.ts";

/** Returns a Planhat that stores objects by their source id and refuses any with one of the `bad` fields. */
function tenant(bad: ReadonlySet<string>, tell: (field: string) => string) {
  const kept = new Map<string, JsonObject>();
  let calls = 0;
  const send = async (objects: readonly JsonObject[]): Promise<UpsertResult[]> => {
    calls++;
    return objects.map((object) => {
      const { _id: _unused, custom, ...rest } = object;
      const fields = [...Object.keys(rest), ...Object.keys((custom ?? {}) as JsonObject).map((one) => `custom.${one}`)];
      const fault = fields.find((field) => bad.has(field));
      if (fault !== undefined) return { refused: tell(fault) };
      const key = String(object["sourceId"]);
      const before = kept.get(key);
      const merged = { ...((before?.["custom"] ?? {}) as JsonObject), ...((custom ?? {}) as JsonObject) };
      kept.set(key, { ...before, ...rest, custom: merged });
      return { id: `id-${key}`, created: before === undefined };
    });
  };
  return { kept, send, calls: () => calls };
}

const object = (sourceId: string) => ({
  sourceId,
  name: "Acme",
  web: "https://acme.test",
  city: "Kiel",
  custom: { Tier: "Gold", Staff: "many", "Seats (paid)": 5 },
});
const named = (field: string) => `Planhat refused it: Cast to number failed for value "many" at path "${field}"`;

describe("fields that Planhat refuses are left out, and the rest of the object goes", () => {
  it("where the refusal names them, with one more upsert for all objects", async () => {
    const { kept, send, calls } = tenant(new Set(["custom.Staff"]), named);
    const refused = ["1", "2"].map((id) => ({ object: object(id), reason: named("custom.Staff") }));
    const results = await leaveOutRefused("company", refused, send);
    expect(results).to.deep.equal(
      ["1", "2"].map((id) => ({
        id: `id-${id}`,
        created: true,
        leftOut: [{ field: "custom.Staff", reason: named("custom.Staff") }],
      })),
    );
    expect(calls()).to.equal(1);
    expect(kept.get("1")).to.deep.equal({ ...object("1"), custom: { Tier: "Gold", "Seats (paid)": 5 } });
  });

  it("a required one is not left out: the object stays refused, with the first reason", async () => {
    const { send } = tenant(new Set(["name"]), () => "no");
    const results = await leaveOutRefused("company", [{ object: object("1"), reason: "name is required" }], send);
    expect(results).to.deep.equal([{ refused: "name is required" }]);
  });

  it("whichever they are and whether or not they are named, exactly they", () =>
    fc.assert(
      fc.asyncProperty(
        fc.subarray(["web", "city", "custom.Tier", "custom.Staff", "custom.Seats (paid)"]),
        fc.boolean(),
        async (bad, isNamed) => {
          const tell = isNamed ? named : () => "Invalid value";
          const { kept, send, calls } = tenant(new Set(bad), tell);
          const reason = bad[0] === undefined ? "Try again" : tell(bad[0]);
          const [result] = await leaveOutRefused("company", [{ object: object("1"), reason }], send);
          expect((result as { leftOut: { field: string }[] }).leftOut.map(({ field }) => field).sort()).to.deep.equal(
            [...bad].sort(),
          );
          const fields = Object.entries(kept.get("1")!).flatMap(([name, value]) =>
            name === "custom" ? Object.keys(value as JsonObject).map((one) => `custom.${one}`) : [name],
          );
          const all = ["sourceId", "name", "web", "city", "custom.Tier", "custom.Staff", "custom.Seats (paid)"];
          expect(fields.sort()).to.deep.equal(all.filter((field) => !bad.includes(field)).sort());
          expect(calls()).to.be.lessThan(16);
        },
      ),
    ));
});
