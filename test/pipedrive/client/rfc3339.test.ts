import { expect } from "chai";
import fc from "fast-check";
import { toRfc3339 } from "../../../connector/pipedrive/client/rfc3339.ts";

describe("Pipedrive's times", () => {
  const cases: [string, string | undefined][] = [
    ["2026-01-31T10:00:00Z", "2026-01-31T10:00:00Z"],
    ["2019-12-09 13:59:21", "2019-12-09T13:59:21Z"],
    ["2026-10-25T08:25:27.000Z", "2026-10-25T08:25:27Z"],
    ["2026-10-25T08:25:27.120Z", "2026-10-25T08:25:27.12Z"],
    ["2026-10-25T10:25:27+02:00", "2026-10-25T08:25:27Z"],
    ["2026-10-25T10:25:27+0200", "2026-10-25T08:25:27Z"],
    ["2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"],
    ["2026-12-31T23:59:59Z", "2026-12-31T23:59:59Z"],
    ["0000-00-00 00:00:00", undefined],
    ["0000-00-00T00:00:00Z", undefined],
    ["2026-02-29T00:00:00Z", undefined],
    ["2026-13-01T00:00:00Z", undefined],
    ["2026-01-01T24:00:00Z", undefined],
    ["2026-01-01", undefined],
    ["", undefined],
    ["yesterday", undefined],
  ];
  for (const [text, expected] of cases) {
    it(`${JSON.stringify(text)} is ${expected ?? "no time"}`, () => expect(toRfc3339(text)).to.equal(expected));
  }

  it("are the same whether v1 or v2 wrote them", () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date("0001-01-01"), max: new Date("9999-12-31"), noInvalidDate: true }),
        (date) => {
          const v2 = `${date.toISOString().slice(0, 19)}Z`;
          expect(toRfc3339(v2)).to.equal(v2);
          expect(toRfc3339(v2.replace("T", " ").replace("Z", ""))).to.equal(v2);
        },
      ),
    );
  });
});
