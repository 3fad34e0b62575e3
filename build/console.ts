import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "vite";
import { packageRoot } from "../connector/package-root.ts";
import { licencesText, packagesOf } from "./licences.ts";

/**
 * Bundles the page of the console into a folder, with paths that are relative: it works under any path. Beside it go the
 * licences of the packages that are inside.
 */
export async function bundleConsole(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  const result = await build({
    root: `${packageRoot}console`,
    base: "./",
    configFile: false,
    envDir: false,
    publicDir: false,
    logLevel: "warn",
    build: {
      outDir: folder,
      emptyOutDir: true,
      target: ["chrome123", "firefox120", "safari17.5"],
      // The sign-in comes with strict rules about what a page may load; nothing of it is inside another file.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      rolldownOptions: { checks: { pluginTimings: false } },
    },
  });
  const outputs = [result].flat().flatMap((one) => ("output" in one ? one.output : []));
  const inside = outputs.flatMap((one) => (one.type === "chunk" ? one.moduleIds : (one.originalFileNames ?? [])));
  const files = inside.map((file) => file.replace(/\?.*$/, "").replace(packageRoot, ""));
  writeFileSync(join(folder, "THIRD-PARTY-LICENSES.txt"), licencesText(packagesOf(files)));
}
