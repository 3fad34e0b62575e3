import { expect } from "chai";
import fc from "fast-check";
import {
  findUnholdable,
  mayHoldOddNumber,
  mayHoldUnholdable,
} from "../../../connector/pipedrive/records/unholdable-number.ts";

describe("numbers that a double cannot hold", () => {
  const lost = [
    "9007199254740993",
    "12345678901234567890",
    "-9007199254740993",
    "0.1234567890123456789",
    "1e999",
    "-1E400",
    "123456789.123456789123",
    "1e-400",
  ];
  for (const number of lost) {
    it(`${number} is found`, () => {
      const text = `{"id":1,"custom_fields":{"a":[0,{"b": ${number}}]}}`;
      expect(mayHoldUnholdable(text)).to.equal(true);
      expect(findUnholdable(text)).to.deep.equal({ path: "custom_fields.a.1.b", number });
    });
  }

  const kept = [
    "0",
    "-0",
    "1.50",
    "100000000000000000000",
    "9007199254740991",
    "0.30000000000000004",
    "0.10000000000000001",
    "1e21",
    "1.0E+2",
    "5e-324",
    "1234567890123456.0",
    "0.000000",
  ];
  for (const number of kept) {
    it(`${number} is kept`, () => {
      expect(findUnholdable(`{"id":1,"value":${number}}`)).to.equal(undefined);
    });
  }

  it("are not looked for in strings", () => {
    const text = JSON.stringify({
      id: 1,
      content: ': 12345678901234567890, "x": [12345678901234567890]',
      "1e999": "1e999",
    });
    expect(findUnholdable(text)).to.equal(undefined);
  });

  it("are never found among what JSON.stringify wrote, nor missed when one digit more is written", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (double) => {
        expect(findUnholdable(`{"a":${JSON.stringify(double)}}`)).to.equal(undefined);
        expect(findUnholdable(`{"a":${double.toPrecision(17)}}`)).to.equal(undefined);
      }),
    );
    fc.assert(
      fc.property(fc.bigInt({ min: 2n ** 53n, max: 2n ** 200n }), (integer) => {
        const text = `{"a":[${integer}]}`;
        const isSame = BigInt(Number(integer)) === integer;
        if (!isSame && Number(integer).toPrecision(17) !== String(integer)) {
          expect(mayHoldUnholdable(text)).to.equal(true);
          expect(findUnholdable(text)?.path).to.equal("a.0");
        }
      }),
    );
  });

  it("are never overlooked by the one look for unusual numbers", () => {
    const digits = fc.stringMatching(/^\d{1,20}$/);
    const literal = fc
      .tuple(fc.constantFrom("", "-"), digits, fc.option(digits), fc.option(fc.stringMatching(/^[eE][+-]?\d{1,3}$/)))
      .map(([sign, whole, part, exponent]) => `${sign}${whole}${part === null ? "" : `.${part}`}${exponent ?? ""}`);
    fc.assert(
      fc.property(literal, (number) => {
        const text = `{"a":[1, ${number}]}`;
        const isWide = /^-?\d+\.0+$/.test(number);
        if (mayHoldUnholdable(text) || isWide) expect(mayHoldOddNumber(text), text).to.equal(true);
      }),
      { numRuns: 2000 },
    );
    for (const number of ["7.0", "7.00 ", "70e-1", "12345678901234.0"]) {
      expect(mayHoldOddNumber(`{"a":${number}}`), number).to.equal(true);
    }
    expect(mayHoldOddNumber('{"a":7.5,"b":"1.0, e-mail","c":70}')).to.equal(false);
  });

  it("are ruled out quickly for pages that hold none", () => {
    const page = JSON.stringify({
      data: [
        {
          id: 123456789012345,
          value: 12.5,
          key: "4c2f0123456789012345678901234567890abcde",
          t: "2026-01-01T00:00:00Z",
        },
      ],
    });
    expect(mayHoldUnholdable(page)).to.equal(false);
  });
});
