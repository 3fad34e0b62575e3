import { rejected, shown } from "../outcome.ts";
import { toValue } from "../value.ts";
import type { Transform } from "./transform.ts";

/** `last`: the last element of a list. */
export const last: Transform = {
  name: "last",
  description: "The last element of a list. A single value stays unchanged.",
  examples: [
    { input: ["a", "b", "c"], output: "c" },
    { input: "alone", output: "alone" },
    { input: { a: 1 }, output: { refused: '{"a":1} is an object, not a list' } },
    { input: null, output: null },
    { input: undefined, output: undefined },
  ],
  compile: () => ({
    apply: (present) => {
      const { value } = present;
      if (Array.isArray(value)) return toValue(value.at(-1));
      return typeof value === "object" ? rejected(`${shown(value)} is an object, not a list`) : present;
    },
  }),
  withoutInverse: "the other elements are gone",
};
