import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { type BuildOptions, build, type Plugin } from "esbuild";
import { packageRoot } from "../connector/package-root.ts";
import { dynamicPackages } from "./dynamic-packages.ts";
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
  // axios takes forms; nothing here sends one, and what makes them brings 200 KB of media types along.
  alias: { "form-data": "./build/no-form-data.ts" },
  banner: { js: banner },
  legalComments: "none",
  logLevel: "warning",
} satisfies BuildOptions;

/** The packages that are loaded when they are first used (connector/on-demand.ts): each a file of its own. */
const onDemand = ["htmlparser2", "re2js", "string-width"];

/**
 * Bundles the connector into a folder: `main.js`, one chunk per command and what they share, the threads, and `pg.js`, which
 * tests patch. `change` may replace sources on their way. Returns the paths of what it put there.
 */
export async function bundle(folder: string, change: Plugin[] = []): Promise<void> {
  const threads = readdirSync(`${packageRoot}connector`, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith("-thread.ts"),
  );
  const entryPoints = {
    main: "connector/bin.ts",
    pg: "build/pg.ts",
    ...Object.fromEntries(threads.map((file) => [basename(file, ".ts"), `connector/${file}`])),
  };
  const common = { ...bundleOptions, outdir: folder, write: false, metafile: true } as const;
  const parts = await Promise.all([
    build({
      ...common,
      entryPoints,
      splitting: true,
      sourcemap: true,
      sourcesContent: false,
      minifyWhitespace: true,
      plugins: [dynamicPackages, ...change],
    }),
    build({
      ...common,
      entryPoints: onDemand.map((name) => ({ in: name, out: name })),
      format: "cjs",
      banner: {},
      outExtension: { ".js": ".cjs" },
      minify: true,
    }),
  ]);
  const files = parts.flatMap((part) =>
    part.outputFiles.map(({ path, contents }) => ({ name: basename(path), contents })),
  );
  const inside = parts.flatMap((part) =>
    Object.values(part.metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs)),
  );
  const licences = licencesText(packagesOf(inside));
  files.push({ name: "THIRD-PARTY-LICENSES.txt", contents: new TextEncoder().encode(licences) });
  mkdirSync(folder, { recursive: true });
  // What others start comes last, so that it finds all it needs.
  const isEntry = (name: string) => name in entryPoints;
  files.sort((one, other) => Number(isEntry(basename(one.name, ".js"))) - Number(isEntry(basename(other.name, ".js"))));
  for (const { name, contents } of files) writeFileSync(join(folder, name), contents);
  chmodSync(join(folder, "main.js"), 0o755);
  const kept = new Set(files.map(({ name }) => name)).add("new-data.tgz").add("compile-cache");
  for (const name of readdirSync(folder)) if (!kept.has(name)) rmSync(join(folder, name), { recursive: true });
}
