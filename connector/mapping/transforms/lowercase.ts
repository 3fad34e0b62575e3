import { eachText } from "./each-element.ts";
import type { Transform } from "./transform.ts";

/** `lowercase`: a text in small letters. */
export const lowercase: Transform = {
  name: "lowercase",
  description: "Writes a text in small letters. Of a list, each text.",
  examples: [
    { input: "Ann@Acme.TEST", output: "ann@acme.test" },
    { input: ["Ann@Acme.TEST"], output: ["ann@acme.test"] },
    { input: 12, output: { refused: "12 is a number, not text; put `text` before" } },
    { input: null, output: null },
    { input: undefined, output: undefined },
  ],
  compile: () => ({ apply: ({ value }) => eachText(value, (text) => text.toLowerCase()) }),
  withoutInverse: "several texts have the same small letters",
};
