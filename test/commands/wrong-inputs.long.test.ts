import { readFileSync } from "node:fs";
import { expect } from "chai";
import { parse } from "yaml";
import { packageRoot } from "../../connector/package-root.ts";
import { testWrongInputs } from "../wrong-inputs.ts";

describe("a wrong input of a new user: who must act, what happened, where, what to do", function () {
  this.timeout(120_000);
  testWrongInputs({ quick: false });

  it("is one of 105 at least, no two alike", () => {
    const inputs = parse(readFileSync(`${packageRoot}test/fixtures/wrong-inputs.yaml`, "utf8")) as { name: string }[];
    expect(new Set(inputs.map(({ name }) => name)).size)
      .to.equal(inputs.length)
      .and.be.at.least(105);
  });
});
