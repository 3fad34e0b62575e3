import { decimalOf, decimalText } from "../decimal.ts";
import { eachElement } from "./each-element.ts";
import type { Transform } from "./transform.ts";
import { withoutEnds } from "./without-ends.ts";

/** `prefix`: a text before the value. */
export const prefix: Transform = {
  name: "prefix",
  description: "Writes a text before the value. Of a list, before each element.",
  argument: { type: "string", minLength: 1, description: "The text to write before.", examples: ["PD-"] },
  examples: [
    { with: { prefix: "PD-" }, input: 42, output: "PD-42" },
    { with: { prefix: "PD-" }, input: ["a", "b"], output: ["PD-a", "PD-b"] },
    { with: { prefix: "PD-" }, input: null, output: null },
    { with: { prefix: "PD-" }, input: undefined, output: undefined },
  ],
  compile: (settings) => {
    const before = settings["prefix"] as string;
    return {
      apply: ({ value }) =>
        eachElement(
          value,
          (element) => before + (typeof element === "number" ? decimalText(decimalOf(element)!) : String(element)),
        ),
      ...withoutEnds(before, ""),
    };
  },
};
