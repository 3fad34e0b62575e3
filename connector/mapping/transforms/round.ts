import { rounded } from "../decimal.ts";
import { eachNumber } from "./each-number.ts";
import type { Transform } from "./transform.ts";

/** `round`: a number to some digits after the point. */
export const round: Transform = {
  name: "round",
  description:
    "Rounds a number to the given count of digits after the point, half away from zero. Of a list, each element.",
  argument: { type: "integer", minimum: -15, maximum: 15, description: "Digits after the point.", examples: [2] },
  examples: [
    { with: { round: 2 }, input: 2.675, output: 2.68 },
    { with: { round: 0 }, input: "-0.5", output: -1 },
    { with: { round: -2 }, input: 1250, output: 1300 },
    { with: { round: 2 }, input: "", output: undefined },
    { with: { round: 2 }, input: "x", output: { refused: '"x" is not a number' } },
    { with: { round: 2 }, input: null, output: null },
    { with: { round: 2 }, input: undefined, output: undefined },
  ],
  compile: (settings) => {
    const places = settings["round"] as number;
    return { apply: ({ value }) => eachNumber(value, (number) => rounded(number, places)) };
  },
  withoutInverse: "the digits after it are gone",
};
