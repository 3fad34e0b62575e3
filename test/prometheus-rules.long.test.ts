import { spawnSync } from "node:child_process";
import { expect } from "chai";
import { packageRoot } from "../connector/package-root.ts";

describe("the rules for Prometheus", function () {
  this.timeout(120_000);

  const promtool = (...args: string[]) => {
    const ran = spawnSync("promtool", args, { cwd: `${packageRoot}deploy/prometheus`, encoding: "utf8" });
    if (ran.error !== undefined) throw new Error("promtool is not installed: apt-get install prometheus.");
    return ran;
  };

  it("are valid, and each alert begins and ends as its unit tests say", () => {
    const checked = promtool("check", "rules", "rules.yml");
    expect(checked.status, checked.stderr).to.equal(0);
    const tested = promtool("test", "rules", "rules.test.yml");
    expect(tested.status, tested.stdout + tested.stderr).to.equal(0);
    expect(tested.stdout).to.contain("SUCCESS");
  });
});
