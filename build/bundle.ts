import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { type BuildOptions, build, type Plugin, transform } from "esbuild";
import { packageRoot } from "../connector/package-root.ts";
import { dynamicPackages } from "./dynamic-packages.ts";
import { furtherImports, importFurther } from "./fewer-chunks.ts";
import { leftOut } from "./left-out.ts";
import { licencesText, packagesOf } from "./licences.ts";

/** Node finds the parts of PGlite that are no JavaScript beside it; the other is an option of `pg` that nobody has. */
const outside = ["@electric-sql/pglite", "pg-native"];

/** What a file of the old format needs to ask for Node's modules. */
const banner =
  'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);';

/** What esbuild is told wherever sources of the connector are bundled. */
export const bundleOptions = {
  absWorkingDir: packageRoot,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20.19",
  external: outside,
  banner: { js: banner },
  legalComments: "none",
  logLevel: "warning",
} satisfies BuildOptions;

/** The packages that are loaded when they are first used (connector/on-demand.ts): each a file of its own. */
const onDemand = ["htmlparser2", "re2js", "string-width"];

/**
 * Makes a chunk a file of the old format: Node loads those at once, where it goes through some twenty promises for each
 * file of the new one. esbuild itself makes chunks of the new one alone.
 */
async function inOldFormat(chunk: string): Promise<{ code: string; map: string }> {
  const usesUrl = chunk.includes("import.meta.url");
  const { code, map } = await transform(chunk, {
    format: "cjs",
    platform: "node",
    target: bundleOptions.target,
    minifyWhitespace: true,
    sourcemap: "external",
    sourcesContent: false,
    supported: { "dynamic-import": false },
    define: { "import.meta.url": "urlOfThisFile" },
    ...(usesUrl ? { banner: 'const urlOfThisFile=require("node:url").pathToFileURL(__filename).href;' } : {}),
  });
  return { code: withModulesOnDemand(code), map };
}

/**
 * Lets a chunk load a module of Node when it is first used: `node:v8` and `node:child_process` each take as long as a chunk,
 * and most commands need neither. On the same lines, so that the map's lines stay right.
 */
function withModulesOnDemand(code: string): string {
  let changed = code;
  for (const [whole, name, loaded] of code.matchAll(
    /var (import_\w+)=((?:__toESM\()?require\("[\w/:]+"\)(?:,1)?\)?);/g,
  )) {
    changed = changed
      .replace(whole, "")
      .replace(new RegExp(`\\b${name}\\b`, "g"), `(${name}())`)
      .replace(/^(#!.*\n)?/, (line) => `${line}var ${name}_;function ${name}(){return ${name}_??=${loaded}}`);
  }
  return changed;
}

/**
 * Bundles the connector into a folder: `main.js`, one chunk per command and what they share, the threads, and `pg.js`, which
 * tests patch. `change` may replace sources on their way.
 */
export async function bundle(folder: string, change: Plugin[] = []): Promise<void> {
  const threads = readdirSync(`${packageRoot}connector`, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith("-thread.ts"),
  );
  const entryPoints = { main: "connector/bin.ts", pg: "build/pg.ts" };
  const common = {
    ...bundleOptions,
    outdir: folder,
    write: false,
    metafile: true,
    sourcemap: true,
    sourcesContent: false,
    minifyWhitespace: true,
  } as const;
  const split = { ...common, entryPoints, banner: {}, splitting: true, sourcemap: "inline" } as const;
  const { metafile } = await build({ ...split, plugins: [dynamicPackages, leftOut] });
  const further = furtherImports(metafile, "connector/main.ts");
  const [chunks, ...others] = await Promise.all([
    build({ ...split, plugins: [dynamicPackages, leftOut, ...change, importFurther(further)] }),
    build({
      ...common,
      entryPoints: threads.map((file) => ({ in: `connector/${file}`, out: basename(file, ".ts") })),
      outExtension: { ".js": ".mjs" },
      plugins: [dynamicPackages, leftOut, ...change],
    }),
    build({
      ...common,
      entryPoints: onDemand.map((name) => ({ in: name, out: name })),
      format: "cjs",
      banner: {},
      outExtension: { ".js": ".cjs" },
      sourcemap: false,
      minify: true,
    }),
  ]);
  const files = others.flatMap((part) =>
    part.outputFiles.map(({ path, contents }): [name: string, contents: string | Uint8Array] => [
      basename(path),
      contents,
    ]),
  );
  for (const { path, text } of chunks.outputFiles) {
    const { code, map } = await inOldFormat(text);
    const name = basename(path);
    files.push([`${name}.map`, map], [name, `${code}//# sourceMappingURL=${name}.map\n`]);
  }
  files.push(["package.json", '{ "type": "commonjs" }\n']);
  const inside = [chunks, ...others].flatMap((part) =>
    Object.values(part.metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs)),
  );
  const licences = licencesText(packagesOf(inside));
  files.push(["THIRD-PARTY-LICENSES.txt", licences]);
  mkdirSync(folder, { recursive: true });
  // What others start comes last, so that it finds all it needs.
  files.sort(([one], [other]) => Number(one === "main.js") - Number(other === "main.js"));
  for (const [name, contents] of files) writeFileSync(join(folder, name), contents);
  chmodSync(join(folder, "main.js"), 0o755);
  const kept = new Set(files.map(([name]) => name)).add("new-data.tgz").add("compile-cache").add("console");
  for (const name of readdirSync(folder)) if (!kept.has(name)) rmSync(join(folder, name), { recursive: true });
}
