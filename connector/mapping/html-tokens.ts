import type * as Htmlparser from "htmlparser2";
import { onDemand } from "../on-demand.ts";

/** A piece of HTML: text with decoded entities, or a tag with its name in lower case. */
export type HtmlToken =
  | { kind: "text"; text: string }
  | { kind: "tag"; name: string; closing: boolean; attributes: Readonly<Record<string, string>> };

const parser = onDemand<typeof Htmlparser>("htmlparser2");

/**
 * Splits HTML into tokens as a browser does (WHATWG HTML, "Tokenization"), in time proportional to its length. Comments
 * and declarations are left out. A tag that never ends is text: in a note, the user typed it.
 */
export function htmlTokens(html: string): HtmlToken[] {
  const tokens: HtmlToken[] = [];
  let text = "";
  let open: { name: string; attributes: Record<string, string> } | undefined;
  let attribute = "";
  let value = "";
  // The end of the input that has become tokens.
  let done = 0;
  const endText = () => {
    if (text !== "") tokens.push({ kind: "text", text });
    text = "";
  };
  const endTag = (endIndex: number) => {
    tokens.push({ kind: "tag", closing: false, ...open! });
    open = undefined;
    done = endIndex + 1;
  };
  const { Tokenizer } = parser();
  const tokenizer = new Tokenizer(
    { decodeEntities: true },
    {
      ontext(start, endIndex) {
        text += html.slice(start, endIndex);
        done = endIndex;
      },
      ontextentity(code, endIndex) {
        text += String.fromCodePoint(code);
        done = endIndex;
      },
      onopentagname(start, endIndex) {
        endText();
        open = { name: html.slice(start, endIndex).toLowerCase(), attributes: {} };
      },
      onattribname(start, endIndex) {
        attribute = html.slice(start, endIndex).toLowerCase();
      },
      onattribdata(start, endIndex) {
        value += html.slice(start, endIndex);
      },
      onattribentity(code) {
        value += String.fromCodePoint(code);
      },
      onattribend() {
        // The first of several attributes of one name counts, as in a browser.
        if (open !== undefined && !Object.hasOwn(open.attributes, attribute)) open.attributes[attribute] = value;
        value = "";
      },
      onopentagend: endTag,
      onselfclosingtag: endTag,
      onclosetag(start, endIndex) {
        endText();
        tokens.push({
          kind: "tag",
          name: html.slice(start, endIndex).toLowerCase(),
          closing: true,
          attributes: {},
        });
        done = html.indexOf(">", endIndex) + 1;
      },
      oncomment(_start, endIndex) {
        done = endIndex + 1;
      },
      oncdata(_start, endIndex) {
        done = endIndex + 1;
      },
      ondeclaration(_start, endIndex) {
        done = endIndex + 1;
      },
      onprocessinginstruction(_start, endIndex) {
        done = endIndex + 1;
      },
      onend() {},
    },
  );
  tokenizer.write(html);
  tokenizer.end();
  text += html.slice(done);
  endText();
  return tokens;
}

/** Escapes the characters that have a meaning in HTML. */
export function withEntities(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}
