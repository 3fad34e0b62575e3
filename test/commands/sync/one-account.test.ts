import { existsSync } from "node:fs";
import { expect } from "chai";
import { serverAddress } from "../../../connector/database/server/server-address.ts";
import { type Sandbox, startSandbox } from "../../../connector/sandbox/server.ts";
import { onServerFirst } from "../../databases.ts";
import { inTestLong, itLong } from "../../long.ts";
import { emptyAccount, type SandboxSync, sandboxSync, wonDeal } from "../../sandbox-sync.ts";

const first = "Fjord & Field (fjord-and-field.pipedrive.com, company 8087566)";
const second = "Other Ltd (other.pipedrive.com, company 99)";

onServerFirst((kind) => {
  describe("a database and the Pipedrive account that it belongs to", function () {
    // Several commands, each starting an embedded database.
    this.timeout(400_000);
    let setting: SandboxSync;
    let other: Sandbox;
    before(async () => {
      setting = await sandboxSync(kind, emptyAccount);
      other = await startSandbox({
        ...emptyAccount,
        burstLimit: 1000,
        company: { company_id: 99, company_name: "Other Ltd", company_domain: "other" },
      });
      setting.place.write(
        "other.yaml",
        `company_url: ${other.url}\napi_token: ${other.token}\ndatabase: ${setting.location}\nwebhook: {public_url: "https://sync.example"}\n`,
      );
    });
    after(async () => {
      await other.close();
      await setting.close();
    });

    const owner = () => setting.look("select company_id::int, company_name, company_domain from connector.account");
    const everything = async () => ({
      owner: await owner(),
      runs: await setting.look("select id from connector.runs where status <> 'failed' order by id"),
      catalog: await setting.look(
        "select value->>'companyDomain' as domain from connector.catalog where key = 'account'",
      ),
      deals: await setting.look("select id from pipedrive.deals order by id"),
      rows: await setting.look("select id, name from planhat.companies order by id"),
    });

    it("is written down by the first run, and looking at an account makes no database", async () => {
      const none = `${setting.place.folder}/none`;
      setting.place.write(
        "fresh.yaml",
        `company_url: ${other.url}\napi_token: ${other.token}\ndatabase: ${none}\nmappings: ./fresh\n`,
      );
      for (const command of [["mapping", "init"], ["mapping", "fields", "deals"], ["pipelines"]]) {
        const { status, stderr } = await setting.run([...command, "--config", "fresh.yaml"]);
        expect([command.join(" "), status, existsSync(none)], stderr).to.deep.equal([command.join(" "), 0, false]);
      }
      await setting.sync();
      expect(await owner()).to.deep.equal([
        { company_id: 8087566, company_name: "Fjord & Field", company_domain: "fjord-and-field" },
      ]);
    });

    it("refuses another account in every command, with exit 2, and leaves all as it is", async () => {
      wonDeal(setting.sandbox);
      wonDeal(other);
      wonDeal(other);
      // A deal that cannot land, so that a retry requests it.
      setting.sandbox.store.putText(
        "deals",
        '{"id":77,"title":"Odd","status":"won","org_id":"Acme","update_time":"2026-10-01T00:00:00Z"}',
      );
      await setting.run(["sync"]);
      const before = await everything();
      const shown = kind === "server" ? serverAddress(setting.location).shown : setting.location;
      setting.place.write(
        "catalog.json",
        '{"streams":[{"stream":{"name":"deals","json_schema":{}},"sync_mode":"incremental","destination_sync_mode":"append_dedup"}]}',
      );
      const further = [
        "sync --full",
        "sync --company 1",
        "plan",
        "explain organizations 2",
        "mapping fields deals",
        "mapping preview organizations 2",
        "mapping init",
        "rejections retry",
        "webhook list",
        "webhook delete",
      ];
      const commands = ["sync", "audit", "mapping check", "serve --port 0", "webhook create", "pipelines"];
      for (const command of [...commands, ...(inTestLong ? further : [])]) {
        const { status, stderr } = await setting.run([...command.split(" "), "--config", "other.yaml"]);
        expect([command, status, stderr.split("\n").find((line) => line.startsWith("Error"))]).to.deep.equal([
          command,
          2,
          `Error: The database ${shown} belongs to the Pipedrive account ${first}; company_url and token are those of ${second}.`,
        ]);
        expect(stderr).to.contain(
          "A database is for one account. Name another one in `database` for Other Ltd, or set `company_url` and the token to those of Fjord & Field.",
        );
      }
      const written = await setting.run(["write", "--catalog", "catalog.json", "--config", "other.yaml"]);
      expect([written.status, written.stdout]).to.satisfy(
        ([status, stdout]: [number, string]) =>
          status === 1 && stdout.includes(`belongs to the Pipedrive account ${first}`),
      );
      const checked = await setting.run(["check", "--config", "other.yaml"]);
      expect(checked.status, "as Airbyte wants it").to.equal(0);
      expect(checked.stdout).to.contain('"FAILED"').and.to.contain(first).and.to.contain(second);
      expect(await everything()).to.deep.equal(before);
      expect(other.requests.writes, "nothing was written there").to.deep.equal([]);
    });

    it("is written down for a database of an earlier version, whose first run it is", async () => {
      await setting.look("delete from connector.account");
      await setting.run(["plan"]);
      expect(await owner(), "a plan writes nothing").to.deep.equal([]);
      await setting.run(["sync"]);
      expect(await owner()).to.have.length(1);
    });

    itLong("is the same account under another domain and name", async () => {
      Object.assign(setting.sandbox.account.company, { company_domain: "fjord", company_name: "Fjord" });
      await setting.run(["sync"]);
      expect(await owner()).to.deep.equal([{ company_id: 8087566, company_name: "Fjord", company_domain: "fjord" }]);
    });

    itLong("does not keep anybody out who is not told the account's number", async () => {
      delete setting.sandbox.account.company["company_id"];
      const { status } = await setting.run(["sync"]);
      expect(status).to.equal(0);
      expect(await owner()).to.have.length(1);
    });
  });
});
