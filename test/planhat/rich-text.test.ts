import { expect } from "chai";
import fc from "fast-check";
import { richText } from "../../connector/planhat/rich-text.ts";

/** The tags that Planhat's editor accepts (live-tested by a customer, 2026), and no others, on one line. */
const taken =
  /^(?:<(?:p|\/p|strong|\/strong|em|\/em|\/a|hr|blockquote|\/blockquote|\/ul|\/li)>|<a href="[^"<>]*">|<ul class="ph-editor__bullet-list">|<li class="ph-editor__list-item">|[^<>\n\r])*$/u;

const cases: [name: string, html: string, expected: string][] = [
  ["a plain text keeps its lines as paragraphs", "one\n\ntwo", "<p>one</p><p>two</p>"],
  ["a heading becomes a bold paragraph", "<h2>Plan</h2><p>one</p>", "<p><strong>Plan</strong></p><p>one</p>"],
  ["a break starts a new paragraph", "<p>one<br/>two</p>", "<p>one</p><p>two</p>"],
  ["bold and italic by their other names", "<b>a</b> <i>b</i>", "<p><strong>a</strong> <em>b</em></p>"],
  ["a blank between marks stays one blank", "<p>a <b>b</b> c</p>", "<p>a <strong>b</strong> c</p>"],
  [
    "a list takes the editor's classes",
    "<ul><li>one</li><li>two</li></ul>",
    '<ul class="ph-editor__bullet-list"><li class="ph-editor__list-item"><p>one</p></li><li class="ph-editor__list-item"><p>two</p></li></ul>',
  ],
  [
    "a link keeps its address",
    '<a href="https://a.example/?b=1&amp;c=2">x</a>',
    '<p><a href="https://a.example/?b=1&amp;c=2">x</a></p>',
  ],
  ["a link to a script loses it", '<a href="javascript:alert(1)">x</a>', "<p>x</p>"],
  ["scripts and comments go", "<p>a</p><script>b()</script><!-- c --><style>d{}</style>", "<p>a</p>"],
  ["unknown elements go and their text stays", '<span style="x">a</span><custom>b</custom>', "<p>ab</p>"],
  ["what was left open is closed", "<blockquote><p><strong>a", "<blockquote><p><strong>a</strong></p></blockquote>"],
  ["signs that are no markup stay signs", "<p>5 &lt; 6 & 7 < 8</p>", "<p>5 &lt; 6 &amp; 7 &lt; 8</p>"],
  ["line breaks of the source are blanks", "<p>one\n two</p>", "<p>one two</p>"],
];

describe("rich text for Planhat", () => {
  for (const [name, html, expected] of cases) {
    it(name, () => expect(richText(html)).to.equal(expected));
  }

  it("of any text is what the editor takes, and stays as it is when it is reduced again", () => {
    const piece = fc.oneof(
      fc.constantFrom("<p>", "</p>", "<br>", "<b>", "</b>", "<em>", "</em>", "<ul>", "</ul>", "<li>", "</li>", "<h1>"),
      fc.constantFrom(
        "</h1>",
        "<blockquote>",
        "</blockquote>",
        "<hr>",
        "<a href='https://x.example'>",
        "</a>",
        "<",
        "&",
      ),
      fc.constantFrom(" ", "\n", "word", "&amp;", "<script>", "</script>", "<td>", "<!-- -->"),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 25 }), (pieces) => {
        const once = richText(pieces.join(""));
        expect(once).to.match(taken);
        expect(richText(once)).to.equal(once);
      }),
    );
  });
});
