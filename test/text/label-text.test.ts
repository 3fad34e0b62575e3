import { expect } from "chai";
import { labelKey, sameLabel, valueByLabel, withUnseen } from "../../connector/text/label-text.ts";
import { didYouMean, nearestWord } from "../../connector/text/nearest-word.ts";

describe("labels are compared as people see them", () => {
  const alike: [what: string, one: string, other: string][] = [
    ["a no-break space", "Deal\u00a0type", "Deal type"],
    ["an ideographic space", "Deal\u3000type", "Deal type"],
    ["two blanks", "Deal  type", "Deal type"],
    ["blanks around it", "\t Deal type ", "Deal type"],
    ["a zero-width space", "Deal\u200b type", "Deal type"],
    ["a byte order mark", "\ufeffDeal type", "Deal type"],
    ["a soft hyphen", "Ge\u00adbiet", "Gebiet"],
    ["a decomposed letter", "Cafe\u0301", "Caf\u00e9"],
    ["a mark of direction", "Deal type\u200e", "Deal type"],
    ["an emoji's variation", "\u2b50\ufe0f Gold", "\u2b50 Gold"],
  ];
  for (const [what, one, other] of alike) {
    it(`${what} makes no difference`, () => expect(sameLabel(one, other)).to.equal(true));
  }

  it("capitals, accents and other letters do, and a label of nothing visible is only itself", () => {
    expect(sameLabel("Deal type", "Deal Type")).to.equal(false);
    expect(sameLabel("Cafe", "Caf\u00e9")).to.equal(false);
    expect(sameLabel("\u200b", "\u200c")).to.equal(false);
    expect(labelKey("\u200b")).to.equal("\u200b");
  });

  it("what cannot be seen is spelled out, and nothing else", () => {
    expect(withUnseen("Deal\u00a0type")).to.equal("Deal[U+00A0]type");
    expect(withUnseen(" Deal type ")).to.equal("[U+0020]Deal type[U+0020]");
    expect(withUnseen("Cafe\u0301")).to.equal("Cafe[U+0301]");
    expect(withUnseen("Caf\u00e9 न\u093f")).to.equal("Caf\u00e9 न\u093f");
  });

  it("a value is found under its very name first, else under one that looks the same", () => {
    expect(valueByLabel({ "Tier ": 1, Tier: 2 }, "Tier")).to.equal(2);
    expect(valueByLabel({ "Tier ": 1 }, "Tier")).to.equal(1);
    expect(valueByLabel({ Tiers: 1 }, "Tier")).to.equal(undefined);
  });

  it("a hint never repeats a word that looks like what was typed", () => {
    expect(nearestWord("na\u200bme", ["name", "city"])).to.equal("name");
    expect(didYouMean("na\u200bme", "name")).to.equal("Did you mean `name`? It is written `na[U+200B]me` here.");
    expect(didYouMean("nmae", "name")).to.equal("Did you mean `name`?");
  });
});
