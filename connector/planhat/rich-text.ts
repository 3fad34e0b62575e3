import { htmlTokens, withEntities } from "../mapping/html-tokens.ts";

/** Properties that Planhat keeps as rich text. */
export const richTexts: ReadonlySet<string> = new Set(["description"]);

/** The form of each element in Planhat's editor (live-tested by a customer, 2026), which keeps no others. */
const inline: Readonly<Record<string, string>> = { strong: "strong", b: "strong", em: "em", i: "em" };
const headings = new Set(["h1", "h2", "h3", "h4", "h5", "h6"]);
const paragraphs = new Set(["p", "div", "tr", "table", "pre", "section", "article", ...headings]);
const lists = new Set(["ul", "ol"]);
const silent = new Set(["script", "style", "head", "title"]);

const openList = '<ul class="ph-editor__bullet-list">';
const openItem = '<li class="ph-editor__list-item">';

/**
 * Reduces HTML to the rich text that Planhat accepts: one line of `<p>`, `<strong>`, `<em>`, `<a>`, `<hr>`,
 * `<blockquote>` and its own lists. Headings become bold paragraphs, and `<br>` starts a new paragraph. Other elements
 * are removed and their text stays. The lines of a text without markup become paragraphs. The result is well formed,
 * and reducing it again changes nothing.
 */
export function richText(html: string): string {
  const tokens = htmlTokens(html);
  if (tokens.every(({ kind }) => kind === "text") && !/<[!?/]/.test(html)) {
    const lines = tokens.flatMap((token) => (token.kind === "text" ? token.text.split(/\r\n|\r|\n/) : []));
    const kept = lines.map((line) => flowing(line).trim()).filter((line) => line !== "");
    return kept.map((line) => `<p>${line}</p>`).join("");
  }
  const writer = new Writer();
  for (const token of tokens) {
    if (token.kind === "text") writer.text(token.text);
    else writer.tag(token.name, token.closing, token.attributes["href"] ?? "");
  }
  return writer.end();
}

/** A writer of well-formed rich text: blocks outside, a paragraph inside them, marks inside that. */
class Writer {
  #out = "";
  /** Open blocks, outermost first: `blockquote`, `ul`, `li`. */
  readonly #blocks: string[] = [];
  /** The number of open blocks of each kind: searching a million open ones a million times would take too long. */
  readonly #open: Record<string, number> = {};
  /** Marks to open in every paragraph, each with its opening tag. */
  readonly #marks: { name: string; open: string }[] = [];
  #inParagraph = false;
  /** True if a blank is due before the next character. */
  #blank = false;
  #silentUntil: string | undefined;

  text(token: string): void {
    if (this.#silentUntil !== undefined) return;
    const text = flowing(token);
    const trimmed = text.trim();
    if (trimmed === "") {
      this.#blank ||= this.#inParagraph;
      return;
    }
    const before = this.#inParagraph && (this.#blank || text.startsWith(" ")) ? " " : "";
    this.#openParagraph();
    this.#out += before + trimmed;
    this.#blank = text.endsWith(" ");
  }

  tag(name: string, closing: boolean, href: string): void {
    if (this.#silentUntil !== undefined) {
      if (closing && name === this.#silentUntil) this.#silentUntil = undefined;
    } else if (silent.has(name)) {
      if (!closing) this.#silentUntil = name;
    } else if (headings.has(name)) {
      this.#closeParagraph();
      if (closing) this.#unmark("strong");
      else this.#mark("strong", "<strong>");
    } else if (paragraphs.has(name) || name === "br") this.#closeParagraph();
    else if (name === "td" || name === "th") this.#blank ||= this.#inParagraph;
    else if (name === "hr") {
      this.#closeParagraph();
      // A rule stands between blocks, never in a list.
      if (this.#blocks.length === 0) this.#out += "<hr>";
    } else if (name === "blockquote" || lists.has(name) || name === "li") this.#block(name, closing);
    else if (Object.hasOwn(inline, name)) {
      const mark = inline[name]!;
      if (closing) this.#unmark(mark);
      else this.#mark(mark, `<${mark}>`);
    } else if (name === "a") {
      const address = href.trim();
      if (closing) this.#unmark("a");
      else if (/^(https?:|mailto:|tel:)/i.test(address)) this.#mark("a", `<a href="${withEntities(address)}">`);
    }
  }

  end(): string {
    this.#closeParagraph();
    while (this.#blocks.length > 0) this.#closeBlock();
    return this.#out;
  }

  #block(name: string, closing: boolean): void {
    this.#closeParagraph();
    const kind = lists.has(name) ? "ul" : name;
    if (closing) {
      if (!this.#isOpen(kind)) return;
      while (this.#blocks.at(-1) !== kind) this.#closeBlock();
      this.#closeBlock();
      return;
    }
    if (kind === "li") {
      while (this.#isOpen("ul") && this.#blocks.at(-1) !== "ul") this.#closeBlock();
      if (this.#blocks.at(-1) !== "ul") this.#block("ul", false);
    }
    if (kind === "ul" && this.#blocks.at(-1) === "ul") this.#closeBlock();
    this.#blocks.push(kind);
    this.#open[kind] = (this.#open[kind] ?? 0) + 1;
    this.#out += kind === "ul" ? openList : kind === "li" ? openItem : "<blockquote>";
  }

  #isOpen(kind: string): boolean {
    return (this.#open[kind] ?? 0) > 0;
  }

  #closeBlock(): void {
    const kind = this.#blocks.pop()!;
    this.#open[kind]! -= 1;
    this.#out += `</${kind}>`;
  }

  #openParagraph(): void {
    if (this.#inParagraph) return;
    // Text between items becomes an item of its own.
    if (this.#blocks.at(-1) === "ul") this.#block("li", false);
    this.#inParagraph = true;
    this.#out += `<p>${this.#marks.map(({ open }) => open).join("")}`;
  }

  #closeParagraph(): void {
    this.#blank = false;
    if (!this.#inParagraph) return;
    this.#inParagraph = false;
    const closed = this.#marks.map(({ name }) => `</${name}>`).reverse();
    this.#out = `${this.#out}${closed.join("")}</p>`;
    // A link ends with its paragraph: repeating an address for each of many would make a text thousands of times
    // longer.
    const link = this.#marks.findIndex(({ name }) => name === "a");
    if (link !== -1) this.#marks.splice(link, 1);
  }

  #mark(name: string, open: string): void {
    if (this.#marks.some((mark) => mark.name === name)) return;
    this.#marks.push({ name, open });
    if (this.#inParagraph) {
      this.#out += (this.#blank ? " " : "") + open;
      this.#blank = false;
    }
  }

  #unmark(name: string): void {
    const at = this.#marks.findIndex((mark) => mark.name === name);
    if (at === -1) return;
    const inner = this.#marks.slice(at + 1);
    if (this.#inParagraph) {
      for (const mark of [...inner].reverse()) this.#out += `</${mark.name}>`;
      this.#out += `</${name}>`;
      for (const mark of inner) this.#out += mark.open;
    }
    this.#marks.splice(at, 1);
  }
}

/** Returns text as part of one line of HTML: blanks for line breaks, and markup characters escaped. */
function flowing(text: string): string {
  return withEntities(text).replaceAll("&#39;", "'").replaceAll("&quot;", '"').replace(/\s+/g, " ");
}
