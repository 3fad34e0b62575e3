import { type Decimal, decimalOf, decimalText, divided, multiplied, significant } from "../decimal.ts";
import { eachNumber } from "./each-number.ts";
import type { Transform } from "./transform.ts";

/** `multiply`: a number times another. */
export const multiply: Transform = {
  name: "multiply",
  description: "Multiplies a number, in decimals: 0.1 times 3 is 0.3. Of a list, each element.",
  argument: { type: "number", not: { const: 0 }, description: "The other number; not 0.", examples: [12] },
  examples: [
    { with: { multiply: 12 }, input: "99.90", output: 1198.8 },
    { with: { multiply: 0.1 }, input: 3, output: 0.3 },
    { with: { multiply: 2 }, input: "two", output: { refused: '"two" is not a number' } },
    { with: { multiply: 2 }, input: null, output: null },
    { with: { multiply: 2 }, input: undefined, output: undefined },
  ],
  compile: (settings) => {
    const other = decimalOf(settings["multiply"] as number)!;
    return {
      apply: ({ value }) => eachNumber(value, (number) => multiplied(number, other)),
      inverse: ({ value }) => eachNumber(value, (number) => takenBack(number, other)),
    };
  },
};

/** Returns the number that became `result`: the one of at most 12 digits if there is one, since money has no more. */
function takenBack(result: Decimal, other: Decimal): Decimal {
  const exact = divided(result, other);
  const short = significant(exact, 12);
  return decimalText(multiplied(short, other)) === decimalText(result) ? short : exact;
}
