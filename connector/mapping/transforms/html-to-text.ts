import { htmlTokens } from "../html-tokens.ts";
import { eachText } from "./each-element.ts";
import type { Transform } from "./transform.ts";

/** Elements that start a new line. */
const lineElements = new Set([
  "p",
  "div",
  "ul",
  "ol",
  "tr",
  "table",
  "blockquote",
  "h1",
  "h2",
  "h3",
  "h4",
  "h5",
  "h6",
  "hr",
]);
/** Elements whose content is not shown. */
const silentElements = new Set(["script", "style", "head", "title"]);

/** `html_to_text`: the readable text of HTML. */
export const htmlToText: Transform = {
  name: "html_to_text",
  description:
    "The readable text of HTML: `<br>`, `<p>`, `<li>` and similar tags become lines, other tags are removed, entities become characters. Of a list, each text.",
  examples: [
    {
      input: "<p>Kick-off &amp; plan</p><ul><li>Monday</li><li>Friday</li></ul>",
      output: "Kick-off & plan\n- Monday\n- Friday",
    },
    { input: "one<br/>two<script>three()</script>", output: "one\ntwo" },
    { input: '<a href="x>y">Fran&ccedil;ois &rarr; M&uuml;ller</a>', output: "François → Müller" },
    { input: "5 < 6 and 7 > 3", output: "5 < 6 and 7 > 3" },
    { input: "<p> </p>", output: undefined },
    { input: 5, output: { refused: "5 is a number, not text; put `text` before" } },
    { input: null, output: null },
    { input: undefined, output: undefined },
  ],
  compile: () => ({ apply: ({ value }) => eachText(value, readable) }),
  withoutInverse: "the markup is gone",
};

/** Returns the readable text of HTML, line by line. */
function readable(html: string): string {
  let text = "";
  let silentUntil: string | undefined;
  for (const token of htmlTokens(html)) {
    if (token.kind === "text") {
      if (silentUntil === undefined) text += flowing(token.text);
    } else if (silentUntil !== undefined) {
      if (token.closing && token.name === silentUntil) silentUntil = undefined;
    } else if (silentElements.has(token.name) && !token.closing) silentUntil = token.name;
    else text += lineOf(token.name, token.closing);
  }
  return text
    .split("\n")
    .map((line) => line.replace(/\s+/g, " ").trim())
    .filter((line) => line !== "")
    .join("\n");
}

function lineOf(name: string, closing: boolean): string {
  if (name === "li") return closing ? "\n" : "\n- ";
  if (name === "td" || name === "th") return " ";
  return name === "br" || lineElements.has(name) ? "\n" : "";
}

/** Turns line breaks of the source into blanks, as HTML does. */
function flowing(text: string): string {
  return text.replace(/[\r\n]+/g, " ");
}
