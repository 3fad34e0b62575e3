import { eachNumber } from "./each-number.ts";
import type { Transform } from "./transform.ts";

/** `number`: a text such as `12.50` as a number. */
export const number: Transform = {
  name: "number",
  description:
    "Reads a text such as `12.50` as a number. More digits than a JSON number holds stay as text, so that none is lost. Of a list, each element.",
  examples: [
    { input: "12.50", output: 12.5 },
    { input: 7, output: 7 },
    { input: "12345678901234567890.125", output: "12345678901234567890.125" },
    {
      input: "1,5",
      output: {
        refused: '"1,5" is not a number; a decimal comma is not guessed at, put {replace: {",": "."}} before',
      },
    },
    { input: "ten", output: { refused: '"ten" is not a number' } },
    { input: null, output: null },
    { input: undefined, output: undefined },
  ],
  compile: () => ({ apply: ({ value }) => eachNumber(value, (decimal) => decimal) }),
  withoutInverse: "the texts `1` and `1.0` are the same number",
};
