import { readFileSync } from "node:fs";
import { expect } from "chai";
import { packageRoot } from "../../../connector/package-root.ts";
import { pointsOfDeals } from "../../../connector/planhat/points-of-deals.ts";
import { unverifiedPoints } from "../../../connector/planhat/unverified-points.ts";
import type { Intercept } from "../../../connector/sandbox/pipedrive/app.ts";
import { type PlanhatSync, planhatSync } from "../../planhat-sync.ts";
import type { BinResult } from "../../run-bin.ts";

const paths = ["companies", "endusers", "licenses", "sales", "conversations"];
const messageOf = ({ stdout }: BinResult) =>
  (JSON.parse(stdout) as { connectionStatus: { status: string; message: string } }).connectionStatus;

describe("check --planhat-probe", function () {
  this.timeout(120_000);
  let place: PlanhatSync;
  let intercept: Intercept = () => undefined;
  const left = () => paths.flatMap((path) => place.planhat.store.all(path));
  before(async () => {
    place = await planhatSync("server", {
      callsPerMinute: Number.POSITIVE_INFINITY,
      intercept: (request) => intercept(request),
    });
  });
  beforeEach(() => {
    intercept = () => undefined;
    place.writes();
  });
  after(() => place.close());

  it("finds out what the documentation leaves open, on one test company, and removes it", async () => {
    const own = place.planhat.store.create("companies", { sourceId: "1", name: "A customer" });
    const names = new Set<unknown>();
    intercept = () => {
      for (const { name } of place.planhat.store.all("companies")) names.add(name);
      return undefined;
    };
    const { status, message } = messageOf(await place.run(["check", "--json", "--planhat-probe"]));
    expect(status).to.equal("SUCCEEDED");
    for (const { open, does } of unverifiedPoints) {
      expect(message).to.include(` ${open}\n`).and.include(`the connector: ${does}\n`);
    }
    expect(message).to.include("✓ whether `null` clears every system field\n    yes\n");
    expect(message).to.include("✓ how an error names its object\n    by its key: {");
    expect(message).to.include("✓ whether a note is found by `externalId` in a bulk upsert\n    it is not:");
    expect(message).to.include("✓ whether a dropped object is missing from the answer's counts\n    yes\n");
    expect(message).to.include("– how long to wait after 429\n    cannot be tried here\n");
    expect(message).to.match(/The connector suits this tenant\. The test company is removed again\.$/);
    expect([...names]).to.deep.equal(["A customer", "Test company of pipedrive-planhat (may be deleted)"]);
    expect(left()).to.deep.equal([own]);
    place.planhat.store.delete("companies", String(own["_id"]));
  });

  it("tells what is otherwise than the connector needs it, and what a refusal kept it from finding out", async () => {
    intercept = ({ method, path }) =>
      method === "PUT" && path === "/licenses"
        ? Response.json({ error: "No licenses today" }, { status: 400 })
        : method === "PUT" && path === "/endusers"
          ? Response.json({ created: 1, updated: 0, nonupdates: 0, insertsKeys: [{ _id: "5".repeat(24) }] })
          : undefined;
    const { status, message } = messageOf(await place.run(["check", "--json", "--planhat-probe"]));
    expect(status).to.equal("SUCCEEDED");
    expect(message).to.include("✗ whether license dates may be days\n    could not be found out: Planhat (");
    expect(message).to.include("No licenses today");
    expect(message).to.include(
      "points are not as the connector needs them, or could not be tried; please report them.",
    );
    expect(left()).to.deep.equal([]);
  });

  it("leaves nothing behind when it is stopped, and what a killed one left is removed by the next", async () => {
    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
      let stop = () => {};
      let sent = false;
      intercept = ({ method, path }) => {
        // The test company exists: the check of the token's rights sends empty upserts before.
        if (method !== "PUT" || path !== "/conversations" || sent || left().length === 0) return undefined;
        sent = true;
        stop();
        return signal === "SIGKILL" ? "hang" : undefined;
      };
      const ended = await place.run(["check", "--json", "--planhat-probe"], (child) => {
        stop = () => void child.kill(signal);
      });
      if (signal === "SIGTERM") expect([ended.status, left()]).to.deep.equal([143, []]);
      else {
        expect(ended.signal).to.equal("SIGKILL");
        expect(left()).not.to.have.length(0);
        intercept = () => undefined;
        expect(messageOf(await place.run(["check", "--json", "--planhat-probe"])).status).to.equal("SUCCEEDED");
        expect(left()).to.deep.equal([]);
      }
    }
  });

  it("says where the test company is when it cannot be removed", async () => {
    intercept = ({ method }) =>
      method === "DELETE" ? Response.json({ error: "Forbidden" }, { status: 403 }) : undefined;
    const { status, message } = messageOf(await place.run(["check", "--json", "--planhat-probe"]));
    expect(status).to.equal("FAILED");
    expect(message).to.match(/^The test company could not be removed from Planhat\./);
    expect(message).to.match(/Delete “Test company of pipedrive-planhat \(may be deleted\)” \([\da-f]{24}\) there/);
    intercept = () => undefined;
    await place.run(["check", "--json", "--planhat-probe"]);
    expect(left()).to.deep.equal([]);
  });

  it("needs a tenant in the config", async () => {
    const other = await planhatSync("server");
    other.place.write(
      "config.yaml",
      readFileSync(`${other.place.folder}/config.yaml`, "utf8").replace(/^planhat:.*$/m, ""),
    );
    const { status, message } = messageOf(await other.run(["check", "--json", "--planhat-probe"]));
    await other.close();
    expect([status, message]).to.deep.equal([
      "FAILED",
      "`--planhat-probe` needs `planhat:` in the config: there is no tenant to probe.",
    ]);
  });

  it("settles the points that docs/planhat.md lists", () => {
    const text = readFileSync(`${packageRoot}docs/planhat.md`, "utf8");
    const rows = [...text.matchAll(/^\| (how|whether|what becomes) (.*) \| (.*) \|$/gm)].map(([, word, rest, does]) => [
      `${word} ${rest}`,
      does,
    ]);
    const all = [...unverifiedPoints, ...pointsOfDeals];
    expect(rows).to.deep.equal(all.map(({ open, does }) => [open, does]));
  });
});
