import { type Json, toValue } from "../value.ts";
import type { Transform } from "./transform.ts";

/** `default`: a value in place of null or empty. */
export const defaultTransform: Transform = {
  name: "default",
  description:
    "Fills in a value if the field is null or empty: the only transform that does not pass these two through.",
  argument: {
    type: ["string", "number", "boolean", "array", "object"],
    description: "The value to fill in.",
    examples: ["unknown"],
  },
  examples: [
    { with: { default: "unknown" }, input: "known", output: "known" },
    { with: { default: 0 }, input: 0, output: 0 },
    { with: { default: "unknown" }, input: null, output: "unknown" },
    { with: { default: "unknown" }, input: undefined, output: "unknown" },
  ],
  compile: (settings) => {
    const filling = toValue(settings["default"] as Json);
    return { apply: (value) => value, fill: () => filling };
  },
  withoutInverse: "a filled-in value looks like one that was there",
};
