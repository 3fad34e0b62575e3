import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { packageRoot } from "../connector/package-root.ts";

// Asks npm's registry what is known of the packages that ship. For npm those in the bundle are tools of development, so
// what it says of the others is left out.
const { dependencies } = JSON.parse(readFileSync(`${packageRoot}package.json`, "utf8")) as { dependencies: object };
const licences = readFileSync(`${packageRoot}dist/THIRD-PARTY-LICENSES.txt`, "utf8");
const ships = (name: string) => name in dependencies || licences.includes(`\n\n${name} `);
const { stdout } = spawnSync("npm", ["audit", "--json"], { cwd: packageRoot, encoding: "utf8" });
const { vulnerabilities, message } = JSON.parse(stdout) as {
  vulnerabilities?: Record<string, { severity: string; range: string }>;
  message?: string;
};
if (vulnerabilities === undefined) throw new Error(`npm audit failed: ${message}`);
const found = Object.entries(vulnerabilities).filter(([name]) => ships(name));
for (const [name, { severity, range }] of found) process.stdout.write(`${name} ${range}: ${severity}\n`);
process.stdout.write(`${found.length} packages that ship have known vulnerabilities.\n`);
process.exitCode = found.length > 0 ? 1 : 0;
