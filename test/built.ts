import { readdirSync, statSync } from "node:fs";
import { bundle } from "../build/bundle.ts";
import { makeNewData } from "../build/new-data.ts";
import { packageRoot } from "../connector/package-root.ts";

/** Builds dist/ before the tests if the sources are newer, so that a test of one file runs the present code. */
export async function mochaGlobalSetup(): Promise<void> {
  if (newest("connector", "build") >= (changed(`${packageRoot}dist/main.js`) ?? 0)) {
    await makeNewData();
    await bundle(`${packageRoot}dist`);
  }
  if (newest("console", "build") >= (changed(`${packageRoot}dist/console/index.html`) ?? 0)) {
    const { bundleConsole } = await import("../build/console.ts");
    await bundleConsole(`${packageRoot}dist/console`);
  }
}

function newest(...folders: string[]): number {
  const files = folders.flatMap((folder) =>
    readdirSync(packageRoot + folder, { recursive: true, encoding: "utf8" }).map((file) => `${folder}/${file}`),
  );
  const times = [...files, "package-lock.json"].map((file) => changed(packageRoot + file) ?? 0);
  return Math.max(...times);
}

function changed(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs;
}
