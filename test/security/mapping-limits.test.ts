import { expect } from "chai";
import { safePattern } from "../../connector/mapping/pattern.ts";
import { makeWorkplace, runBin, type Workplace } from "../run-bin.ts";

describe("a pattern that makes other engines hang", () => {
  const long = `${"a".repeat(9_990)}!`;
  for (const pattern of ["(a+)+$", "(a|aa)+$", "(a*)*b", "^([a-zA-Z]+)*$", "(.*a){20}$", "a?a?a?a?a?a?a?a?a?a?b"]) {
    it(`answers at once: ${pattern}`, () => {
      const compiled = safePattern(pattern);
      if ("fault" in compiled) throw new Error(compiled.fault);
      const started = performance.now();
      expect(compiled.test(long)).to.equal(false);
      expect(performance.now() - started).to.be.below(5_000);
    });
  }

  it("is refused where it would grow too large", () => {
    const started = performance.now();
    expect(safePattern("((((a{1000}){1000}){1000}){1000})")).to.have.property("fault");
    expect(performance.now() - started).to.be.below(2_000);
  });
});

describe("a mapping file", function () {
  this.timeout(120_000);
  let place: Workplace;
  beforeEach(() => {
    place = makeWorkplace();
    place.write("config.yaml", "company_url: http://127.0.0.1:1\napi_token: a-token-for-tests\nmappings: .\n");
  });
  afterEach(() => place.remove());

  const refusal = async (mapping: string) => {
    place.write("organizations.yaml", mapping);
    const started = Date.now();
    const { status, stdout, stderr } = await runBin(place.folder, ["mapping", "check"]);
    expect(status, stdout + stderr).to.equal(2);
    expect(Date.now() - started).to.be.below(30_000);
    return stdout + stderr;
  };

  it("that is nested without end is refused", async () => {
    expect(await refusal(`stream: organizations\nfields: ${"[".repeat(100_000)}`)).to.contain(
      "The file is nested deeper than any mapping.",
    );
  });

  it("that is huge is refused", async () => {
    expect(await refusal(`# ${"x".repeat(1_000_001)}`)).to.contain("has more than 1 MB.");
  });

  it("that is something else altogether is refused in a hundred faults at most", async () => {
    expect((await refusal("}\n".repeat(20_000))).split(/: error: /).length).to.be.below(103);
  });
});
