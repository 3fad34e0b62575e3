import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Plugin } from "esbuild";

/**
 * An esbuild plugin: `await import("pg")` in the bundle has the names it has in Node. By itself esbuild gives what a
 * CommonJS module exports as `default` alone where the import is dynamic.
 */
export const dynamicPackages: Plugin = {
  name: "dynamic packages",
  setup(build) {
    build.onResolve({ filter: /^[a-z@]/ }, async ({ path, kind, resolveDir, pluginData }) => {
      if (kind !== "dynamic-import" || pluginData === "asked") return undefined;
      const found = await build.resolve(path, { kind, resolveDir, pluginData: "asked" });
      if (found.external || found.errors.length > 0 || !isCommonJs(found.path)) return found;
      return { path, namespace: "dynamic", pluginData: resolveDir };
    });
    build.onLoad({ filter: /./, namespace: "dynamic" }, async ({ path, pluginData }) => {
      const names = Object.keys(await import(path)).filter((name) => /^[a-z_$][\w$]*$/i.test(name));
      const lines = names.map((name) =>
        name === "default" ? "export default m.default;" : `export const ${name} = m.${name};`,
      );
      return {
        contents: [`import * as m from ${JSON.stringify(path)};`, ...lines].join("\n"),
        resolveDir: pluginData as string,
      };
    });
  },
};

function isCommonJs(file: string): boolean {
  if (/\.[cm]js$/.test(file)) return file.endsWith(".cjs");
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    try {
      return (JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { type?: string }).type !== "module";
    } catch {
      if (folder === dirname(folder)) return true;
    }
  }
}
