import { eachText } from "./each-element.ts";
import type { Transform } from "./transform.ts";

/** `trim`: a text without blanks at both ends. A text of blanks becomes empty. */
export const trim: Transform = {
  name: "trim",
  description: "Removes blanks at both ends of a text. A text of blanks becomes empty. Of a list, each text.",
  examples: [
    { input: "  Acme  ", output: "Acme" },
    { input: ["  Acme  "], output: ["Acme"] },
    { input: 12, output: { refused: "12 is a number, not text; put `text` before" } },
    { input: null, output: null },
    { input: undefined, output: undefined },
  ],
  compile: () => ({ apply: ({ value }) => eachText(value, (text) => text.trim()) }),
  withoutInverse: "several texts have the same trimmed form",
};
