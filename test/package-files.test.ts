import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect } from "chai";
import { packageRoot } from "../connector/package-root.ts";

describe("the npm package", function () {
  this.timeout(120_000);
  let files: string[];
  before(() => {
    const { status, stdout, stderr } = spawnSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
      cwd: packageRoot,
      encoding: "utf8",
    });
    expect(status, stderr).to.equal(0);
    files = (JSON.parse(stdout) as { files: { path: string }[] }[])[0]!.files.map(({ path }) => path);
  });

  it("holds everything the bin reads: its code, schemas, mappings and spec.json", () => {
    const sources = readdirSync(`${packageRoot}connector`, { recursive: true, encoding: "utf8" }).filter(
      (name) => !name.endsWith(".d.ts"),
    );
    for (const name of sources.filter((one) => one.endsWith(".ts"))) {
      expect(files).to.include(`dist/${name.replace(/\.ts$/, ".js")}`);
    }
    const read = sources
      .filter((name) => name.endsWith(".ts"))
      .flatMap((name) => [
        ...readFileSync(`${packageRoot}connector/${name}`, "utf8").matchAll(/\$\{packageRoot\}(\w[\w./-]*)/g),
      ])
      .map(([, path]) => path!);
    expect(new Set(read)).to.include.keys("spec.json", "mappings");
    for (const path of new Set(read)) {
      expect(existsSync(`${packageRoot}${path}`), path).to.equal(true);
      expect(
        files.some((file) => file === path || file.startsWith(`${path.replace(/\/$/, "")}/`)),
        path,
      ).to.equal(true);
    }
  });

  it("holds nothing else: no test, no source, no build record", () => {
    const others = files.filter(
      (file) =>
        !/^dist\/[\w/.-]+\.js$/.test(file) &&
        file !== "dist/database/new-data.tgz" &&
        !/^(schemas|mappings|docs)\/[\w/.-]+\.(json|yaml|md)$/.test(file) &&
        !["package.json", "spec.json", "README.md", "CHANGELOG.md", "LICENSE"].includes(file),
    );
    expect(others).to.deep.equal([]);
  });
});
