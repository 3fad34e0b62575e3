import { expect } from "chai";
import { inTestLong } from "../long.ts";
import { type PlanhatSync, planhatSync } from "../planhat-sync.ts";
import { wonDeal } from "../sandbox-sync.ts";

/**
 * Each command that opens the database, and its expected output, in this order, for one won deal. Their behaviour is
 * tested on a server, and in the embedded database by `make test-long` (`onServerFirst`). `make test` leaves out those
 * that only read, in the way that others here do.
 */
const commands: readonly [command: string, says: RegExp, onlyLong?: true][] = [
  ["check", /"status":"SUCCEEDED"/],
  ["sync", /\nlicense +1 +0 +0 +0\n/],
  ["undo last", /^= 2 rows that the run made: `--created` removes them too$/m],
  ["runs last", /^Run [\da-f-]{36}: full[\s\S]*\bcompany\b/, true],
  ["history license 1", /^\d{4}-\d\d-\d\d [\d:]{8}Z /m, true],
  ["sync --company 1", /\nlicense +0 +0 +1 +0\n/],
  ["status", / \(.*\) +company +succeeded .*\n.* \(.*\) +full +succeeded /, true],
  ["plan", /Plan: 0 to create, 0 to update, 0 unchanged/],
  ["audit", /\nlicense +1 +1 +1 +0 +0\n[\s\S]*\nNothing is missing\./],
  ["explain deals 1", /is in Planhat as the license 1, and up to date/],
  ["remap", /with no request to Pipedrive[\s\S]*\nlicense +0 +0 +1 +0\n/],
  ["rejections list", /^Nothing is rejected/, true],
  ["rejections retry", /^Nothing is rejected/],
  ["mapping check", /The mapping has no errors and \d+ warnings/, true],
  ["mapping preview deals 1", /unchanged/, true],
  ["mapping fields organizations", /\nName +name +varchar +1 +company\.name\n/, true],
  ["pipelines", /\n\* +1 +Sales\n/, true],
  ["webhook list", /^The connector has no webhook in Pipedrive/, true],
  ["query values(17)", /column1\r?\n17\r?\n/],
  ["export licenses --to exported", /licenses/],
  ["holds list", /^Nothing is held/, true],
  [
    "privacy report",
    /^planhat\.companies: 1 row, the oldest of \d{4}-\d\d-\d\d\n.*\n {2}Goes: .*\n {2}name +1 +name, which may be a person's$/m,
  ],
];

describe("in the embedded database", function () {
  this.timeout(240_000);
  let setting: PlanhatSync;
  before(async () => {
    setting = await planhatSync("embedded");
    wonDeal(setting.sandbox);
  });
  after(() => setting.close());

  it("every command works", async () => {
    for (const [command, says] of inTestLong ? commands : commands.filter(([, , onlyLong]) => !onlyLong)) {
      const { status, stdout, stderr } = await setting.run(command.split(" "));
      expect(status, `${command}: ${stderr}`).to.equal(0);
      expect(stdout, command).to.match(says);
    }
    expect(await setting.look("select value::int as value from planhat.licenses")).to.deep.equal([{ value: 100 }]);
  });
});
