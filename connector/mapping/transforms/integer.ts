import { decimalText, rounded } from "../decimal.ts";
import { rejected } from "../outcome.ts";
import { eachNumber } from "./each-number.ts";
import type { Transform } from "./transform.ts";

/** `integer`: a text such as `12` as a whole number; a fraction is rejected. */
export const integer: Transform = {
  name: "integer",
  description: "Reads a whole number. A fraction is refused rather than cut; put `{round: 0}` before to round it.",
  examples: [
    { input: "12", output: 12 },
    { input: "12.0", output: 12 },
    { input: 12.5, output: { refused: "12.5 is not a whole number; put {round: 0} before" } },
    { input: null, output: null },
    { input: undefined, output: undefined },
  ],
  compile: () => ({
    apply: ({ value }) =>
      eachNumber(value, (decimal) =>
        decimalText(rounded(decimal, 0)) === decimalText(decimal)
          ? decimal
          : rejected(`${decimalText(decimal)} is not a whole number; put {round: 0} before`),
      ),
  }),
  withoutInverse: "the texts `1` and `1.0` are the same number",
};
