import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect } from "chai";
import { packageRoot } from "../../connector/package-root.ts";

const folder = join(packageRoot, "connector/mapping");
const leaves = [
  "account-catalog.ts",
  "text/host-of.ts",
  "text/label-text.ts",
  "model-name.ts",
  "text/nearest-word.ts",
  "text/type-words.ts",
  "on-demand.ts",
  "problem.ts",
  "stream-name.ts",
];

/** Packages that compute and have no side effects. */
const packages = ["yaml", "node:crypto", "re2js", "htmlparser2"];

describe("connector/mapping", () => {
  it("imports nothing but what computes, itself and the leaves that do nothing", () => {
    const foreign: string[] = [];
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
    expect(files.length).to.be.greaterThan(50);
    for (const file of files) {
      const text = readFileSync(join(folder, file), "utf8");
      for (const [, from] of text.matchAll(/(?:\bfrom|\bimport|\bimport\()\s*"([^"]+)"/g)) {
        const target = from!.startsWith(".")
          ? relative(join(packageRoot, "connector"), resolve(folder, dirname(file), from!))
          : from!;
        if (!packages.includes(target) && !target.startsWith("mapping/") && !leaves.includes(target)) {
          foreign.push(`${file} imports ${from}`);
        }
      }
    }
    expect(foreign).to.deep.equal([]);
  });

  it("asks neither the clock nor chance, and reaches for nothing global", () => {
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
    const impure = files.filter((file) =>
      /Date\.now|new Date\(\)|Math\.random|\bprocess\.|\bfetch\(|\bconsole\./.test(
        readFileSync(join(folder, file), "utf8"),
      ),
    );
    expect(impure).to.deep.equal([]);
  });
});
