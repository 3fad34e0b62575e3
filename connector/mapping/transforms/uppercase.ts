import { eachText } from "./each-element.ts";
import type { Transform } from "./transform.ts";

/** `uppercase`: a text in capital letters. */
export const uppercase: Transform = {
  name: "uppercase",
  description: "Writes a text in capital letters. Of a list, each text.",
  examples: [
    { input: "straße", output: "STRASSE" },
    { input: ["straße"], output: ["STRASSE"] },
    { input: 12, output: { refused: "12 is a number, not text; put `text` before" } },
    { input: null, output: null },
    { input: undefined, output: undefined },
  ],
  compile: () => ({ apply: ({ value }) => eachText(value, (text) => text.toUpperCase()) }),
  withoutInverse: "several texts have the same capitals",
};
