import { rejected, shown } from "../outcome.ts";
import { toValue } from "../value.ts";
import type { Transform } from "./transform.ts";

/** `split`: a text as a list of its parts. */
export const split: Transform = {
  name: "split",
  description:
    "Cuts a text into a list wherever the given text stands. Empty parts are dropped; blanks are kept (add `trim`).",
  argument: { type: "string", minLength: 1, description: "Where to cut.", examples: [","] },
  examples: [
    { with: { split: "," }, input: "a,b,,c", output: ["a", "b", "c"] },
    { with: { split: "," }, input: "alone", output: ["alone"] },
    { with: { split: "," }, input: ",", output: undefined },
    { with: { split: "," }, input: 12, output: { refused: "12 is not text" } },
    { with: { split: "," }, input: null, output: null },
    { with: { split: "," }, input: undefined, output: undefined },
  ],
  compile: (settings) => {
    const separator = settings["split"] as string;
    return {
      apply: ({ value }) =>
        typeof value === "string" ? toValue(value.split(separator)) : rejected(`${shown(value)} is not text`),
    };
  },
  withoutInverse: "empty parts are gone",
};
