import { expect } from "chai";
import fc from "fast-check";
import type { StoredRow } from "../../../connector/database/row.ts";
import type { CompiledField, CompiledStream, Direction } from "../../../connector/mapping/compiled-mapping.ts";
import { type Json, type JsonObject, toValue } from "../../../connector/mapping/value.ts";
import { decideSend, type LinkedCompany } from "../../../connector/sync/decide/decide-send.ts";
import { sameMeaning } from "../../../connector/sync/decide/same-meaning.ts";

/** Returns a field `custom.<key>` with the same key in Pipedrive. */
function field(key: string, direction: Direction, part?: string): CompiledField {
  const read = (record: JsonObject): Json | undefined =>
    part === undefined ? record[key] : (record[key] as JsonObject | null | undefined)?.[part];
  return {
    field: `custom.${part ?? key}`,
    sources: [key],
    direction,
    reads: [],
    applies: () => true,
    trace: (record) => [{ step: "source", result: toValue(read(record)) }],
    ...(direction === "both" || direction === "send"
      ? { inverse: { key, custom: false, ...(part === undefined ? {} : { part }), apply: (value) => value } }
      : {}),
  };
}

const stream = (fields: CompiledField[], prefer: CompiledStream["prefer"] = "pipedrive"): CompiledStream => ({
  stream: "organizations",
  direction: "both",
  prefer,
  createInPipedrive: false,
  models: [{ model: "company", applies: () => true, fields }],
  map: () => ({ model: "company", fields: [], rejections: [] }),
});

const company = (record: JsonObject, custom: JsonObject, base: JsonObject | undefined): LinkedCompany => {
  const row: StoredRow = {
    id: "1",
    sourceId: "7",
    companyId: null,
    externalId: null,
    columns: {},
    custom,
    updatedAt: "2026-02-01T00:00:00Z",
  };
  const times = { pipedrive: "2026-01-01T00:00:00Z", planhat: row.updatedAt };
  return { record, row, base, times, sent: new Map(), mostRounds: 3 };
};

describe("what of a company goes to Pipedrive", () => {
  const city = field("address", "both", "locality");

  it("a part of an address makes the whole go, the others as Pipedrive has them", () => {
    const address = { value: "Riga 1", locality: "Riga", country: null, formatted_address: "Riga 1, Riga" };
    const decide = (locality: Json) =>
      decideSend(stream([city]), company({ address }, { locality }, { "custom.locality": "Riga" })).body;
    expect(decide("Tallinn")).to.deep.equal({ address: { value: "Riga 1", locality: "Tallinn" } });
    expect(decide(null)).to.deep.equal({ address: { value: "Riga 1" } });
  });

  it("a value that only looks different stays where it is", () => {
    const same: [Json, Json][] = [
      ["1", 1],
      ["1.50", 1.5],
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
      [
        ["Gold", "Silver"],
        ["Silver", "Gold"],
      ],
      ["", null],
      ["2026-01-31", "2026-01-31T00:00:00Z"],
    ];
    for (const [one, other] of same) {
      const { fields } = decideSend(stream([field("x", "both")]), company({ x: one }, { x: other }, {}));
      expect(fields, JSON.stringify([one, other])).to.deep.equal([]);
    }
    expect(sameMeaning("0123", "123")).to.equal(false);
    expect(sameMeaning("Acme  Inc", "Acme Inc")).to.equal(false);
  });

  it("a value that is gone on both sides is agreed on as gone, so that it may come back from Pipedrive", () => {
    const both = stream([field("x", "both")]);
    const { base, fields } = decideSend(both, company({ x: "" }, { x: null }, { "custom.x": "old" }));
    expect(fields).to.deep.equal([]);
    expect(base).to.deep.equal({ "custom.x": null });
    expect(decideSend(both, company({ x: "old" }, { x: null }, base)).fields).to.deep.equal([]);
  });

  it("a value that was sent three times and changed back each time rests, with the reason, until it changes", () => {
    const linked = company({ x: "back" }, { x: "mine" }, { "custom.x": "back" });
    const sent = (value: string, refused: string | null = null) =>
      new Map([["custom.x", { value, rounds: 3, refused }]]);
    const rests = decideSend(stream([field("x", "both")]), { ...linked, sent: sent("mine") });
    expect(rests.body).to.deep.equal({});
    expect(rests.rejections[0]!.reason).to.match(
      /^it was sent 3 times, and each time Pipedrive changed it back, now to "back"/,
    );
    const refused = decideSend(stream([field("x", "both")]), { ...linked, sent: sent("mine", "No such option.") });
    expect([refused.body, refused.rejections[0]!.reason]).to.deep.equal([
      {},
      "it was sent 3 times, and Pipedrive does not take it: No such option. It is not sent again until somebody changes it in Planhat, or asks for it with `rejections retry`",
    ]);
    const goes = decideSend(stream([field("x", "both")]), { ...linked, sent: sent("other") });
    expect(goes.fields).to.have.length(1);
    expect(goes.fields[0]).to.include({ field: "custom.x", from: "back", to: "mine", rounds: 1, refusedBefore: false });
  });

  it("two fields never send different values to one place", () => {
    const twice = [field("x", "both"), { ...field("x", "send"), field: "custom.y" }];
    const { body, rejections } = decideSend(
      stream(twice),
      company({ x: "a" }, { x: "b", y: "c" }, { "custom.x": "a" }),
    );
    expect(body).to.deep.equal({ x: "b" });
    expect(rejections.map((one) => one.field)).to.deep.equal(["custom.y"]);
  });

  it("any edits on both sides: only what may be sent is, all of it was changed, and then there is nothing more", () => {
    const value = fc.constantFrom<Json>("a", "b", "1", 1, null, "", ["x", "y"], ["y", "x"]);
    const one = fc.record({
      direction: fc.constantFrom<Direction>("both", "send", "receive", "none"),
      pipedrive: value,
      planhat: value,
      agreed: fc.option(value, { nil: undefined }),
    });
    fc.assert(
      fc.property(
        fc.array(one, { minLength: 1, maxLength: 5 }),
        fc.constantFrom("pipedrive" as const, "planhat" as const, "newest" as const),
        (all, prefer) => {
          const fields = all.map(({ direction }, index) => field(`f${index}`, direction));
          const of = (read: (one: (typeof all)[number]) => Json | undefined, prefix = "") =>
            Object.fromEntries(
              all.flatMap((each, index) => (read(each) === undefined ? [] : [[`${prefix}f${index}`, read(each)!]])),
            );
          const record = { ...of((each) => each.pipedrive), unmapped: "stays" };
          const custom = of((each) => each.planhat);
          const base = of((each) => each.agreed, "custom.");
          const decision = decideSend(stream(fields, prefer), company(record, custom, base));
          for (const [index, each] of all.entries()) {
            const key = `f${index}`;
            const isSent = Object.hasOwn(decision.body, key);
            const sends = each.direction === "both" || each.direction === "send";
            const planhatChanged = !sameMeaning(each.planhat, each.agreed);
            const pipedriveChanged = !sameMeaning(each.pipedrive, each.agreed) && each.pipedrive !== "";
            const differs = !sameMeaning(each.planhat, each.pipedrive);
            const wins = !pipedriveChanged || each.direction === "send" || prefer !== "pipedrive";
            expect(isSent, key).to.equal(sends && differs && planhatChanged && wins);
          }
          expect(decision.body).not.to.have.property("unmapped");
          const after = decideSend(stream(fields, prefer), company({ ...record, ...decision.body }, custom, base));
          expect(after.body).to.deep.equal({});
        },
      ),
    );
  });
});
