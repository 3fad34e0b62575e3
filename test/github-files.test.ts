import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect } from "chai";
import { parse } from "yaml";
import { packageRoot } from "../connector/package-root.ts";

const validator = `${packageRoot}node_modules/@action-validator/cli/cli.mjs`;

function validate(file: string): { status: number | null; told: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [validator, file], { encoding: "utf8" });
  return { status, told: stdout + stderr };
}

describe("GitHub's files", function () {
  this.timeout(120_000);

  it("are valid workflows and a valid action", () => {
    const workflows = readdirSync(`${packageRoot}.github/workflows`).map((name) => `.github/workflows/${name}`);
    expect(workflows).to.have.lengthOf(2);
    for (const file of [...workflows, "action.yml"]) {
      const { status, told } = validate(`${packageRoot}${file}`);
      expect(status, `${file}: ${told}`).to.equal(0);
    }
  });

  it("name the scripts, make targets and Nodes that are there", () => {
    const { runs } = parse(readFileSync(`${packageRoot}action.yml`, "utf8"));
    const [, script] = /GITHUB_ACTION_PATH\/([\w/.-]+)/.exec(runs.steps[1].run)!;
    expect(existsSync(packageRoot + script)).to.equal(true);
    const makefile = readFileSync(`${packageRoot}Makefile`, "utf8");
    const ci = readFileSync(`${packageRoot}.github/workflows/ci.yml`, "utf8");
    for (const [, target] of ci.matchAll(/make ([\w-]+)/g)) expect(makefile).to.match(new RegExp(`^${target}:`, "m"));
    const nodes = /^NODES = (.*)$/m.exec(makefile)![1]!.split(" ").map(Number);
    expect(parse(ci).jobs.test.strategy.matrix.node).to.deep.equal(nodes);
  });
});
