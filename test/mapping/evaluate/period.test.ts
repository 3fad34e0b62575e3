import { expect } from "chai";
import fc from "fast-check";
import { type PeriodPart, periodOf, periodParts } from "../../../connector/mapping/evaluate/period.ts";
import { rejected } from "../../../connector/mapping/outcome.ts";
import { EMPTY, type Json, type JsonObject, NULL, present } from "../../../connector/mapping/value.ts";

const parts = Object.keys(periodParts) as PeriodPart[];

/** Returns the result of every part: null for null, undefined for empty, `!` and the reason for a rejection. */
function read(product: JsonObject, startDate = present("2026-03-15") as Parameters<typeof periodOf>[2]): Json[] {
  return parts.map((part) => {
    const value = periodOf(part, product, startDate);
    if (value.state === "rejected") return `! ${value.reason}`;
    return value.state === "present" ? value.value : value.state === "null" ? null : "empty";
  });
}

interface Case {
  name: string;
  product: JsonObject;
  /** In the order first_day, last_day, months, fixed, mrr. */
  is: Json[];
}

/** `cycles` are the frequency of bills, their number and their start. */
function product(cycles: [Json, Json, Json], sum: Json, more: JsonObject = {}): JsonObject {
  const [frequency, count, start] = cycles;
  return {
    ...{ billing_frequency: frequency, billing_frequency_cycles: count, billing_start_date: start, sum },
    ...more,
  };
}

const notCycles = (given: string) => `! ${given} is not a number of billing cycles (at least 1)`;

const cases: Case[] = [
  {
    name: "monthly without an end has a first day and a monthly value, and no last day",
    product: product(["monthly", null, "2026-01-01"], 90),
    is: ["2026-01-01", null, null, false, 90],
  },
  {
    name: "twelve monthly cycles end the day before the next year of it begins",
    product: product(["monthly", 12, "2026-01-01"], 90),
    is: ["2026-01-01", "2026-12-31", 12, true, 90],
  },
  {
    name: "a year in one cycle is the twelfth of its sum a month",
    product: product(["annually", 1, "2026-03-15"], 1200),
    is: ["2026-03-15", "2027-03-14", 12, true, 100],
  },
  {
    name: "two half-years are a year",
    product: product(["semi-annually", 2, "2026-07-01"], 600),
    is: ["2026-07-01", "2027-06-30", 12, true, 100],
  },
  {
    name: "a quarter is three months",
    product: product(["quarterly", 1, "2026-11-30"], 100),
    is: ["2026-11-30", "2027-02-28", 3, true, 33.3333333333333],
  },
  {
    name: "fifty-two weeks are twelve months of 52/12 weeks",
    product: product(["weekly", 52, "2026-01-05"], 12),
    is: ["2026-01-05", "2027-01-03", 12, true, 52],
  },
  {
    name: "ten weeks are seventy days",
    product: product(["weekly", 10, "2026-01-05"], 30),
    is: ["2026-01-05", "2026-03-15", 2.30769230769231, true, 130],
  },
  {
    name: "what is sold once has a first day and no term",
    product: product(["one-time", null, "2026-01-01"], 500),
    is: ["2026-01-01", null, null, null, null],
  },
  {
    name: "an account without recurring products says nothing, and that stays as it is",
    product: { sum: 500 },
    is: ["2026-03-15", "empty", "empty", "empty", "empty"],
  },
  {
    name: "a frequency that was cleared is none",
    product: product([null, null, null], 500),
    is: ["2026-03-15", null, null, null, null],
  },
  {
    name: "without a billing start date the deal's start date counts",
    product: product(["monthly", 1, null], 10),
    is: ["2026-03-15", "2026-04-14", 1, true, 10],
  },
  {
    name: "a start date that no calendar has counts as none",
    product: product(["monthly", 1, "0000-00-00"], 10),
    is: ["2026-03-15", "2026-04-14", 1, true, 10],
  },
  {
    name: "a month from 31 January ends with February",
    product: product(["monthly", 1, "2026-01-31"], 10),
    is: ["2026-01-31", "2026-02-28", 1, true, 10],
  },
  {
    name: "a month from 31 January ends with February in a leap year too",
    product: product(["monthly", 1, "2028-01-31"], 10),
    is: ["2028-01-31", "2028-02-29", 1, true, 10],
  },
  {
    name: "a month from 30 January ends with February as well",
    product: product(["monthly", 1, "2026-01-30"], 10),
    is: ["2026-01-30", "2026-02-28", 1, true, 10],
  },
  {
    name: "two months from 31 December reach the end of February",
    product: product(["monthly", 2, "2026-12-31"], 10),
    is: ["2026-12-31", "2027-02-28", 2, true, 10],
  },
  {
    name: "a year from the leap day ends with the next February",
    product: product(["annually", 1, "2028-02-29"], 120),
    is: ["2028-02-29", "2029-02-28", 12, true, 10],
  },
  {
    name: "four years from the leap day end the day before the next one",
    product: product(["annually", 4, "2028-02-29"], 120),
    is: ["2028-02-29", "2032-02-28", 48, true, 10],
  },
  {
    name: "a year from 1 March before a leap year ends on the leap day",
    product: product(["annually", 1, "2027-03-01"], 120),
    is: ["2027-03-01", "2028-02-29", 12, true, 10],
  },
  {
    name: "208 cycles, the most that Pipedrive takes, are counted through",
    product: product(["annually", 208, "2026-01-01"], 120),
    is: ["2026-01-01", "2233-12-31", 2496, true, 10],
  },
  {
    name: "no cycles at all are no term, and the monthly value is as it was",
    product: product(["monthly", 0, "2026-01-01"], 10),
    is: ["2026-01-01", notCycles("0"), notCycles("0"), notCycles("0"), 10],
  },
  {
    name: "half a cycle is none",
    product: product(["monthly", 1.5, "2026-01-01"], 10),
    is: ["2026-01-01", notCycles("1.5"), notCycles("1.5"), notCycles("1.5"), 10],
  },
  {
    name: "cycles as text mean the same",
    product: product(["monthly", "12", "2026-01-01"], "90"),
    is: ["2026-01-01", "2026-12-31", 12, true, 90],
  },
  {
    name: "how often it is billed was never said: then neither is the end",
    product: { billing_frequency: "monthly", billing_start_date: "2026-01-01", sum: 10 },
    is: ["2026-01-01", "empty", "empty", "empty", 10],
  },
  {
    name: "a frequency that nobody knows is refused, and the first day is not",
    product: product(["fortnightly", 2, "2026-01-01"], 10),
    is: ["2026-01-01", ...Array(4).fill('! "fortnightly" is not a known billing frequency')],
  },
  {
    name: "a discount and a tax are in the sum, and are not taken off again",
    product: product(["quarterly", null, "2026-01-01"], 270, {
      ...{ item_price: 100, quantity: 3, discount: 10, discount_type: "percentage", tax: 19, tax_method: "inclusive" },
    }),
    is: ["2026-01-01", null, null, false, 90],
  },
  {
    name: "a discount of an amount is in the sum too",
    product: product(["monthly", null, "2026-01-01"], 260, { ...{ item_price: 100, quantity: 3 }, discount: 40 }),
    is: ["2026-01-01", null, null, false, 260],
  },
  {
    name: "a value in another currency than the deal's is not converted",
    product: product(["annually", null, "2026-01-01"], 1200, { currency: "SEK" }),
    is: ["2026-01-01", null, null, false, 100],
  },
  {
    name: "cents are divided in decimals",
    product: product(["annually", null, "2026-01-01"], 1198.8),
    is: ["2026-01-01", null, null, false, 99.9],
  },
  {
    name: "a sum of nothing is nothing",
    product: product(["monthly", null, "2026-01-01"], 0),
    is: ["2026-01-01", null, null, false, 0],
  },
  {
    name: "a sum that was cleared clears the monthly value",
    product: product(["monthly", null, "2026-01-01"], null),
    is: ["2026-01-01", null, null, false, null],
  },
  {
    name: "a sum that is no number is refused alone",
    product: product(["monthly", null, "2026-01-01"], "many"),
    is: ["2026-01-01", null, null, false, '! "many" is not a number'],
  },
];

