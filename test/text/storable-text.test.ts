import { expect } from "chai";
import fc from "fast-check";
import { storableText, unstorable, unstorableJson } from "../../connector/text/storable-text.ts";

describe("text that Postgres cannot store", () => {
  it("is text with a NUL character or half of a surrogate pair", () => {
    expect(unstorable("a\0b")).to.equal("holds a NUL character, which Postgres cannot store");
    expect(unstorable("a\ud83d")).to.equal("holds half of a surrogate pair, which UTF-8 cannot hold");
    expect(unstorable("\ude00a")).to.equal("holds half of a surrogate pair, which UTF-8 cannot hold");
    expect(unstorable("😀 \u0001 \uffff")).to.equal(undefined);
  });

  it("is found in JSON as well, and an escape that is only text is not taken for it", () => {
    const any = fc.string({
      unit: fc.constantFrom("\\", "u0000", "ud800", "\0", "\ud800", "😀", "a", '"'),
      maxLength: 6,
    });
    fc.assert(
      fc.property(any, (text) => {
        const expected = /\0|\p{Surrogate}/u.test(text);
        expect(unstorableJson(JSON.stringify({ [text]: 1 })) !== undefined).to.equal(expected);
        expect(unstorableJson(JSON.stringify([text])) !== undefined).to.equal(expected);
      }),
    );
  });

  it("can be shown with escapes", () => {
    expect(storableText("a\0b\ud800 😀")).to.equal("a\\u0000b\\ud800 😀");
    expect(unstorable(storableText("\0\udfff"))).to.equal(undefined);
  });
});
