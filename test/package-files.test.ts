import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { licencesText, packagesOf } from "../build/licences.ts";
import { packageRoot } from "../connector/package-root.ts";
import { startSandbox } from "../connector/sandbox/server.ts";
import { makeWorkplace, runBin } from "./run-bin.ts";
import { sizeOf } from "./size-of.ts";

describe("the npm package", function () {
  this.timeout(240_000);
  let folder: string;
  /** The package as npm installs it. */
  let installed: string;
  let files: string[];
  const { dependencies } = JSON.parse(readFileSync(`${packageRoot}package.json`, "utf8")) as {
    dependencies: Record<string, string>;
  };
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "pipedrive-planhat-package-"));
    const packed = spawnSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], {
      cwd: packageRoot,
      encoding: "utf8",
    });
    expect(packed.status, packed.stderr).to.equal(0);
    const [pack] = JSON.parse(packed.stdout) as [{ filename: string; files: { path: string }[] }];
    files = pack.files.map(({ path }) => path);
    expect(spawnSync("tar", ["xzf", pack.filename], { cwd: folder }).status).to.equal(0);
    installed = join(folder, "node_modules/pipedrive-planhat");
    mkdirSync(dirname(installed));
    renameSync(join(folder, "package"), installed);
    for (const name of Object.keys(dependencies)) {
      mkdirSync(dirname(join(folder, "node_modules", name)), { recursive: true });
      symlinkSync(`${packageRoot}node_modules/${name}`, join(folder, "node_modules", name));
    }
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("holds everything the bin reads: its code, schemas, mappings and spec.json", () => {
    const code = readdirSync(`${packageRoot}dist`).filter((name) => /\.[cm]?js$/.test(name));
    expect(files).to.include.members(["dist/main.js", "dist/new-data.tgz", ...code.map((name) => `dist/${name}`)]);
    const page = readdirSync(`${packageRoot}dist/console`, { recursive: true, withFileTypes: true });
    for (const file of page.filter((entry) => entry.isFile()))
      expect(files).to.include(join(file.parentPath, file.name).slice(packageRoot.length));
    for (const name of code) {
      const text = readFileSync(join(installed, "dist", name), "utf8");
      for (const [, other] of text.matchAll(/(?:from|import|require)\(?"\.\/([\w.-]+)"/g))
        expect(code).to.include(other);
    }
    const sources = readdirSync(`${packageRoot}connector`, { recursive: true, encoding: "utf8" });
    const read = sources
      .filter((name) => name.endsWith(".ts"))
      .flatMap((name) => [
        ...readFileSync(`${packageRoot}connector/${name}`, "utf8").matchAll(/\$\{packageRoot\}(\w[\w./-]*)/g),
      ])
      .map(([, path]) => path!);

    expect(new Set(read)).to.include.keys("spec.json", "mappings", "dist/listener-thread.mjs");
    for (const path of new Set(read)) {
      expect(existsSync(`${packageRoot}${path}`), path).to.equal(true);
      expect(existsSync(join(installed, path)), path).to.equal(true);
    }
  });

  it("holds nothing else: no test, no source, no build record", () => {
    const others = files.filter(
      (file) =>
        !/^dist\/[\w.-]+\.(js|mjs|cjs|js\.map|mjs\.map)$/.test(file) &&
        !/^dist\/console\/(?:index\.html|THIRD-PARTY-LICENSES\.txt|assets\/[\w-]+\.(?:js|css|svg))$/.test(file) &&
        !["dist/new-data.tgz", "dist/package.json", "dist/THIRD-PARTY-LICENSES.txt"].includes(file) &&
        !/^(schemas|mappings|docs)\/[\w/.-]+\.(json|yaml|md)$/.test(file) &&
        !["package.json", "spec.json", "README.md", "CHANGELOG.md", "LICENSE"].includes(file),
    );
    expect(others).to.deep.equal([]);
  });

  it("brings at most 20 packages and 45 MB", () => {
    const { packages } = JSON.parse(readFileSync(`${packageRoot}package-lock.json`, "utf8")) as {
      packages: Record<string, { dev?: true; devOptional?: true }>;
    };
    const beside = Object.keys(packages).filter((path) => path !== "" && !packages[path]!.dev);
    expect(beside).to.deep.equal(Object.keys(dependencies).map((name) => `node_modules/${name}`));
    const sizes = [installed, ...beside.map((path) => packageRoot + path)].map(sizeOf);
    expect(sizes.reduce((sum, size) => sum + size) / 1e6, "megabytes").to.be.lessThan(45);
  });

  it("holds the licence of every package whose code is inside, in one order", () => {
    const all = {
      dist: ["ajv", "axios", "commander", "pg", "pg-boss", "re2js", "yaml"],
      "dist/console": ["preact", "uplot"],
    };
    for (const [place, some] of Object.entries(all)) {
      const text = readFileSync(join(installed, place, "THIRD-PARTY-LICENSES.txt"), "utf8");
      const parts = text.split(/\n\n-{80}\n\n/).slice(1);
      expect(parts.map((part) => /^(\S+) /.exec(part)![1]!)).to.include.members(some);
      for (const part of parts)
        expect(part, part.slice(0, 60))
          .to.match(/copyright|license/i)
          .and.have.length.above(300);
    }
    const inside = ["ajv", "yaml", "pg", "axios"].map((name) => `node_modules/${name}/index.js`);
    expect(licencesText(packagesOf(inside))).to.equal(licencesText(packagesOf(inside.toReversed())));
  });

  it("runs where nothing else is installed: spec, sync, query, a mapping's test", async () => {
    const sandbox = await startSandbox({ organizations: 5, persons: 5, deals: 12, notes: 5, burstLimit: 1000 });
    const place = makeWorkplace();
    const run = async (...args: string[]) => {
      const { status, stdout, stderr } = await runBin(place.folder, args, { bin: join(installed, "dist/main.js") });
      expect(status, `${args.join(" ")}: ${stderr}`).to.equal(0);
      return stdout;
    };
    try {
      place.write("config.yaml", `company_url: ${sandbox.url}\napi_token: ${sandbox.token}\n`);
      expect(JSON.parse(await run("spec"))).to.include({ type: "SPEC" });
      const { models } = JSON.parse(await run("sync", "--json")) as { models: { company: { created: number } } };
      expect(models.company.created).to.be.greaterThan(0);
      const counted = await run("query", "--format", "json", "select count(*)::int as n from planhat.companies");
      expect(JSON.parse(counted)).to.deep.equal([{ n: models.company.created }]);
      // Mapping files, a pattern and a table on a terminal load packages that most runs do not need.
      await run("mapping", "init");
      await run("mapping", "check");
    } finally {
      place.remove();
      await sandbox.close();
    }
  });
});
