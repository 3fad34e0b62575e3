import { decimalOf, decimalText } from "../decimal.ts";
import { eachElement } from "./each-element.ts";
import type { Transform } from "./transform.ts";

/** `text`: a number, true or false as text. */
export const text: Transform = {
  name: "text",
  description: "Writes a number, true or false as text. Of a list, each element; a list is joined with `join`.",
  examples: [
    { input: 12.5, output: "12.5" },
    { input: 1e21, output: "1000000000000000000000" },
    { input: false, output: "false" },
    { input: [1, "b"], output: ["1", "b"] },
    { input: { a: 1 }, output: { refused: '{"a":1} is an object; name one of its parts (a.b)' } },
    { input: null, output: null },
    { input: undefined, output: undefined },
  ],
  compile: () => ({
    apply: ({ value }) =>
      eachElement(value, (element) =>
        typeof element === "number" ? decimalText(decimalOf(element)!) : String(element),
      ),
  }),
  withoutInverse: "the text `1` and the number 1 look the same afterwards",
};
