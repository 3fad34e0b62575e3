import { expect } from "chai";
import { type HtmlToken, htmlTokens } from "../../connector/mapping/html-tokens.ts";

const text = (words: string): HtmlToken => ({ kind: "text", text: words });
const tag = (name: string, attributes = {}): HtmlToken => ({ kind: "tag", name, closing: false, attributes });
const end = (name: string): HtmlToken => ({ kind: "tag", name, closing: true, attributes: {} });

const cases: [html: string, tokens: HtmlToken[]][] = [
  ['<A HREF="x>y" href=z>t</a>', [tag("a", { href: "x>y" }), text("t"), end("a")]],
  ["&scaron; &rarr; &#8364; &nbsp;&amp;", [text("š → € \u00a0&")]],
  ["&#0;&#xD800;&#1114112; &unknown; a&b", [text("\ufffd\ufffd\ufffd &unknown; a&b")]],
  ["5 < 6 and 7 > 3", [text("5 < 6 and 7 > 3")]],
  ["a<!-- b --><!doctype html><?xml c?>d", [text("ad")]],
  ["<br/>one<p\n class=x>", [tag("br"), text("one"), tag("p", { class: "x" })]],
  ["<script>a < b</script>c", [tag("script"), text("a < b"), end("script"), text("c")]],
];

describe("HTML is taken apart", () => {
  for (const [html, tokens] of cases) {
    it(html.replaceAll("\n", "\\n"), () => expect(htmlTokens(html)).to.deep.equal(tokens));
  }

  for (const words of ["won against <Acme", 'the sign <b of "x', "a </b", "a <", "<"]) {
    it(`and nothing that somebody wrote is lost: ${words}`, () => {
      const read = htmlTokens(words).map((token) => (token.kind === "text" ? token.text : "?"));
      expect(read.join("")).to.equal(words);
    });
  }
});
