import { expect } from "chai";
import { type NamedThing, WordBinder, type WordDomain } from "../../connector/mapping/word-binder.ts";

const options = (things: NamedThing[]): WordDomain => ({
  of: "options",
  what: "option",
  where: "Tier",
  things,
  newcomers: { beside: true, instead: true },
});
const fields = (things: NamedThing[]): WordDomain => ({
  of: "fields",
  what: "field",
  where: "deals",
  things,
  newcomers: { beside: false, instead: false },
});

/** Returns the meaning of `Gold` among these things, after it meant the given ids, and the ids that it passed to. */
function gold(domain: WordDomain, kept: (number | string)[] = [], agreed = false) {
  const binder = new WordBinder([{ of: domain.of, word: "Gold", ids: kept }], () => agreed);
  const meaning = binder.bind(domain, "Gold", (label) => label === "Gold");
  if (meaning === undefined) return undefined;
  return { ids: [...meaning.ids], passed: meaning.passedTo.map(({ id }) => id), turned: binder.turned().length === 1 };
}

const plain = (ids: string[]) => ({ ids, passed: [], turned: false });

describe("a word of the mapping means", () => {
  it("what bears it, and every one of several", () => {
    expect(gold(options([{ id: 1, label: "Gold" }]))).to.deep.equal(plain(["1"]));
    const two = [
      { id: 1, label: "Gold" },
      { id: 2, label: "Gold" },
    ];
    expect(gold(options(two))).to.deep.equal(plain(["1", "2"]));
  });

  it("nothing, where nothing bears it or ever bore it", () => {
    expect(gold(options([{ id: 1, label: "Silver" }]))).to.equal(undefined);
  });

  it("what bore it last, where nothing does now", () => {
    expect(gold(options([{ id: 1, label: "Au", former: ["Gold"] }]))).to.deep.equal(plain(["1"]));
    expect(gold(options([{ id: 1, label: "Gold", gone: true }]))).to.deep.equal(plain(["1"]));
  });

  it("nothing certain, where several bore it once", () => {
    const once = [
      { id: 1, label: "a", former: ["Gold"] },
      { id: 2, label: "b", former: ["Gold"] },
    ];
    const meaning = new WordBinder().bind(options(once), "Gold", (label) => label === "Gold");
    expect(meaning?.several.map(({ id }) => id)).to.deep.equal([1, 2]);
    // A user who wrote it when it was unambiguous is not asked again.
    expect(gold(options(once), [2])).to.deep.include({ ids: ["2"], passed: [] });
  });

  it("what it meant, though another bears it now, until somebody agrees", () => {
    const exchanged = options([
      { id: 1, label: "Silver", former: ["Gold"] },
      { id: 2, label: "Gold", former: ["Silver"] },
    ]);
    expect(gold(exchanged, [1])).to.deep.equal({ ids: ["1"], passed: [2], turned: true });
    expect(gold(exchanged, [1], true)).to.deep.equal(plain(["2"]));
    // A word that is written today means the thing that has it today.
    expect(gold(exchanged)).to.deep.equal(plain(["2"]));
  });

  it("an option made anew beside the one that was deleted, but none that was something else before", () => {
    const gone = { id: 1, label: "Gold", gone: true };
    expect(gold(options([{ id: 3, label: "Gold" }, gone]), [1])?.ids).to.have.members(["1", "3"]);
    expect(gold(options([{ id: 2, label: "Gold", former: ["Tin"] }, gone]), [1])).to.deep.include({
      ids: ["1"],
      passed: [2],
    });
    // A new option with the former name of a renamed one is another thing.
    const renamed = { id: 1, label: "Au", former: ["Gold"] };
    expect(gold(options([renamed, { id: 3, label: "Gold" }]), [1])).to.deep.include({ ids: ["1"], passed: [3] });
  });

  it("a field made anew only when somebody agrees, because its records are empty", () => {
    const anew = fields([
      { id: "new", label: "Gold" },
      { id: 1, label: "Gold", gone: true },
    ]);
    expect(gold(anew, [1])).to.deep.equal({ ids: ["1"], passed: ["new"], turned: true });
    expect(gold(anew, [1], true)).to.deep.equal(plain(["new"]));
    expect(gold(anew)).to.deep.equal(plain(["new"]));
    // Consent lasts: the field that is gone does not come back in.
    expect(gold(anew, ["new"])).to.deep.equal(plain(["new"]));
  });
});