describe("the term of a product of a deal ($period)", () => {
  for (const { name, product: given, is } of cases) it(name, () => expect(read(given)).to.deep.equal(is));

  it("has no day where neither the product nor its deal has one", () => {
    const given = product(["monthly", 12, null], 10);
    expect(read(given, NULL)).to.deep.equal([null, null, 12, true, 10]);
    expect(read(given, EMPTY)).to.deep.equal(["empty", "empty", 12, true, 10]);
    expect(read(given, rejected("it is odd")).slice(0, 2)).to.deep.equal(["! it is odd", "! it is odd"]);
  });

  it("ends in no year beyond 9999", () => {
    const reason = "! 10000 billing cycles end in no year that a date can hold";
    expect(read(product(["annually", 10_000, "2026-01-01"], 12))[1]).to.equal(reason);
    expect(read(product(["weekly", 10_000, "9999-01-01"], 12))[1]).to.equal(reason);
  });

  it("of one cycle after another leaves no day out and none twice, whatever the first day below the 29th", () => {
    const days = fc.date({ min: new Date("1990-01-01"), max: new Date("2090-01-01"), noInvalidDate: true });
    const frequencies = fc.constantFrom("annually", "semi-annually", "quarterly", "monthly", "weekly");
    fc.assert(
      fc.property(days, frequencies, fc.integer({ min: 1, max: 208 }), (date, frequency, count) => {
        const first = date.toISOString().slice(0, 10);
        const lastOf = (from: string, cycles: number) => String(read(product([frequency, cycles, from], 1))[1]);
        const next = new Date(Date.parse(lastOf(first, count)) + 86_400_000).toISOString().slice(0, 10);
        const together = lastOf(first, count + 1);
        if (Number(first.slice(8)) < 29) expect(lastOf(next, 1)).to.equal(together);
        else expect(lastOf(first, count) < together).to.equal(true);
      }),
    );
  });

  it("reads the keys that it says it reads, and no other", () => {
    for (const part of parts) {
      const touched = new Set<string>();
      const seen = new Proxy(product(["monthly", 12, "2026-01-01"], 10), {
        get: (target, key) => {
          touched.add(String(key));
          return target[String(key)];
        },
      });
      periodOf(part, seen, EMPTY);
      expect([...touched].sort(), part).to.deep.equal([...periodParts[part]].sort());
    }
  });
});
