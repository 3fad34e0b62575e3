import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../connector/package-root.ts";

/** A package whose code is in the bundle. */
interface Inside {
  name: string;
  version: string;
  license: string;
  texts: string[];
}

/** Returns the packages that bundled files are of, each version once, in the order of their names. */
export function packagesOf(files: readonly string[]): Inside[] {
  const found = files.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []);
  const folders = new Set(found.map((folder) => join(packageRoot, folder)));
  const inside = new Map<string, Inside>();
  for (const folder of folders) {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Inside;
    inside.set(`${name}@${version}`, { name, version, license, texts: licenceTexts(folder) });
  }
  return [...inside.entries()].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, one]) => one);
}

/** Returns the texts of a package's licence files, or what its README says of it where there is none. */
function licenceTexts(folder: string): string[] {
  const names = readdirSync(folder).sort();
  const files = names.filter((file) => /^(licen[cs]e|copying|notice)/i.test(file));
  const read = (file: string) => readFileSync(join(folder, file), "utf8").replaceAll("\r\n", "\n").trim();
  if (files.length > 0) return files.map(read);
  const readme = names.find((file) => /^readme/i.test(file));
  const said = readme === undefined ? undefined : /^(#+ *)?licen[cs]e *$[\s\S]*/im.exec(read(readme))?.[0];
  return said === undefined ? [] : [said];
}

/** Returns the licences of what is in the bundle, as one text: the same for the same packages. */
export function licencesText(packages: readonly Inside[]): string {
  const line = "-".repeat(80);
  const parts = packages.map(({ name, version, license, texts }) =>
    [`${name} ${version} (${license})`, ...texts].join("\n\n"),
  );
  return `${["The code in this folder holds these packages, each under its own licence.", ...parts].join(`\n\n${line}\n\n`)}\n`;
}
