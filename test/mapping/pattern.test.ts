import { expect } from "chai";
import fc from "fast-check";
import { safePattern } from "../../connector/mapping/pattern.ts";
import { comparePatterns } from "./compare-patterns.ts";

describe("a pattern", () => {
  const patterns = [
    "a*b",
    "^(ab|cd)+$",
    "[a-c]{2,3}",
    "x?y?z",
    "(?:a|b|ab)*c",
    "\\bab\\b",
    "[^a]b.",
    "a{2}|b{1,}",
    "",
    "^$",
    "(a|b)*",
    "[\\d-]a",
    "(a*)*b",
    "(a?){3}b",
  ];
  for (const pattern of patterns) {
    it(`/${pattern}/ finds what a regular expression finds`, () => {
      const safe = safePattern(pattern);
      if ("fault" in safe) throw new Error(safe.fault);
      const usual = new RegExp(pattern, "u");
      fc.assert(
        fc.property(fc.string({ unit: fc.constantFrom(..."abcdxyz1- 🦊"), maxLength: 12 }), (text) => {
          expect(safe.test(text), text).to.equal(usual.test(text));
        }),
      );
    });
  }

  for (const pattern of [
    "(a",
    "a)",
    "[a",
    "*a",
    "a{3,1}",
    "a**",
    "(?<=a)b",
    "\\1",
    "\\",
    "a{1001}",
    "[b-a]",
    "(((((a{99}){99}){99}){99}){99})",
  ]) {
    it(`/${pattern}/ is refused, with what is wrong`, () => {
      expect(safePattern(pattern)).to.have.property("fault").that.matches(/\w/);
    });
  }

  const faults: [pattern: string, fault: string][] = [
    ["(a", "has a `(` without its `)`"],
    ["a)", "has a `)` without its `(`"],
    ["[a", "has a `[` without its `]`"],
    ["*a", "repeats nothing with `*`"],
    ["a**", "repeats a repetition with `**`; put it in a group"],
    ["a{3,1}", "repeats too often, or from more to less, with `{3,1}`; the most is 1000"],
    ["[b-a]", "has no such class or range as `b-a`"],
    ["\\", "ends with a `\\` that nothing follows"],
    ["(a)\\1", "looks back to a group with `\\1`, which patterns here do not"],
    ["\\j", "has no such sign as `\\j`"],
    ["a(?=b)", "looks around with `(?=`, which patterns here do not"],
    ["(?<=a)b", "looks around with `(?<=`, which patterns here do not"],
    ["(?x)a", "cannot be read at `(?x` (invalid or unsupported Perl syntax)"],
  ];
  for (const [pattern, fault] of faults) {
    it(`/${pattern}/ ${fault}`, () => expect(safePattern(pattern)).to.deep.equal({ fault }));
  }

  const found: [pattern: string, text: string, isFound: boolean][] = [
    ["(?i)^ΟΔΟΣ$", "ΟΔΟΣ", true],
    ["(?i)^ΟΔΟΣ$", "οδος", true],
    ["(?i)^İstanbul$", "İstanbul", true],
    ["𠮷\\b", "𠮷", false],
    ["x$", `${"a".repeat(10_000)}b`, false],
    ["b$", `${"a".repeat(20_000)}b`, true],
    ["a\\sb", "a\u00a0b", true],
    ["[\\s-]b", "a\u00a0b", true],
    ["a\\Sb", "a\u00a0b", false],
    ["^[[:alpha:]]+\\s\\d", "abc 1", true],
  ];
  for (const [pattern, text, isFound] of found) {
    it(`/${pattern}/ ${isFound ? "is" : "is not"} in ${JSON.stringify(text.slice(-12))}`, () => {
      const safe = safePattern(pattern);
      expect("fault" in safe ? safe.fault : safe.test(text)).to.equal(isFound);
    });
  }

  it("of any kind finds what JavaScript's own engine finds", () => comparePatterns(3_000)).timeout(60_000);

  it("cannot be made to hang, by nested repetitions or by a long text", () => {
    const safe = safePattern("^(([a-z])+.)+[A-Z]([a-z])+$");
    if ("fault" in safe) throw new Error(safe.fault);
    expect(safe.test("a".repeat(1_000_000))).to.equal(false);
  }).timeout(30_000);
});
