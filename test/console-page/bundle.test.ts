import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { EditorState } from "@codemirror/state";
import { expect } from "chai";
import { packageRoot } from "../../connector/package-root.ts";
import { differenceOf, patchOf } from "../../console/line-difference.ts";
import { complete, type Known } from "../../console/pages/mapping/complete.ts";

const folder = `${packageRoot}dist/console`;
let assets: string[];
let document: string;
const size = (names: readonly string[]) =>
  names.reduce((sum, name) => sum + gzipSync(readFileSync(`${folder}/assets/${name}`)).length, 0);

describe("the built page of the console", () => {
  before(() => {
    assets = readdirSync(`${folder}/assets`);
    document = readFileSync(`${folder}/index.html`, "utf8");
  });

  it("first loads at most 80 KB compressed, and the editor at most 200 KB", () => {
    const first = assets.filter((name) => document.includes(name));
    expect(first.length).to.be.at.least(2);
    const editor = assets.filter((name) => name.startsWith("editor-"));
    expect(editor).to.have.lengthOf(1);
    // The plots come with the overview.
    const plots = assets.filter((name) => name.startsWith("draw-plot-"));
    expect(size([...first, ...plots]), "first load").to.be.at.most(80_000);
    expect(size(editor), "editor").to.be.at.most(200_000);
    const all = assets.reduce((sum, name) => sum + readFileSync(`${folder}/assets/${name}`).length, 0);
    expect(all, "uncompressed").to.be.at.most(1_500_000);
  });

  it("has only relative paths, and no script or style within its document", () => {
    expect(document).not.to.match(/(?:src|href)="(?:\/|https?:)/);
    expect(document).not.to.match(/<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)/);
    const scripts = assets.filter((name) => name.endsWith(".js"));
    for (const name of scripts)
      expect(readFileSync(`${folder}/assets/${name}`, "utf8"), name).not.to.match(/\beval\(|new Function\(/);
  });
});

describe("the difference of two texts", () => {
  const told = (before: string, after: string) =>
    differenceOf(before.split("\n"), after.split("\n")).map(
      ({ kind, number, text }) => `${kind || " "}${number} ${text}`,
    );

  it("shows what went, what came, and three lines around", () => {
    const before = "a\nb\nc\nd\ne\nf\ng\nh\ni";
    expect(told(before, before.replace("e", "E"))).to.deep.equal([
      " 2 b",
      " 3 c",
      " 4 d",
      "m5 e",
      "p5 E",
      " 6 f",
      " 7 g",
      " 8 h",
    ]);
    expect(told("a\nb", "a\nx\nb")).to.deep.equal([" 1 a", "p2 x", " 3 b"]);
    expect(told("a\nb\na", "a")).to.deep.equal([" 1 a", "m2 b", "m3 a"]);
    expect(told("same", "same")).to.deep.equal([]);
  });
});

describe("a change as a patch", () => {
  const cases: Record<string, [before: string, after: string]> = {
    "one line within": ["a\nb\nc\nd\ne\nf\ng\nh\ni\n", "a\nb\nc\nd\nE\nf\ng\nh\ni\n"],
    "two places": ["1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n", "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n14\n"],
    "an end without a line end": ["a\nb", "a\nb\nc\n"],
  };
  for (const [name, [before, after]] of Object.entries(cases)) {
    it(`is taken by git: ${name}`, () => {
      const folder = mkdtempSync(join(tmpdir(), "pipedrive-planhat-patch-"));
      try {
        mkdirSync(join(folder, "mappings"));
        writeFileSync(join(folder, "mappings/deals.yaml"), before);
        const patch = patchOf("mappings/deals.yaml", before, after);
        execFileSync("git", ["apply", "-"], { cwd: folder, input: patch });
        expect(readFileSync(join(folder, "mappings/deals.yaml"), "utf8")).to.equal(after);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }
});

describe("the completion of a mapping", () => {
  const known: Known = {
    stream: "deals",
    fields: [
      { label: "Contract start", key: "c1", type: "date", options: null },
      { label: "Deal type", key: "d1", type: "enum", options: [{ label: "One-off" }, { label: "null" }] },
    ],
    models: { license: [{ name: "fromDate", type: "date", required: true }] },
    pipelines: ["Sales", "Renewals: 2"],
    transforms: ["trim", "uppercase"],
  };
  /** Returns what is offered at the `|` of a text, and from which column on it replaces. */
  const offered = (text: string, explicit = false) => {
    const pos = text.indexOf("|");
    const state = EditorState.create({ doc: text.replace("|", "") });
    const found = complete({ state, pos, explicit }, known);
    return found === null ? null : { at: found.from, labels: found.options.map(({ label }) => label) };
  };

  it("offers the account's own fields, options and pipelines, quoted where YAML needs it", () => {
    const start = offered("fields:\n  - planhat: fromDate\n    pipedrive: Con|");
    expect(start?.labels).to.include.members(["Contract start", "Deal type", "$start_date", "$url"]);
    expect(start?.at).to.equal("fields:\n  - planhat: fromDate\n    pipedrive: ".length);
    expect(offered("when: {field: Deal type, is: |")?.labels).to.deep.equal(["One-off", '"null"']);
    expect(offered("pipelines: [Sales, |")?.labels).to.deep.equal(["Sales", '"Renewals: 2"']);
    expect(offered("pipelines:\n  - Re|")?.labels).to.include("Sales");
    expect(offered("  - planhat: |")?.labels).to.deep.equal(["fromDate"]);
  });

  it("offers the words of the language where a key stands, and nothing in a comment", () => {
    expect(offered("dir|")?.labels).to.include.members(["direction", "pipelines", "start_date"]);
    expect(offered("fields:\n  - pl|")?.labels).to.include.members(["planhat", "pipedrive", "on_null"]);
    expect(offered("direction: re|")?.labels).to.deep.equal(["both", "send", "receive", "none"]);
    expect(offered("# direction: re|")).to.equal(null);
  });
});
