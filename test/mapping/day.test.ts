import { expect } from "chai";
import fc from "fast-check";
import { dayOf, instantOf } from "../../connector/mapping/day.ts";
import { decimalJson, decimalOf, decimalText, divided, multiplied, rounded } from "../../connector/mapping/decimal.ts";
import { dayText, instantText } from "../../connector/planhat/instant.ts";

describe("days and instants", () => {
  const texts = fc.oneof(
    fc
      .tuple(fc.integer({ min: 0, max: 9999 }), fc.integer({ min: 0, max: 13 }), fc.integer({ min: 0, max: 32 }))
      .map(
        ([year, month, day]) =>
          `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`,
      ),
    fc
      .date({ min: new Date("0002-01-01"), max: new Date("9998-12-31"), noInvalidDate: true })
      .map((date) => date.toISOString()),
    fc.constantFrom(
      "",
      "soon",
      "2026-01-31 10:00:00",
      "2026-01-31T25:00:00Z",
      "2026-02-30T10:00:00Z",
      "2026-01-31T23:30:00-02:00",
      "2026-01-31T10:00Z",
      "2026-01-31T10:00:00+0530",
    ),
  );

  it("mean the same to the mapping and to the columns", () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(dayOf(text)).to.equal(dayText(text));
        expect(instantOf(text)).to.equal(instantText(text));
      }),
    );
  });

  it("are those of the calendar", () => {
    expect(["2024-02-29", "2000-02-29", "2026-12-31"].map(dayOf)).to.deep.equal([
      "2024-02-29",
      "2000-02-29",
      "2026-12-31",
    ]);
    expect(
      ["2026-02-29", "1900-02-29", "2026-04-31", "2026-13-01", "2026-00-10", "0000-00-00"].map(dayOf),
    ).to.deep.equal(Array(6).fill(undefined));
  });
});

describe("decimals", () => {
  const numbers = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer());

  it("keep every JSON number", () => {
    fc.assert(
      fc.property(numbers, (number) => {
        expect(decimalJson(decimalOf(number)!)).to.equal(number === 0 ? 0 : number);
      }),
    );
  });

  it("do not know the errors of binary fractions", () => {
    const one = decimalOf("0.1")!;
    expect(decimalText(multiplied(one, decimalOf(3)!))).to.equal("0.3");
    expect(decimalText(rounded(decimalOf(1.005)!, 2))).to.equal("1.01");
    expect(decimalText(rounded(decimalOf(-1.005)!, 2))).to.equal("-1.01");
    expect(decimalText(divided(decimalOf(-2)!, decimalOf(3)!))).to.equal("-0.666666666666667");
    expect(decimalText(divided(decimalOf("1e-300")!, decimalOf("-4e300")!))).to.match(/^-0\.0{600}25$/);
  });

  it("are not read out of anything that only looks like a number", () => {
    for (const text of [
      "",
      " ",
      "1,5",
      "1 000",
      "0x10",
      "Infinity",
      "NaN",
      ".",
      "--1",
      "1e",
      "1e99999",
      "9".repeat(2000),
    ]) {
      expect(decimalOf(text), text).to.equal(undefined);
    }
  });
});
