import { readFileSync } from "node:fs";
import { expect } from "chai";
import type { JsonObject } from "../../../connector/mapping/value.ts";
import { agreeToPublish } from "../../planhat-sync.ts";
import { emptyAccount } from "../../sandbox-sync.ts";
import { recordOf, stateOf, type WritePlace, writePlace } from "../../write-place.ts";

const args = ["destination", "write", "--catalog", "catalog.json"];
const catalog = (mode = "append_dedup") =>
  JSON.stringify({
    streams: [
      ["customers", "company"],
      ["people", "enduser"],
      ["remarks", "note"],
    ].map(([name, object]) => ({
      stream: { name, json_schema: {}, supported_sync_modes: ["incremental"] },
      sync_mode: "incremental",
      destination_sync_mode: mode,
      destination_object_name: object,
      primary_key: [["externalId"]],
    })),
  });

for (const kind of ["embedded", "server"] as const) {
  describe(`objects of another source take the way of all rows (${kind})`, function () {
    this.timeout(600_000);
    let place: WritePlace;
    let refusing = false;
    const send = async (...lines: string[]) => {
      place.place.write("catalog.json", catalog());
      return place.write(lines, { args });
    };
    const customer = (externalId: string, more: JsonObject) => recordOf("customers", { externalId, ...more });

    before(async () => {
      place = await writePlace(kind, {
        ...emptyAccount,
        planhat: {
          intercept: ({ method, path }) =>
            refusing && method !== "GET" && path.includes("endusers")
              ? Response.json({ createdKeys: [], updatedKeys: [], createdErrors: [{ message: "no such e-mail" }] })
              : undefined,
        },
      });
      const { planhat } = place.sandbox;
      place.configure(`planhat: {api_token: ${planhat.token}, api_url: "${planhat.url}"}\nbrake: {rows: 2}\n`);
      await agreeToPublish(place.location, planhat);
    });
    after(() => place.close());

    it("to Planhat, under the id of the source", async () => {
      const { status, stderr } = await send(
        recordOf("remarks", { externalId: "n1", companyId: "extid-1", description: "Called." }),
        recordOf("people", { externalId: "p1", companyId: "extid-1", email: "jo@acme.test" }),
        ...["1", "2", "3", "4"].map((id) => customer(id, { name: `Customer ${id}`, phase: "live" })),
      );
      expect(status, stderr).to.equal(0);
      const { store } = place.sandbox.planhat;
      const [first] = store.all("companies").filter(({ externalId }) => externalId === "1");
      expect(first).to.include({ sourceId: "extid-1", name: "Customer 1", phase: "live" });
      expect(store.all("endusers").map(({ email, companyId }) => [email, companyId])).to.deep.equal([
        ["jo@acme.test", first!["_id"]],
      ]);
      expect(store.all("conversations").map(({ externalId, type }) => [externalId, type])).to.deep.equal([
        ["n1", "note"],
      ]);
      const audit = await place.run(["audit", "--json"]);
      const { differences } = JSON.parse(audit.stdout) as { differences: JsonObject[] };
      expect(differences.filter((one) => one["kind"] !== "of_another_source")).to.deep.equal([]);
      expect(audit.status).to.equal(0);
    });

    it("a kill loses nothing, and the same records again change nothing", async () => {
      const many = Array.from({ length: 5000 }, (_, id) => customer(`k${id}`, { name: `Killed ${id}` }));
      place.place.write("catalog.json", catalog());
      const killed = await place.write(undefined, {
        args,
        onStart(child) {
          child.stdin!.write(`${many.slice(0, 2500).join("\n")}\n${stateOf("customers", { page: 1 })}\n`);
          child.stdout!.once("data", () => {
            child.stdin!.write(`${many.slice(2500, 4200).join("\n")}\n`);
            setTimeout(() => child.kill("SIGKILL"), 100);
          });
        },
      });
      expect(killed.signal).to.equal("SIGKILL");
      expect(killed.states).to.have.length(1);
      const count = async () =>
        (
          await place.look<{ count: number }>(
            "select count(*)::int as count from planhat.companies where name like 'Killed %'",
          )
        )[0]!.count;
      const afterKill = await count();
      expect(afterKill, "what was acknowledged is there").to.be.at.least(2500);
      const again = await send(...many.slice(2500), stateOf("customers", { page: 2 }));
      expect(again.status, again.stderr).to.equal(0);
      expect(await count()).to.equal(5000);
      const repeated = await send(...many.slice(0, 10));
      expect(repeated.stderr).to.match(/Rows: 0 created, 0 updated, 10 unchanged, 0 rejected/);
    });

    it("undo takes their changes back, and they stay so until the source says something else", async () => {
      await send(customer("1", { phase: "churned" }));
      const undone = await place.run(["undo", "last", "--yes", "--json"]);
      expect(undone.status, undone.stderr).to.equal(0);
      const phase = async () =>
        (await place.look("select phase from planhat.companies where source_id = 'extid-1'"))[0]!["phase"];
      expect(await phase()).to.equal("live");
      await send(customer("1", { phase: "churned" }));
      expect(await phase(), "held").to.equal("live");
      await send(customer("1", { phase: "prospect" }));
      expect(await phase()).to.equal("prospect");
      const { stdout } = await place.run(["history", "company", "extid-1"]);
      expect(stdout).to.contain("another source sent it");
    });

    it("the brake stops a source that empties too many rows, and gives no state back", async () => {
      await place.look("delete from planhat.companies where name like 'Killed %'");
      const nulls = ["1", "2", "3", "4"].map((id) => customer(id, { phase: null }));
      const stopped = await send(...nulls, stateOf("customers", { page: 3 }));
      expect([stopped.status, stopped.states]).to.deep.equal([1, []]);
      expect(stopped.errors.map(({ message }) => message).join()).to.include("The brake stopped this run");
      expect(await place.look("select id from planhat.companies where phase is null")).to.deep.equal([]);
    });

    it("an edit in Planhat stays there until the source says another value, also where companies go both ways", async () => {
      place.map({
        "organizations.yaml":
          "stream: organizations\nmodel: company\ndirection: both\nprefer: newest\nfields:\n  - {planhat: name, pipedrive: name}\n",
      });
      const { store } = place.sandbox.planhat;
      const { status: settled } = await send(customer("1", { name: "Customer 1" }));
      expect(settled).to.equal(0);
      const [first] = store.all("companies").filter(({ externalId }) => externalId === "1");
      store.update("companies", String(first!["_id"]), { name: "Edited" });
      const named = async () =>
        (await place.look("select name from planhat.companies where source_id = 'extid-1'"))[0]!["name"];
      const same = await send(customer("1", { name: "Customer 1" }));
      expect(same.status, same.stderr).to.equal(0);
      expect([
        await named(),
        store.all("companies").find(({ externalId }) => externalId === "1")!["name"],
      ]).to.deep.equal(["Customer 1", "Edited"]);
      const other = await send(customer("1", { name: "Renamed" }));
      expect(other.status, other.stderr).to.equal(0);
      expect([
        await named(),
        store.all("companies").find(({ externalId }) => externalId === "1")!["name"],
      ]).to.deep.equal(["Renamed", "Renamed"]);
    });

    it("forget removes a person whom another source sent, from Planhat too, and keeps the person away", async () => {
      const jo = recordOf("people", { externalId: "p1", companyId: "extid-1", email: "Jo@acme.test" });
      expect((await place.run(["backup", "before.backup"])).status).to.equal(0);
      const forgotten = await place.run(["forget", "--email", "jo@acme.test", "--yes", "--json"]);
      expect(forgotten.status, forgotten.stderr).to.equal(0);
      const { done, places } = JSON.parse(forgotten.stdout) as { done: boolean; places: JsonObject[] };
      expect(done).to.equal(true);
      expect(places.find(({ table }) => table === "planhat.endusers")).to.include({ removed: 1 });
      expect(place.sandbox.planhat.store.all("endusers")).to.deep.equal([]);
      const again = await send(jo, stateOf("people", { page: 7 }));
      expect(again.status, again.stderr).to.equal(0);
      expect(again.states.map(({ state }) => (state as JsonObject)["destinationStats"])).to.deep.equal([
        { recordCount: 0, rejectedRecordCount: 1 },
      ]);
      expect(await place.look("select id from planhat.endusers")).to.deep.equal([]);
      expect(await place.look("select id from connector.rejections where model = 'enduser'")).to.deep.equal([]);
      // A backup may be older than the forgetting.
      const config = readFileSync(`${place.place.folder}/config.yaml`, "utf8");
      place.place.write("restored.yaml", config.replace(/^database: .*$/m, "database: ./restored"));
      const restored = await place.run(["restore", "before.backup", "--config", "restored.yaml"]);
      expect(restored.status, restored.stderr).to.equal(0);
      const look = "select count(*)::int as count from planhat.endusers";
      const there = await place.run(["query", look, "--format", "json", "--config", "restored.yaml"]);
      expect(JSON.parse(there.stdout)).to.deep.equal([{ count: 0 }]);
    });

    it("a row that Planhat refuses is rejected, and mended when it is accepted", async () => {
      refusing = true;
      await send(recordOf("people", { externalId: "p2", companyId: "extid-1", email: "x@acme.test" }));
      const rejected = async () =>
        (JSON.parse((await place.run(["rejections", "list", "--json"])).stdout) as JsonObject[]).map(
          ({ model, value }) => [model, value],
        );
      expect(await rejected()).to.deep.equal([["enduser", "p2"]]);
      const audit = JSON.parse((await place.run(["audit", "--json"])).stdout) as { differences: JsonObject[] };
      expect(audit.differences.filter(({ kind }) => kind === "not_in_planhat")).to.deep.equal([
        {
          model: "enduser",
          id: "extid-p2",
          kind: "not_in_planhat",
          reason: "rejected: Planhat refused it: no such e-mail",
        },
      ]);
      refusing = false;
      await place.run(["rejections", "retry"]);
      expect(await rejected()).to.deep.equal([]);
    });
  });
}
