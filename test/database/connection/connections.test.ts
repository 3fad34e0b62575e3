import { expect } from "chai";
import { emptyLocation, removeLocation } from "../../databases.ts";
import { startServer } from "../../postgres-server.ts";
import { dealEvent, freePort, startServe, unsubscribe, webhookConfig } from "../../running-service.ts";
import { type SandboxSync, sandboxSync, wonDeal } from "../../sandbox-sync.ts";
import { asOwner, makeRole, type ServerRole } from "../../server-role.ts";

describe("connections of a database server", function () {
  this.timeout(300_000);
  let setting: SandboxSync;
  let location: string;
  let database: string;
  let role: ServerRole;
  let port: number;
  before(async () => {
    setting = await sandboxSync("server");
    location = await emptyLocation("server");
    database = new URL(location).pathname.slice(1);
    role = await makeRole(location);
    await asOwner(location, `grant create, temporary on database ${database} to ${role.name}`);
    port = await freePort();
    use(role.as(location));
  });
  after(async () => {
    await role.remove(location);
    await removeLocation(location);
    await setting.close();
  });

  const use = (of: string) => {
    const { url, token } = setting.sandbox;
    setting.place.write(
      "config.yaml",
      `company_url: ${url}\napi_token: ${token}\ndatabase: ${of}\n${webhookConfig(port)}`,
    );
  };
  /** Limits the role's connections, once those of a process that has just ended are gone from the server. */
  const limit = async (count: number) => {
    await asOwner(location, `alter role ${role.name} connection limit ${count}`);
    for (let left = 1; left > 0; ) {
      const found = await setting.look<{ left: number }>(
        "select count(*)::int as left from pg_stat_activity where usename = $1",
        [role.name],
      );
      left = found[0]!.left;
    }
  };

  it("two are enough for every command that ends, one is not: the number that is missing is told", async () => {
    await limit(2);
    for (const args of ["check", "sync", "sync --full", "plan", "audit", "remap", "status"]) {
      const { status, stderr } = await setting.run(args.split(" "));
      expect(status, `${args}: ${stderr}`).to.equal(0);
    }
    await limit(1);
    const { status, stderr } = await setting.run(["sync"]);
    expect(stderr).to.contain(
      `has no free connection (too many connections for role "${role.name}"); 2 are needed at once, 1 available: 1 is missing.`,
    );
    expect(stderr).to.contain(`alter role "${role.name}" connection limit 2`);
    expect(status).to.equal(3);
  });

  it("three are enough for serve, with deliveries during a sync", async () => {
    await limit(3);
    const service = await startServe(setting, port);
    await unsubscribe(setting);
    const asked = await fetch(`${service.url}/sync`, {
      method: "POST",
      headers: { authorization: "Bearer a-token-for-the-tests" },
    });
    expect(asked.status).to.equal(202);
    const deals = [1, 2, 3].map(() => wonDeal(setting.sandbox).dealId);
    for (const deal of deals) expect((await service.deliver(dealEvent(deal, "create"))).status).to.equal(200);
    await service.settled();
    const { status, parts } = await service.health();
    expect([status, parts["work"]?.["problem"]]).to.deep.equal(["ready", undefined]);
    const { status: exit, stderr } = await service.end();
    expect(exit, stderr).to.equal(143);
  });

  it("two are not for serve: exit 3 with the number that is missing, of the role and of the database", async () => {
    await limit(2);
    const { status, stderr } = await setting.run(["serve", "--port", String(port)]);
    expect(stderr).to.contain("3 are needed at once, 2 available: 1 is missing.");
    expect(stderr).to.contain(`alter role "${role.name}" connection limit 3`);
    expect(status).to.equal(3);
    await limit(-1);
    await asOwner(location, `alter database ${database} connection limit 2`);
    const ofDatabase = await setting.run(["serve", "--port", String(port)]);
    expect(ofDatabase.stderr).to.contain(`(too many connections for database "${database}"); 3 are needed at once`);
    expect(ofDatabase.stderr).to.contain(`alter database "${database}" connection limit 3`);
    expect(ofDatabase.status).to.equal(3);
    await asOwner(location, `alter database ${database} connection limit -1`);
  });

  it("kept for superusers are none: exit 3 says so", async () => {
    const server = await startServer({ max_connections: 5, superuser_reserved_connections: 3, max_wal_senders: 0 });
    const user = await makeRole(server.url);
    try {
      await asOwner(server.url, `grant create on database postgres to ${user.name}`);
      use(user.as(server.url));
      const { status, stderr } = await setting.run(["serve", "--port", String(port)]);
      // The connection that created the role may still be closing.
      expect(stderr).to.match(
        /has no free connection \((remaining connection slots are reserved .*|.*too many clients already)\); 3 are needed at once, [012] available/,
      );
      expect(stderr).to.contain("raise max_connections of the server");
      expect(status).to.equal(3);
      expect((await setting.sync()).status).to.equal("succeeded");
    } finally {
      await server.stop();
    }
  });
});
