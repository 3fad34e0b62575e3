import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import ts from "typescript";
import { packageRoot } from "../connector/package-root.ts";

/** A comment of a source file: its lines as written, its words, and whether it documents the code after it. */
interface Comment {
  place: string;
  lines: string[];
  text: string;
  documents: boolean;
}

const folders = ["connector", "console", "schemas", "test", "bench"];
const sources = folders.flatMap((folder) =>
  readdirSync(join(packageRoot, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name) && !name.endsWith(".generated.ts") && !name.includes("fixtures"))
    .map((name) => `${folder}/${name}`),
);
const comments = sources.flatMap(commentsOf);

/** Reads the comments of a file; neighbouring `//` lines are one. */
function commentsOf(file: string): Comment[] {
  const source = readFileSync(join(packageRoot, file), "utf8");
  const all = source.split("\n");
  const parsed = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true);
  const ranges = new Map<number, ts.CommentRange>();
  const visit = (node: ts.Node): void => {
    for (const range of ts.getLeadingCommentRanges(source, node.getFullStart()) ?? []) ranges.set(range.pos, range);
    for (const range of ts.getTrailingCommentRanges(source, node.getEnd()) ?? []) ranges.set(range.pos, range);
    for (const child of node.getChildren(parsed)) visit(child);
  };
  visit(parsed);
  const found: (Comment & { last: number })[] = [];
  for (const { pos, end } of [...ranges.values()].sort((a, b) => a.pos - b.pos)) {
    const first = parsed.getLineAndCharacterOfPosition(pos).line;
    const last = parsed.getLineAndCharacterOfPosition(end).line;
    const raw = source.slice(pos, end);
    const documents = raw.startsWith("/**");
    const text = raw
      .replace(/^\/\*\*?|\*\/$/g, "")
      .replace(/^\s*(\/\/|\*(?!\*)) ?/gm, "")
      .trim();
    const previous = found.at(-1);
    if (raw.startsWith("//") && previous?.last === first - 1 && !previous.documents) {
      previous.lines.push(all[first]!);
      previous.text += `\n${text}`;
      previous.last = last;
    } else found.push({ place: `${file}:${first + 1}`, lines: all.slice(first, last + 1), text, documents, last });
  }
  return found;
}

/** Splits a comment into sentences. Lists, code and quotations do not count as sentences, and examples end one. */
function sentencesOf(text: string): string[] {
  return text
    .replace(/`[^`]*`/g, "code")
    .replace(/"[^"\n]*"/g, "quoted")
    .replace(/\((?:[^()]|\([^()]*\))*\)/g, "")
    .split(/(?<=[.!?])\s+|\n\s*\n|\n\s*(?:[-*·]|\d+\.|@)\s|[:;]\s/)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== "");
}

const words = (sentence: string) => sentence.split(/\s+/).filter((word) => /\p{L}/u.test(word)).length;

// The counts of the day when a rule began. They only sink: lower one when it is no longer reached.
const atMost = { longLines: 0, longSentences: 0, openings: 0, proseLines: 0 };

describe("the prose", () => {
  it("comments keep to 120 columns", () => {
    const long = comments.flatMap(({ place, lines }) => lines.filter((line) => line.length > 120).map(() => place));
    expect(long.length, long.join("\n")).to.be.at.most(atMost.longLines);
  });

  it("a sentence of a comment has at most 30 words", () => {
    const long = comments.flatMap(({ place, text }) =>
      sentencesOf(text)
        .filter((sentence) => words(sentence) > 30)
        .map((sentence) => `${place} ${sentence.slice(0, 60)}`),
    );
    expect(long.length, long.join("\n")).to.be.at.most(atMost.longSentences);
  });

  it("a doc comment begins with a verb or a noun", () => {
    const opening = /^(What|Those|That|Told|The same|Whether|Where|When|Why|How|Who|So many|As many|From so many)\b/;
    const found = comments.filter(
      ({ documents, text, place }) => documents && !place.startsWith("test/") && opening.test(text),
    );
    expect(found.length, found.map(({ place, text }) => `${place} ${text.slice(0, 60)}`).join("\n")).to.be.at.most(
      atMost.openings,
    );
  });

  it("the lines of the documents keep to 120 columns, but for tables, code and addresses", () => {
    const guides = readdirSync(join(packageRoot, "docs"), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".md"))
      .map((name) => `docs/${name}`);
    const long = ["README.md", "CHANGELOG.md", ...guides].flatMap((file) => {
      let fenced = false;
      return readFileSync(join(packageRoot, file), "utf8")
        .split("\n")
        .flatMap((line, index) => {
          if (/^\s*```/.test(line)) fenced = !fenced;
          if (fenced || line.length <= 120 || /^\s*\|/.test(line) || /https?:\S{40}/.test(line)) return [];
          return [`${file}:${index + 1}`];
        });
    });
    expect(long.length, long.join("\n")).to.be.at.most(atMost.proseLines);
  });
});
