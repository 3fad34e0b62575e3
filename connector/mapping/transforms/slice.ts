import { rejected, shown } from "../outcome.ts";
import { toValue } from "../value.ts";
import type { Transform } from "./transform.ts";

/** `slice`: a piece of a text or list. */
export const slice: Transform = {
  name: "slice",
  description:
    "The characters of a text, or the elements of a list, from a start up to (and without) an end, counted from 0; negative numbers count from the end.",
  argument: {
    type: "array",
    items: { type: "integer" },
    minItems: 1,
    maxItems: 2,
    description: "The start, and optionally the end.",
    examples: [[0, 80]],
  },
  examples: [
    { with: { slice: [0, 4] }, input: "Acme Limited", output: "Acme" },
    { with: { slice: [-2] }, input: ["a", "b", "c"], output: ["b", "c"] },
    { with: { slice: [0, 2] }, input: "🦊🦊🦊", output: "🦊🦊" },
    { with: { slice: [5] }, input: "Acme", output: undefined },
    { with: { slice: [0, 4] }, input: 2026, output: { refused: "2026 is neither text nor a list" } },
    { with: { slice: [0, 4] }, input: null, output: null },
    { with: { slice: [0, 4] }, input: undefined, output: undefined },
  ],
  compile: (settings) => {
    const [start, end] = settings["slice"] as [number, number?];
    return {
      apply: ({ value }) => {
        // Code points, so that no character is cut in two.
        if (typeof value === "string") return toValue(Array.from(value).slice(start, end).join(""));
        return Array.isArray(value)
          ? toValue(value.slice(start, end))
          : rejected(`${shown(value)} is neither text nor a list`);
      },
    };
  },
  withoutInverse: "the rest is gone",
};
