import { writeFileSync } from "node:fs";
import { expect } from "chai";
import { emptyLocation, removeLocation } from "../../databases.ts";
import { inTestLong } from "../../long.ts";
import { startServer } from "../../postgres-server.ts";
import { dealEvent, freePort, startServe, unsubscribe, webhookConfig } from "../../running-service.ts";
import { type SandboxSync, sandboxSync, wonDeal } from "../../sandbox-sync.ts";
import { asOwner, makeRole, type ServerRole } from "../../server-role.ts";

describe("a user of the database server", function () {
  this.timeout(300_000);
  let setting: SandboxSync;
  let location: string;
  let database: string;
  let role: ServerRole;
  before(async () => {
    setting = await sandboxSync("server");
  });
  after(() => setting.close());
  beforeEach(async () => {
    location = await emptyLocation("server");
    database = new URL(location).pathname.slice(1);
    role = await makeRole(location);
    await asOwner(
      location,
      `revoke all on database ${database} from public`,
      `grant connect on database ${database} to ${role.name}`,
    );
    use(role.as(location));
  });
  afterEach(async () => {
    await role.remove(location);
    await removeLocation(location);
  });

  const use = (of: string, more = "") => {
    const { url, token } = setting.sandbox;
    setting.place.write("config.yaml", `company_url: ${url}\napi_token: ${token}\ndatabase: ${of}\n${more}`);
  };

  /** Returns the statements about rights that `check` prints; none if there are none. */
  async function grants(): Promise<string[]> {
    const { stdout, stderr } = await setting.run(["check"]);
    const { connectionStatus } = JSON.parse(stdout.trim().split("\n").at(-1)!) as {
      connectionStatus: { status: string; message?: string };
    };
    if (connectionStatus.status === "SUCCEEDED") return [];
    expect(connectionStatus.message, stderr).to.contain("that a sync needs:");
    return connectionStatus
      .message!.split("\n")
      .filter((line) => line.startsWith("  "))
      .map((line) => line.trim());
  }

  it("with exactly the least rights of docs/security.md runs everything", async () => {
    const own = ["pipedrive", "planhat", "connector"].map(
      (schema) => `create schema ${schema} authorization ${role.name}`,
    );
    await asOwner(location, `grant temporary on database ${database} to ${role.name}`, ...own);
    expect(await grants()).to.deep.equal([]);
    const port = await freePort();
    use(role.as(location), webhookConfig(port));
    const further = ["sync --full", "status", "rejections list", "rejections retry"];
    for (const args of ["sync", "plan", "remap", "audit", ...(inTestLong ? further : [])]) {
      const { status, stderr } = await setting.run(args.split(" "));
      expect(status, `${args}: ${stderr}`).to.equal(0);
    }
    const service = await startServe(setting, port);
    await unsubscribe(setting);
    const { dealId } = wonDeal(setting.sandbox);
    expect((await service.deliver(dealEvent(dealId, "create"))).status).to.equal(200);
    await service.settled();
    const { status, stderr } = await service.end();
    expect(status, stderr).to.equal(143);
    expect((await setting.run(["explain", "deals", String(dealId)])).status).to.equal(0);
    expect(await grants()).to.deep.equal([]);
  });

  it("without rights is told each missing GRANT by check, and what was printed is enough", async () => {
    const printed = await grants();
    expect(printed).to.have.length(2);
    expect(printed[0]).to.match(new RegExp(`^grant create on database ${database} to ${role.name}; `));
    expect(printed[1]).to.equal(`grant temporary on database ${database} to ${role.name};`);
    const { status, stderr } = await setting.run(["sync"]);
    expect([status, stderr]).to.deep.equal([3, stderr]);
    expect(stderr).to.contain(`grant create, temporary on database "${database}" to "${role.name}"`);
    await asOwner(location, ...printed.map((grant) => grant.split(";")[0]!));
    expect(await grants()).to.deep.equal([]);
    await setting.sync();
  });

  it("who does not own the tables gets along with what check prints", async () => {
    use(location);
    await setting.sync();
    use(role.as(location));
    const printed = await grants();
    expect(printed).to.include.members([
      `grant temporary on database ${database} to ${role.name};`,
      `grant usage on schema planhat to ${role.name};`,
      `grant select, insert, update, delete on all tables in schema planhat to ${role.name};`,
      `grant usage on all sequences in schema planhat to ${role.name};`,
    ]);
    await asOwner(location, ...printed);
    expect(await grants()).to.deep.equal([]);
    wonDeal(setting.sandbox);
    const { license, sale } = (await setting.sync()).models;
    expect((license?.created ?? 0) + (sale?.created ?? 0)).to.equal(1);
    expect((await setting.sync("--full")).status).to.equal("succeeded");
    expect((await setting.run(["audit"])).status).to.equal(0);
  });

  it("whose transactions are read-only is told how to change that", async () => {
    await asOwner(location, `alter role ${role.name} set default_transaction_read_only = on`);
    const { stdout } = await setting.run(["check"]);
    expect(stdout).to.contain("FAILED").and.to.contain("is set to be read-only for user");
    const { status, stderr } = await setting.run(["sync"]);
    expect(status, stderr).to.equal(3);
    expect(stderr).to.contain(`alter role "${role.name}" set default_transaction_read_only = off`);
  });
});

describe("a read replica", function () {
  this.timeout(300_000);

  it("answers status, explain and rejections list, and says of plan, audit and sync why they need the primary", async () => {
    const server = await startServer();
    const setting = await sandboxSync("server");
    try {
      const { url, token } = setting.sandbox;
      setting.place.write("config.yaml", `company_url: ${url}\napi_token: ${token}\ndatabase: ${server.url}\n`);
      await setting.sync();
      await server.restart((data) => writeFileSync(`${data}/standby.signal`, ""));
      const status = await setting.run(["status", "--json"]);
      expect(status.status, status.stderr).to.equal(0);
      expect((JSON.parse(status.stdout) as { runs: unknown[] }).runs).to.have.length(1);
      for (const verb of ["rejections list", "explain deals 1"]) {
        const { status: exit, stderr } = await setting.run(verb.split(" "));
        expect(exit, `${verb}: ${stderr}`).to.equal(0);
      }
      for (const verb of ["plan", "sync", ...(inTestLong ? ["audit", "sync --full", "remap"] : [])]) {
        const { status: exit, stderr } = await setting.run(verb.split(" "));
        expect(stderr, verb).to.contain(
          `The server 127.0.0.1:${server.port} is a read replica, and this command writes; plan and audit do in a transaction that they roll back.`,
        );
        expect(exit, verb).to.equal(3);
      }
      const { stdout } = await setting.run(["check"]);
      expect(stdout).to.contain("FAILED").and.to.contain("is a read replica");
    } finally {
      await setting.close();
      await server.stop();
    }
  });
});
