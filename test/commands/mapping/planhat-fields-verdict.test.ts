import { expect } from "chai";
import { inTestLong } from "../../long.ts";
import { type PlanhatSync, planhatSync } from "../../planhat-sync.ts";
import { wonDeal } from "../../sandbox-sync.ts";

const organizations = "stream: organizations\nfields:\n  - {planhat: name, pipedrive: name}\n";
const deals = `stream: deals
start_date: won_time
model: license
fields:
  - {planhat: _currency, pipedrive: currency}
  - {planhat: fromDate, pipedrive: $start_date}
`;
const verdict = `mappings/organizations.yaml:4:15: error: Planhat's company has no custom field \`Teir\`; Planhat accepts values for it, and shows them nowhere.
  4 |   - {planhat: custom.Teir, pipedrive: industry}
                    ^
  Did you mean \`custom.Tier\`? Capitals and emoji count.`;

/** A custom field of the mapping that Planhat does not have. */
describe("a custom field that Planhat lacks", function () {
  this.timeout(240_000);
  let setting: PlanhatSync;
  let organizationId: number;

  before(async () => {
    setting = await planhatSync("server");
    ({ organizationId } = wonDeal(setting.sandbox));
    setting.map({ "organizations.yaml": organizations, "deals.yaml": deals });
    await setting.sync();
    setting.map({ "organizations.yaml": `${organizations}  - {planhat: custom.Teir, pipedrive: industry}\n` });
    setting.writes();
  });
  after(() => setting.close());

  const further = ["mapping preview organizations {id}", "plan", "sync --full", "remap", "rejections retry", "audit"];
  for (const command of ["mapping check", "sync", "serve --port 0", ...(inTestLong ? further : [])]) {
    it(`is refused by ${command} with exit 2, at its place, in the same words`, async () => {
      const { status, stdout, stderr } = await setting.run(command.replace("{id}", String(organizationId)).split(" "));
      expect(stdout + stderr).to.contain(verdict);
      expect(status).to.equal(2);
      expect(setting.writes()).to.deep.equal([]);
    });
  }

  it("is FAILED for check, in the same words", async () => {
    const { stdout } = await setting.run(["check", "--json"]);
    const { connectionStatus } = JSON.parse(stdout) as { connectionStatus: { status: string; message: string } };
    expect(connectionStatus.status).to.equal("FAILED");
    expect(connectionStatus.message).to.contain(verdict);
  });

  it("is taken everywhere as soon as somebody makes it in Planhat", async () => {
    setting.planhat.store.customFields.push({ name: "Teir", parent: "Company", type: "text" });
    for (const command of [
      ["mapping", "check"],
      ["mapping", "preview", "organizations", String(organizationId)],
      ["plan"],
    ]) {
      const { status, stderr } = await setting.run(command);
      expect(status, stderr).to.equal(0);
    }
    await setting.sync();
  });

  it("is taken on trust by preview where Planhat cannot be asked, and preview says so", async () => {
    setting.manners.intercept = () => Response.json({ error: "Unauthorized" }, { status: 401 });
    const { status, stderr } = await setting.run(["mapping", "preview", "organizations", String(organizationId)]);
    delete setting.manners.intercept;
    expect(status).to.equal(0);
    expect(stderr).to.contain("Not checked against Planhat:").and.to.contain("(401)");
  });
});
