import { type Decimal, decimalOf, decimalText, divided, multiplied, significant } from "../decimal.ts";
import { eachNumber } from "./each-number.ts";
import type { Transform } from "./transform.ts";

/** `divide`: a number divided by another, to 15 significant digits. */
export const divide: Transform = {
  name: "divide",
  description: "Divides a number, to 15 significant digits, in decimals: 0.1 times 3 is 0.3. Of a list, each element.",
  argument: { type: "number", not: { const: 0 }, description: "The other number; not 0.", examples: [12] },
  examples: [
    { with: { divide: 12 }, input: 1198.8, output: 99.9 },
    { with: { divide: 3 }, input: 1, output: 0.333333333333333 },
    { with: { divide: 2 }, input: "two", output: { refused: '"two" is not a number' } },
    { with: { divide: 2 }, input: null, output: null },
    { with: { divide: 2 }, input: undefined, output: undefined },
  ],
  compile: (settings) => {
    const other = decimalOf(settings["divide"] as number)!;
    return {
      apply: ({ value }) => eachNumber(value, (number) => divided(number, other)),
      inverse: ({ value }) => eachNumber(value, (number) => takenBack(number, other)),
    };
  },
};

/** Returns the number that became `result`: the one of at most 12 digits if there is one, since money has no more. */
function takenBack(result: Decimal, other: Decimal): Decimal {
  const exact = multiplied(result, other);
  const short = significant(exact, 12);
  return decimalText(divided(short, other)) === decimalText(result) ? short : exact;
}
