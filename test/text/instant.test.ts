import { expect } from "chai";
import { formatInstant, instantAgo } from "../../connector/text/instant.ts";

describe("an instant in text", () => {
  const at = "2026-11-30T09:14:05.120Z";
  const ago = (seconds: number) => instantAgo(at, Date.parse(at) + seconds * 1000).slice(formatInstant(at).length);

  it("is to the second, and says how long ago it was", () => {
    expect(formatInstant(at)).to.equal("2026-11-30 09:14:05Z");
    expect([0, 59, 60, 3599, 3600, 47 * 3600, 49 * 3600, 400 * 86400].map(ago)).to.deep.equal([
      " (just now)",
      " (just now)",
      " (1 min ago)",
      " (59 min ago)",
      " (1 h ago)",
      " (47 h ago)",
      " (2 days ago)",
      " (400 days ago)",
    ]);
  });

  it("says of one that is to come how long it takes", () => {
    expect([-5, -600].map(ago)).to.deep.equal([" (just now)", " (in 10 min)"]);
  });
});
