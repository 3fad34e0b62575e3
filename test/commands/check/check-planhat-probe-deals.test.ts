import { readFileSync } from "node:fs";
import { expect } from "chai";
import { pointsOfDeals } from "../../../connector/planhat/points-of-deals.ts";
import { unverifiedPoints } from "../../../connector/planhat/unverified-points.ts";
import type { Intercept } from "../../../connector/sandbox/pipedrive/app.ts";
import { dealFiles, otherFiles } from "../../deal-models.ts";
import { itLong } from "../../long.ts";
import { type PlanhatSync, planhatSync } from "../../planhat-sync.ts";

const paths = ["companies", "endusers", "conversations", "deals", "lineitems", "products"];

describe("check --planhat-probe on a tenant with Deal and Line Item", function () {
  this.timeout(120_000);
  let place: PlanhatSync;
  let intercept: Intercept;
  const left = () => paths.flatMap((path) => place.planhat.store.all(path));
  beforeEach(async () => {
    intercept = () => undefined;
    place = await planhatSync("server", {
      revenue: "deals",
      callsPerMinute: Number.POSITIVE_INFINITY,
      intercept: (request) => intercept(request),
    });
    place.map({ ...otherFiles, ...dealFiles });
  });
  afterEach(() => place.close());

  const probe = async () => {
    const { stdout } = await place.run(["check", "--json", "--planhat-probe"]);
    const { connectionStatus } = JSON.parse(stdout) as { connectionStatus: { status: string; message: string } };
    expect(connectionStatus.status, connectionStatus.message).to.equal("SUCCEEDED");
    return connectionStatus.message;
  };
  /** Returns the verdict on each open point of these models, by the point's question. */
  const verdicts = (message: string) =>
    pointsOfDeals.map(({ open }) => {
      const at = message.indexOf(` ${open}\n`);
      const found = message.slice(at).split("\n")[1]?.trim();
      return `${message[at - 1]} ${found}`;
    });

  it("tries each of its points, and none of License and Sale", async () => {
    const { store } = place.planhat;
    const company = store.create("companies", { sourceId: "1", name: "A customer" });
    const deal = store.create("deals", { name: "Theirs", companyId: company["_id"]! });
    const item = store.create("lineitems", { name: "Theirs", dealId: deal["_id"]!, companyId: company["_id"]! });
    const product = store.create("products", { name: "Theirs" });
    const message = await probe();
    expect(verdicts(message)).to.deep.equal([
      "✓ so",
      "✓ no",
      '✓ {"created":0,"updated":0,"nonupdates":0,"createdErrors":[{"sourceId":"pipedrive-planhat-probe-lineitem-nowhere","message":"deal not found"}],"updatedErrors":[],"insertsKeys":[],"updatesKeys":[],"modi…',
      "✓ omitted: 2027-01-30, null: null",
      "✓ no",
      "✓ mrr 10, value 999",
      "✓ yes, with mrr 1",
      "✓ yes",
      "✓ yes",
      "– cannot be tried here",
      "– cannot be tried here",
    ]);
    for (const { open, ofLicenses } of unverifiedPoints) {
      expect(message.includes(` ${open}\n`), open).to.equal(ofLicenses !== true);
    }
    expect(message).to.match(/The connector suits this tenant\. The test company is removed again\.$/);
    expect(left()).to.deep.equal([company, deal, item, product]);
  });

  it("tells what a tenant has otherwise, and removes what its lists leave out", async () => {
    Object.assign(place.planhat.manners, {
      names: { "lineitem.type": "kind", "lineitem.currency": "_currency" },
      ...{ unknownDeals: "kept", fillsNulls: true, sourceIdParents: true, companylessItems: true },
    });
    const message = await probe();
    expect(verdicts(message)).to.deep.equal([
      "✗ it does not keep type, currency",
      "✓ yes",
      "✗ it is kept without a deal",
      "✗ omitted: 2027-01-30, null: 2027-01-30",
      "✓ no",
      "✓ mrr 10, value 999",
      "✓ yes, with mrr 1",
      "✓ yes",
      "✓ no",
      "– cannot be tried here",
      "– cannot be tried here",
    ]);
    expect(message).to.include("points are not as the connector needs them, or could not be tried");
    expect(left()).to.deep.equal([]);
  });

  it("finds out the names that `planhat.names` needs, and suits the tenant with them", async () => {
    place.planhat.manners.names = { "lineitem.dealId": "deal", "lineitem.type": "kind" };
    expect(verdicts(await probe())[0]).to.match(/^✗ it was not kept: .*dealId is required/);
    const file = `${place.place.folder}/config.yaml`;
    const names = "names: {lineitem.dealId: deal, lineitem.type: kind}";
    place.place.write("config.yaml", readFileSync(file, "utf8").replace(/^(planhat: .*)\}$/m, `$1, ${names}}`));
    const message = await probe();
    expect(verdicts(message)[0]).to.equal("✓ so");
    expect(message).to.match(/The connector suits this tenant\./);
    expect(left()).to.deep.equal([]);
  });

  for (const [signal, declare] of [["SIGTERM", it] as const, ["SIGKILL", itLong] as const]) {
    declare(`leaves no product or line item behind after ${signal}`, async () => {
      let stop = () => {};
      intercept = ({ method, path }) => {
        if (method !== "PUT" || path !== "/lineitems" || place.planhat.store.all("products").length === 0) return;
        stop();
        return signal === "SIGKILL" ? "hang" : undefined;
      };
      const ended = await place.run(["check", "--json", "--planhat-probe"], (child) => {
        stop = () => void child.kill(signal);
      });
      intercept = () => undefined;
      if (signal === "SIGTERM") expect(ended.status).to.equal(143);
      else {
        expect(left()).not.to.have.length(0);
        await probe();
      }
      expect(left()).to.deep.equal([]);
    });
  }
});
