import { expect } from "chai";
import type { Intercept } from "../../../connector/sandbox/pipedrive/app.ts";
import type { Status } from "../../../connector/sync/inspect/read-status.ts";
import type { Summary } from "../../../connector/sync/summary.ts";
import { emptyAccount, type SandboxSync, sandboxSync, wonDeal } from "../../sandbox-sync.ts";

describe("a rejection that somebody dismissed", function () {
  this.timeout(180_000);
  let setting: SandboxSync;
  let intercept: Intercept = () => undefined;
  before(async () => {
    setting = await sandboxSync("server", { ...emptyAccount, intercept: (request) => intercept(request) });
  });
  after(() => setting.close());

  it("counts nowhere until its record changes, or somebody tries it again", async () => {
    const { dealId } = wonDeal(setting.sandbox, { currency: null });
    const json = async <Printed>(...args: string[]): Promise<Printed> => {
      const { status, stdout, stderr } = await setting.run([...args, "--json"]);
      expect(status, stderr).to.equal(0);
      return JSON.parse(stdout) as Printed;
    };
    const rejectedOf = ({ models: { license } }: Awaited<ReturnType<typeof setting.sync>>) =>
      license.rejected + license.fields_rejected;
    const open = async () => (await json<Status>("status")).rejections;

    const first = await setting.sync();
    expect([first.status, rejectedOf(first)]).to.deep.equal(["partial", 1]);
    const [{ id, reason }] = (await json<{ id: string; reason: string }[]>("rejections", "list")) as [
      { id: string; reason: string },
    ];
    expect(await json("rejections", "dismiss", id)).to.deep.equal({ dismissed: 1, ids: [id], open: 0 });
    const again = await setting.run(["rejections", "dismiss", id]);
    expect([again.status, again.stdout]).to.deep.equal([
      0,
      "Dismissed 0 rejections, until the record changes. 1 was dismissed before. 0 still count.\n" +
        "rejections retry <id> takes it back.\n",
    ]);

    // While unchanged it stays dismissed, although it is decided again; rejections that cannot be decided are still
    // reported.
    const full = await setting.sync("--full");
    expect([full.status, rejectedOf(full), full.models.license.dismissed]).to.deep.equal(["succeeded", 0, 1]);
    const { rejections, dismissed, reasons, latest_rejections: latest } = await json<Status>("status");
    expect({ rejections, dismissed, reasons, latest }).to.deep.equal({
      rejections: 0,
      dismissed: 1,
      reasons: [],
      latest: [],
    });
    const { differences } = await json<{ differences: { reason: string }[] }>("audit");
    expect(differences.map((one) => one.reason)).to.deep.equal([`rejected, and dismissed: ${reason}`]);
    expect((await setting.run(["rejections", "list"])).stdout).to.equal(
      "Nothing is rejected.\n1 more was dismissed: --all shows them.\n",
    );
    const [listed] = await json<{ id: string; dismissed: { by: string } }[]>("rejections", "list", "--all");
    expect(listed).to.deep.include({ id, reason });
    expect(listed!.dismissed.by).to.be.a("string").and.not.equal("");
    expect((await setting.run(["explain", "deals", String(dealId)])).stdout).to.match(
      /was rejected \(mapping\), since .* dismissed that at \d{4}-.*Z, until the record changes\./,
    );
    const retried = await json<{ rejections: { retried: number } }>("rejections", "retry");
    expect(retried.rejections.retried).to.equal(0);

    setting.sandbox.store.update("deals", dealId, { title: "Another title" });
    const changed = await setting.sync();
    expect([changed.status, rejectedOf(changed), await open()]).to.deep.equal(["partial", 1, 1]);

    await json("rejections", "dismiss", id);
    const asked = await json<{ status: string; rejections: { ids: string[] } }>("rejections", "retry", id);
    expect([asked.status, asked.rejections.ids, await open()]).to.deep.equal(["partial", [id], 1]);

    await json("rejections", "dismiss", id);
    setting.sandbox.store.update("deals", dealId, { currency: "EUR" });
    expect((await setting.sync()).status).to.equal("succeeded");
    expect(await json("rejections", "list", "--all")).to.deep.equal([]);
    const unknown = await setting.run(["rejections", "dismiss", id, "x"]);
    expect([unknown.status, unknown.stderr.split("\n")[0]]).to.deep.equal([
      2,
      `Error: There are no rejections ${id}, x.`,
    ]);
  });

  it("counts in no run that fails either", async () => {
    const { organizationId } = wonDeal(setting.sandbox);
    setting.sandbox.store.update("organizations", organizationId, { name: "a\u0000b" });
    expect((await setting.sync()).streams.organizations.rejected).to.equal(1);
    const listed = JSON.parse(
      (await setting.run(["rejections", "list", "--stream", "organizations", "--json"])).stdout,
    );
    const dismissed = await setting.run(["rejections", "dismiss", (listed as { id: string }[])[0]!.id]);
    expect(dismissed.status, dismissed.stderr).to.equal(0);
    intercept = ({ path }) =>
      path.endsWith("/notes") ? new Response("<html>blocked</html>", { status: 403 }) : undefined;
    const failed = await setting.run(["sync", "--full", "--json"]);
    intercept = () => undefined;
    const summary = JSON.parse(failed.stdout) as Summary & { error: { kind: string } };
    expect([failed.status, summary.status, summary.error.kind]).to.deep.equal([3, "failed", "surroundings"]);
    expect(summary.streams.organizations).to.include({ rejected: 0 });
  });
});
