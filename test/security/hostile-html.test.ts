import { expect } from "chai";
import fc from "fast-check";
import { htmlToText } from "../../connector/mapping/transforms/html-to-text.ts";
import { textToHtml } from "../../connector/mapping/transforms/text-to-html.ts";
import type { Transform, TransformContext } from "../../connector/mapping/transforms/transform.ts";
import { present } from "../../connector/mapping/value.ts";
import { richText } from "../../connector/planhat/rich-text.ts";

/** Returns the transformed text; "" if there is none. */
function apply(transform: Transform, value: string): string {
  const { apply: step } = transform.compile({}, {} as TransformContext);
  const made = step(present(value));
  return "value" in made ? String(made.value) : "";
}

/** Everything that reads or writes the HTML of a note. */
const readers: Record<string, (text: string) => string> = {
  html_to_text: (text) => apply(htmlToText, text),
  text_to_html: (text) => apply(textToHtml, text),
  "what Planhat's rich text takes": (text) => richText(text),
};

/** A beginning, and a repeated part after it: each is the worst case for some way of reading HTML. */
const attacks: [name: string, before: string, repeated: string, after?: string][] = [
  ["tags that are never closed", "", "<a "],
  ["comments that never end", "", "<!--"],
  ["ends of comments", "<!--", "--"],
  ["signs that begin nothing", "", "<"],
  ["ends without a beginning", "", "</p>"],
  ["elements in elements", "", "<blockquote>"],
  ["lists in lists", "", "<ul><li>"],
  ["items deep within other elements", "<blockquote>".repeat(50_000), "<li>"],
  ["ends of what is not open, deep within other elements", "<blockquote>".repeat(50_000), "</ul>"],
  ["marks in marks", "", "<b><i><a href=x>"],
  ["marks around paragraphs", "<b><i>", "x<br>"],
  ["a long address around paragraphs", `<a href="https://x.example/${"y".repeat(20_000)}">`, "x<br>"],
  ["attributes without end", "<a ", 'href="x" '],
  ["an attribute of blanks", "<a href", " ", ">"],
  ["entities that never end", "", "&#x"],
  ["entities", "", "&amp;"],
  ["a script that never ends", "<script>", "</scrip"],
  ["blanks", "a", " "],
  ["lines", "a", "\n"],
  ["lines and blanks", "a", " \n"],
];

describe("HTML that is made to do harm", function () {
  this.timeout(300_000);

  for (const [name, before, repeated, after = ""] of attacks) {
    it(`${name}: a megabyte of them is read at once, and does not become many`, () => {
      const text = before + repeated.repeat(Math.ceil(1_000_000 / repeated.length)) + after;
      for (const [reader, read] of Object.entries(readers)) {
        const { user } = process.cpuUsage();
        const result = read(text);
        // Milliseconds; quadratic code takes minutes.
        expect((process.cpuUsage().user - user) / 1000, `${reader}: ms`).to.be.lessThan(5_000);
        expect(result.length, `${reader}: characters`).to.be.lessThan(60 * text.length);
      }
    });
  }

  it("whatever it is, it becomes a text", () => {
    const signs = fc.constantFrom(
      "<",
      ">",
      "/",
      "!",
      "--",
      "&",
      "#x0;",
      ";",
      '"',
      "'",
      "=",
      "p",
      "a href",
      "script",
      " ",
      "\0",
      "\ud800",
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(signs, fc.string())), (parts) => {
        const text = parts.join("");
        for (const read of Object.values(readers)) expect(read(text)).to.be.a("string");
        const shown = richText(text);
        expect(shown).not.to.match(/<(?!\/?(p|strong|em|a|hr|blockquote|ul|li)\b)/);
        expect(shown).not.to.match(/<[^>]*\bon\w+\s*=|href="(?!https?:|mailto:|tel:)/i);
      }),
    );
  });
});
