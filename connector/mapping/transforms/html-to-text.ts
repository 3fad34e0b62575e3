import { eachText } from "./each-element.ts";
import { withoutEntities } from "./html-entities.ts";
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
/** Elements whose content is no text for people. */
const silentElements = new Set(["script", "style", "head", "title"]);

/** `html_to_text`: what a person reads of an HTML text. */
export const htmlToText: Transform = {
  name: "html_to_text",
  description:
    "What a person reads of an HTML text: `<br>`, `<p>`, `<li>` and their like become lines, other tags go, entities become characters. Of a list, each text.",
  examples: [
    {
      input: "<p>Kick-off &amp; plan</p><ul><li>Monday</li><li>Friday</li></ul>",
      output: "Kick-off & plan\n- Monday\n- Friday",
    },
    { input: "one<br/>two<script>three()</script>", output: "one\ntwo" },
    { input: "5 < 6 and 7 > 3", output: "5 < 6 and 7 > 3" },
    { input: "<p> </p>", output: undefined },
    { input: 5, output: { refused: "5 is a number, not text; put `text` before" } },
    { input: null, output: null },
    { input: undefined, output: undefined },
  ],
  compile: () => ({ apply: ({ value }) => eachText(value, readable) }),
  withoutInverse: "the markup is gone",
};

/** One pass over the text: each `<` is looked at once, so that no input takes longer than its length. */
function readable(html: string): string {
  let text = "";
  let silentUntil: string | undefined;
  let from = 0;
  let close = -2;
  while (from < html.length) {
    const open = html.indexOf("<", from);
    // The end found for an earlier `<` still holds for one before it: looking again for each would be quadratic.
    if (close !== -1 && close < open) close = html.indexOf(">", open);
    const unclosed = open === -1 || close === -1;
    const end = unclosed ? html.length : open;
    if (silentUntil === undefined) text += flowing(html.slice(from, end));
    if (unclosed) break;
    const tag = /^<(\/?)([a-z][a-z0-9]{0,20}|!)/i.exec(html.slice(open, open + 24));
    if (tag === null) {
      if (silentUntil === undefined) text += "<";
      from = open + 1;
      continue;
    }
    const closing = tag[1] === "/";
    const name = tag[2]!.toLowerCase();
    if (silentUntil !== undefined) {
      if (closing && name === silentUntil) silentUntil = undefined;
    } else if (silentElements.has(name) && !closing) silentUntil = name;
    else text += lineOf(name, closing);
    from = name === "!" && html.startsWith("<!--", open) ? afterComment(html, open) : close + 1;
  }
  return text
    .split("\n")
    .map((line) => withoutEntities(line).replace(/\s+/g, " ").trim())
    .filter((line) => line !== "")
    .join("\n");
}

function lineOf(name: string, closing: boolean): string {
  if (name === "li") return closing ? "\n" : "\n- ";
  if (name === "td" || name === "th") return " ";
  return name === "br" || lineElements.has(name) ? "\n" : "";
}

/** Line breaks of the source mean no more than a blank in HTML. */
function flowing(text: string): string {
  return text.replace(/[\r\n]+/g, " ");
}

function afterComment(html: string, open: number): number {
  const end = html.indexOf("-->", open + 4);
  return end === -1 ? html.length : end + 3;
}
