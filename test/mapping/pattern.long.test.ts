import { comparePatterns } from "./compare-patterns.ts";

describe("a pattern", () => {
  it("of 200,000 finds what JavaScript's own engine finds", () => comparePatterns(200_000)).timeout(1_800_000);
});
