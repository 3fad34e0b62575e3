import { readdirSync, statSync } from "node:fs";
import { bundle } from "../build/bundle.ts";
import { makeNewData } from "../build/new-data.ts";
import { packageRoot } from "../connector/package-root.ts";

/** Builds dist/ before the tests if the sources are newer, so that a test of one file runs the present code. */
export async function mochaGlobalSetup(): Promise<void> {
  if (newest() < (changed(`${packageRoot}dist/main.js`) ?? 0)) return;
  await makeNewData();
  await bundle(`${packageRoot}dist`);
}

function newest(): number {
  const files = ["connector", "build"].flatMap((folder) =>
    readdirSync(packageRoot + folder, { recursive: true, encoding: "utf8" }).map((file) => `${folder}/${file}`),
  );
  const times = [...files, "package-lock.json"].map((file) => changed(packageRoot + file) ?? 0);
  return Math.max(...times);
}

function changed(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs;
}
