import { expect } from "chai";
import fc from "fast-check";
import { cutElements } from "../../../connector/pipedrive/records/json-elements.ts";

describe("cutting the records out of an answer's text", () => {
  it("keeps each record's own characters", () => {
    const text =
      ' {"success": true, "data" : [ {"id":1, "value":1.50} ,\n{"id":2,"t":"a]}\\"{,"},3 , null ,"x" , [] ] , "additional_data":{"data":[9]}} ';
    expect(cutElements(text)).to.deep.equal([
      '{"id":1, "value":1.50}',
      '{"id":2,"t":"a]}\\"{,"}',
      "3",
      "null",
      '"x"',
      "[]",
    ]);
  });

  it("takes one record where there is no list, and nothing where there are none", () => {
    expect(cutElements('{"data":{"id":1,"a":[1]},"success":true}')).to.deep.equal(['{"id":1,"a":[1]}']);
    expect(cutElements('{"success":true,"data":[]}')).to.deep.equal([]);
    expect(cutElements('{"success":true}')).to.deep.equal([]);
    expect(cutElements("{}")).to.deep.equal([]);
  });

  it("finds in any JSON what JSON.parse finds, however it is laid out", () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.jsonValue(), fc.constantFrom(0, 1, 2), (data, other, indent) => {
        const text = JSON.stringify({ before: other, data, after: other }, null, indent);
        expect(cutElements(text).map((element) => JSON.parse(element))).to.deep.equal(JSON.parse(JSON.stringify(data)));
      }),
    );
  });

  it("takes a string of megabytes that is full of quotes and backslashes", () => {
    const content = '\\"]}'.repeat(500_000);
    const text = JSON.stringify({ data: [{ content }, { id: 2 }] });
    expect(cutElements(text).map((element) => element.length)).to.deep.equal([
      JSON.stringify({ content }).length,
      JSON.stringify({ id: 2 }).length,
    ]);
  });
});
