import { expect } from "chai";
import fc from "fast-check";
import { cutFields } from "../../../connector/pipedrive/records/cut-fields.ts";

describe("a record with some of its fields left out", () => {
  const cut = (text: string, ...fields: string[]) => cutFields(Buffer.from(text), new Set(fields)).toString();

  it("keeps the others as they were written", () => {
    expect(
      cut('{"id":1,"value":7.50,"title":"ä \\u00e4","gone":[{"}":1}],"org_id":null}', "id", "value", "org_id"),
    ).to.equal('{"id":1,"value":7.50,"org_id":null}');
    expect(cut('{ "gone" : {"a":1} , "id" : 1 }', "id")).to.equal('{"id" : 1}');
    expect(cut('{"i\\u0064":1,"\\u0069":2}', "id")).to.equal('{"i\\u0064":1}');
    expect(cut('{"a":1}', "b")).to.equal("{}");
    expect(cut("{}", "b")).to.equal("{}");
  });

  it("says what the parsed record says, whatever it holds", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ maxLength: 3 }), fc.jsonValue({ maxDepth: 2 })),
        fc.func(fc.boolean()),
        fc.constantFrom(undefined, 2),
        (made, isKept, indent) => {
          const text = JSON.stringify(made, undefined, indent);
          const record = JSON.parse(text) as object;
          const kept = Object.entries(record).filter(([key]) => isKept(key));
          const cutText = cut(text, ...kept.map(([key]) => key));
          expect(JSON.parse(cutText)).to.deep.equal(JSON.parse(JSON.stringify(Object.fromEntries(kept))));
        },
      ),
    );
  });
});
