import { withEntities } from "../html-tokens.ts";
import { eachText } from "./each-element.ts";
import type { Transform } from "./transform.ts";

/** `text_to_html`: a plain text as HTML on one line, the form that Planhat's rich text accepts. */
export const textToHtml: Transform = {
  name: "text_to_html",
  description:
    "Writes a plain text as HTML in one line, as Planhat's rich text fields take it: paragraphs as `<p>`, lines as `<br>`, special characters as entities. Of a list, each text.",
  examples: [
    { input: "a < b & c", output: "<p>a &lt; b &amp; c</p>" },
    { input: "one\ntwo\n\nthree", output: "<p>one<br>two</p><p>three</p>" },
    { input: 5, output: { refused: "5 is a number, not text; put `text` before" } },
    { input: null, output: null },
    { input: undefined, output: undefined },
  ],
  compile: () => ({ apply: ({ value }) => eachText(value, html) }),
  withoutInverse: "blank lines are gone",
};

function html(text: string): string {
  return text
    .replace(/\r\n?/g, "\n")
    .split(/\n{2,}/)
    .filter((paragraph) => paragraph.trim() !== "")
    .map((paragraph) => `<p>${withEntities(paragraph.trim()).replaceAll("\n", "<br>")}</p>`)
    .join("");
}
