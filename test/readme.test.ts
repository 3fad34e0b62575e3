import { readFileSync } from "node:fs";
import { expect } from "chai";
import { packageRoot } from "../connector/package-root.ts";
import { makeWorkplace, runBin } from "./run-bin.ts";

describe("the README", () => {
  const readme = readFileSync(`${packageRoot}README.md`, "utf8");

  it("shows what make demo prints", async () => {
    const place = makeWorkplace();
    const { status, stdout, stderr } = await runBin(place.folder, ["demo"]);
    place.remove();
    expect(status, stderr).to.equal(0);
    const timeless = (text: string) => text.replace(/ in [\d.]+ s\.$/, " in … s.");
    const printed = stdout.split("\n").map(timeless);
    const shown = /<!-- demo -->\n```\n\$ make demo\n([\s\S]*?)\n```/.exec(readme)![1]!.split("\n");
    expect(shown).to.have.length.greaterThan(20);
    let from = 0;
    for (const line of shown) {
      if (line.trim() === "…") continue;
      const at = printed.indexOf(timeless(line), from);
      expect(at, `the demo prints, in this place: ${line}`).to.be.at.least(0);
      from = at + 1;
    }
  });

  it("gives the reason for every dependency that ships, and for no other", () => {
    const { dependencies, devDependencies } = JSON.parse(readFileSync(`${packageRoot}package.json`, "utf8")) as Record<
      "dependencies" | "devDependencies",
      object
    >;
    const licences = readFileSync(`${packageRoot}dist/THIRD-PARTY-LICENSES.txt`, "utf8");
    const inside = Object.keys(devDependencies).filter((name) => licences.includes(`\n\n${name} `));
    const table = readme.slice(readme.indexOf("| dependency | for |"), readme.indexOf("## Working on it"));
    const named = [...table.matchAll(/^\| (.+?) \|/gm)].flatMap(([, cell]) =>
      [...cell!.matchAll(/`([^`]+)`/g)].map(([, name]) => name!),
    );
    expect(named.sort()).to.deep.equal([...Object.keys(dependencies), ...inside].sort());
  });

  it("names only commands that exist", async () => {
    const place = makeWorkplace();
    const { stdout } = await runBin(place.folder, ["--help"]);
    place.remove();
    const commands = readme.slice(readme.indexOf("| command | does |"), readme.indexOf("Every command takes"));
    for (const [, name] of commands.matchAll(/^\| `(\w+)/gm)) expect(stdout).to.match(new RegExp(`^  ${name}\\b`, "m"));
  });
});
