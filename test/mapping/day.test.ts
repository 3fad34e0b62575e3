import { expect } from "chai";
import fc from "fast-check";
import { dayOf, instantOf } from "../../connector/mapping/day.ts";
import { decimalJson, decimalOf, decimalText, divided, multiplied, rounded } from "../../connector/mapping/decimal.ts";

describe("days and instants", () => {
  it("are read as JavaScript's own dates read them, where both know the form", () => {
    const dates = fc.date({ min: new Date("0002-01-01"), max: new Date("9998-12-31"), noInvalidDate: true });
    fc.assert(
      fc.property(dates, (date) => {
        const text = date.toISOString();
        expect(Date.parse(instantOf(text)!)).to.equal(date.getTime());
        expect(dayOf(text)).to.equal(text.slice(0, 10));
      }),
    );
  });

  it("are read in the forms of both Pipedrive APIs, in UTC and with at most microseconds", () => {
    expect(instantOf("2026-01-31 10:00:00")).to.equal("2026-01-31T10:00:00Z");
    expect(instantOf("2026-01-31T10:00:00.500+01:00")).to.equal("2026-01-31T09:00:00.5Z");
    expect(instantOf("2026-01-31T10:00:00.123456789Z")).to.equal("2026-01-31T10:00:00.123456Z");
    expect(dayOf("2026-01-31T23:30:00-02:00")).to.equal("2026-02-01");
  });

  it("are none where the calendar or the clock has no such moment", () => {
    for (const text of ["", "soon", "2026-1-1", "2026-01-31T25:00:00Z", "2026-02-30T10:00:00Z"]) {
      expect(instantOf(text), text).to.equal(undefined);
    }
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
