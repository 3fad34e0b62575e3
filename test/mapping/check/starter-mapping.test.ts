import { readFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import type { AccountCatalog, AccountField } from "../../../connector/account-catalog.ts";
import { checkMapping } from "../../../connector/mapping/check/check-mapping.ts";
import { starterMapping, unnamedFields } from "../../../connector/mapping/check/starter-mapping.ts";
import { packageRoot } from "../../../connector/package-root.ts";
import { modelCatalog } from "../../../connector/planhat/models.ts";
import { type ListedStream, listedStreams } from "../../../connector/stream-name.ts";
import { account } from "../account.ts";

function starter(stream: ListedStream, catalog: AccountCatalog): string {
  const shipped = readFileSync(`${packageRoot}mappings/${stream}.yaml`, "utf8");
  return starterMapping({ stream, shipped, catalog, schemaPath: "../schemas/mapping.json" });
}

/** Returns the text with the account's custom fields mapped, as if a user had removed every `#` before them. */
function uncommented(text: string): string {
  const [head, block = ""] = text.split(/(?<=The account's custom fields;.*\n)/);
  return head + block.replace(/^( *)# /gm, "$1");
}

function checked(stream: ListedStream, text: string, catalog: AccountCatalog) {
  return checkMapping([{ name: `${stream}.yaml`, text }], { models: modelCatalog, catalog });
}

function withFields(stream: Exclude<ListedStream, "notes">, fields: AccountField[]): AccountCatalog {
  return { ...account, fields: { ...account.fields, [stream]: fields } };
}

/**
 * Returns a key: of digits alone, which YAML would read as a number, for the first three; of mixed digits for the
 * others.
 */
function numberedKey(index: number): string {
  return index > 2 ? `f${index.toString(16).padStart(39, "0")}` : index.toString().padStart(40, "0");
}

function custom(label: string, index: number, type = "varchar"): AccountField {
  const options = type === "enum" || type === "set" ? { options: [{ id: 1, label: "A: #1, \n'b'" }] } : {};
  return { label, key: numberedKey(index), type, custom: true, ...options };
}

describe("a starter mapping", () => {
  for (const stream of listedStreams) {
    it(`of ${stream} is sound as it is written, keeps every line of the shipped one, and lists the custom fields`, () => {
      const text = starter(stream, account);
      expect(checked(stream, text, account).problems).to.deep.equal([]);
      const shipped = readFileSync(`${packageRoot}mappings/${stream}.yaml`, "utf8");
      const kept = shipped.split("\n  # A custom field of Pipedrive, by the label")[0]!.trimEnd().split("\n");
      const lines = text.split("\n");
      let at = -1;
      for (const line of kept) {
        at = lines.indexOf(line, at + 1);
        expect(at, `in order: ${line}`).to.be.greaterThan(-1);
      }
    });

    it(`of ${stream} is sound with every custom field of the account mapped`, () => {
      const { problems, lineage } = checked(stream, uncommented(starter(stream, account)), account);
      expect(problems.filter(({ severity }) => severity === "error")).to.deep.equal([]);
      const fields = stream === "notes" ? [] : account.fields[stream].filter((field) => field.custom);
      const read = new Set(lineage.flatMap(({ reads }) => reads.map(({ key }) => key)));
      for (const { key } of fields) expect(read).to.include(key);
    });
  }

  it("names a field by its key where its label is shared or is another field's key, and says the label behind it", () => {
    const catalog = withFields("organizations", [custom("Region", 1), custom("Region", 2), custom("name", 3)]);
    expect(starter("organizations", catalog).split("\n").slice(-7)).to.deep.equal([
      "  # - planhat: custom.Region",
      `  #   pipedrive: '${numberedKey(1)}'  # Region`,
      "  # - planhat: custom.Region 2",
      `  #   pipedrive: '${numberedKey(2)}'  # Region`,
      "  # - planhat: custom.name",
      `  #   pipedrive: ${numberedKey(3)}  # name`,
      "",
    ]);
  });

  it("writes whatever label so that it is read back: dots, quotation marks, colons, line breaks", () => {
    const label = fc.oneof(
      fc.string({ minLength: 1, maxLength: 12 }),
      fc.constantFrom(
        "Rev. 2026",
        "$pecial",
        "true",
        "a: b",
        "# x",
        "it's",
        'say "x"',
        "a\nb",
        " x ",
        "['x']",
        '["y"]',
        "-",
        "ü",
        "C:\\d",
        "red \u001b[31m",
        "left\u200e right\u200f",
        "line\u2028end",
        "\u007fdel\u0085",
        "it's \u001b\u061c",
      ),
    );
    const type = fc.constantFrom("varchar", "enum", "set", "monetary", "daterange", "time", "address", "user");
    const stream = fc.constantFrom("organizations" as const, "persons" as const, "deals" as const);
    fc.assert(
      fc.property(stream, fc.array(fc.tuple(label, type), { maxLength: 5 }), (name, labels) => {
        const fields = labels.map(([text, kind], index) => custom(text, index + 1, kind));
        const catalog = withFields(name, fields);
        const text = uncommented(starter(name, catalog));
        expect(text, "nothing that nobody sees").not.to.match(/(?!\n)\p{Cc}|[\u061c\u200e\u200f\u2028\u2029]/u);
        const { problems, lineage } = checked(name, text, catalog);
        expect(
          problems.filter(({ severity }) => severity === "error"),
          text,
        ).to.deep.equal([]);
        const read = new Set(lineage.flatMap(({ reads }) => reads.map(({ key }) => key)));
        for (const { key } of fields) expect(read, text).to.include(key);
      }),
      { numRuns: 200 },
    );
  });

  it("tells which custom fields a file names nowhere, comments included", () => {
    const catalog = withFields("persons", [custom("Role", 1), custom("Budget", 2), custom("Score", 3)]);
    const text = `# - pipedrive: Role\n  - pipedrive: ${numberedKey(2)}\n`;
    expect(unnamedFields("persons", catalog, text)).to.deep.equal(["Score"]);
    expect(unnamedFields("notes", catalog, text)).to.deep.equal([]);
  });
});
