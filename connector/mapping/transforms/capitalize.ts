import { eachText } from "./each-element.ts";
import type { Transform } from "./transform.ts";

/** `capitalize`: the first letter of every word as a capital, the others unchanged. */
export const capitalize: Transform = {
  name: "capitalize",
  description: "Writes the first letter of every word as a capital and leaves the others. Of a list, each text.",
  examples: [
    { input: "anna-lena von McKay", output: "Anna-Lena Von McKay" },
    { input: ["new york"], output: ["New York"] },
    { input: true, output: { refused: "true is true or false, not text; put `text` before" } },
    { input: null, output: null },
    { input: undefined, output: undefined },
  ],
  compile: () => ({
    apply: ({ value }) =>
      eachText(value, (text) => text.replace(/(?<![\p{L}\p{N}'’])\p{L}/gu, (letter) => letter.toUpperCase())),
  }),
  withoutInverse: "several texts have the same capitals",
};
