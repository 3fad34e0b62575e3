import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { expect } from "chai";
import { parse } from "yaml";
import { checkMapping } from "../../connector/mapping/check/check-mapping.ts";
import { packageRoot } from "../../connector/package-root.ts";
import { modelCatalog } from "../../connector/planhat/models.ts";
import { renderProblems } from "../../connector/problem.ts";
import { account } from "./account.ts";

const root = join(packageRoot, "test/fixtures/mapping");
const schema = JSON.parse(readFileSync(join(packageRoot, "schemas/mapping.json"), "utf8")) as object;
const validate = new Ajv({ allErrors: true, strict: false }).compile(schema);

/**
 * Checks a folder whose name is the test's title; "without an account" in the name omits the account, and "with a hash
 * key" gives a key for the transform `hash`.
 */
function check(folder: string) {
  const files = readdirSync(folder)
    .filter((name) => /\.ya?ml$/.test(name))
    .map((name) => ({ name, text: readFileSync(join(folder, name), "utf8") }));
  const known = !folder.includes("without an account");
  const checked = checkMapping(files, {
    models: modelCatalog,
    ...(known ? { catalog: account } : {}),
    ...(folder.includes("with a hash key") ? { hashKey: "a-key-for-tests-0123456789abcdefgh" } : {}),
  });
  const texts = new Map(files.map(({ name, text }) => [name, text]));
  return { ...checked, files, rendered: renderProblems(checked.problems, texts) };
}

function cases(kind: string): string[] {
  return readdirSync(join(root, kind));
}

/** UPDATE_EXPECTED=1 writes the present problems; the difference is for a person to review. */
function expectText(folder: string, rendered: string): void {
  const file = join(folder, "expected.txt");
  if (process.env["UPDATE_EXPECTED"] === "1") writeFileSync(file, `${rendered}\n`);
  expect(existsSync(file), `${file} exists`).to.equal(true);
  expect(`${rendered}\n`).to.equal(readFileSync(file, "utf8"));
}

describe("a valid mapping", () => {
  for (const name of cases("valid")) {
    it(name, () => {
      const { problems, mapping, rendered, files } = check(join(root, "valid", name));
      expect(rendered).to.equal("");
      expect(problems).to.deep.equal([]);
      expect(mapping).to.not.equal(undefined);
      for (const { text } of files) expect(validate(parse(text)), JSON.stringify(validate.errors)).to.equal(true);
    });
  }
});

describe("a mapping with mistakes: each is told with its place, what was expected and the nearest word", () => {
  for (const kind of ["syntax", "structure", "meaning"]) {
    for (const name of cases(join("invalid", kind))) {
      it(`${kind}: ${name}`, () => {
        const folder = join(root, "invalid", kind, name);
        const { problems, mapping, rendered, files } = check(folder);
        expect(problems.some(({ severity }) => severity === "error")).to.equal(true);
        expect(mapping).to.equal(undefined);
        if (kind === "structure") {
          const sound = files.every(({ text }) => validate(parse(text)));
          expect(sound, "the JSON Schema refuses it too").to.equal(false);
        }
        if (kind === "meaning") {
          for (const { text } of files) expect(validate(parse(text)), JSON.stringify(validate.errors)).to.equal(true);
        }
        expectText(folder, rendered);
      });
    }
  }
});

describe("a mapping that works but looks wrong", () => {
  for (const name of cases("warnings")) {
    it(name, () => {
      const folder = join(root, "warnings", name);
      const { problems, mapping, rendered } = check(folder);
      expect(problems.map(({ severity }) => severity)).to.include("warning");
      expect(mapping).to.not.equal(undefined);
      expectText(folder, rendered);
    });
  }
});
