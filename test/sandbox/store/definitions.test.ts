import { expect } from "chai";
import type { JsonObject } from "../../../connector/mapping/value.ts";
import { type Sandbox, startSandbox } from "../../../connector/sandbox/server.ts";
import { send } from "../client.ts";

describe("what people do to the sandbox's fields, options and pipelines", () => {
  let sandbox: Sandbox;
  let now: Date;
  let code: string;
  beforeEach(async () => {
    now = new Date("2026-11-10T12:00:00Z");
    sandbox = await startSandbox({ organizations: 2, persons: 2, deals: 4, notes: 0, clock: () => now });
    code = sandbox.store.definitions.field("deals", "Deal type").field_code;
  });
  afterEach(() => sandbox.close());

  const call = (method: string, path: string, body?: unknown) => send(sandbox, method, `/api/v2/${path}`, body);
  const listed = async (path: string) => (await call("GET", path)).body["data"] as unknown as JsonObject[];
  const options = async () =>
    (await listed("dealFields")).find((field) => field["field_code"] === code)!["options"] as JsonObject[];
  const deal = () => sandbox.store.get("deals", 1)!;
  const block = () => deal()["custom_fields"] as JsonObject;

  it("renames an option and keeps its id, and no record changes", async () => {
    const [first] = await options();
    const before = deal();
    now = new Date("2026-11-11T12:00:00Z");
    const { status, body } = await call("PATCH", `dealFields/${code}/options`, [{ id: first!["id"], label: "Yearly" }]);
    expect([status, body["data"]]).to.deep.equal([200, [{ id: first!["id"], label: "Yearly" }]]);
    expect((await options())[0]).to.deep.equal({ ...first, label: "Yearly" });
    expect(deal()).to.deep.equal(before);
  });

  it("deletes an option and never gives its id again; records keep it, or lose it, as one says", async () => {
    const [first, second] = await options();
    sandbox.store.update("deals", 1, { custom_fields: { [code]: first!["id"]! } });
    const { update_time } = deal();
    now = new Date("2026-11-11T12:00:00Z");
    await call("DELETE", `dealFields/${code}/options`, [{ id: first!["id"] }]);
    expect((await options()).map(({ id }) => id)).not.to.include(first!["id"]);
    expect(block()[code]).to.equal(first!["id"]);
    const { body } = await call("POST", `dealFields/${code}/options`, [{ label: first!["label"] }]);
    const [made] = body["data"] as unknown as JsonObject[];
    expect(made).to.deep.include({ label: first!["label"] });
    expect(made!["id"]).not.to.equal(first!["id"]);
    sandbox.store.definitions.deletedOptions = "are cleared";
    sandbox.store.update("deals", 2, { custom_fields: { [code]: second!["id"]! } });
    await call("DELETE", `dealFields/${code}/options`, [{ id: second!["id"] }]);
    expect((sandbox.store.get("deals", 2)!["custom_fields"] as JsonObject)[code]).to.equal(null);
    expect(deal()["update_time"]).to.equal(update_time);
  });

  it("deletes a field, which leaves every record, and makes it anew under another key", async () => {
    const before = deal();
    await call("DELETE", `dealFields/${code}`);
    expect(block()).not.to.have.property(code);
    expect((await call("GET", `dealFields/${code}`)).status).to.equal(404);
    const { body } = await call("POST", "dealFields", {
      field_name: "Deal type",
      field_type: "enum",
      options: [{ label: "Services" }],
    });
    const made = body["data"] as unknown as JsonObject;
    expect(made["field_code"])
      .to.match(/^[0-9a-f]{40}$/)
      .and.not.equal(code);
    expect(block()[made["field_code"] as string]).to.equal(null);
    expect(deal()["update_time"]).to.equal(before["update_time"]);
  });

  it("renames and deletes pipelines and stages; the deals stay in them", async () => {
    await call("PATCH", "pipelines/1", { name: "Direct sales" });
    await call("DELETE", "stages/1");
    expect((await listed("pipelines"))[0]).to.deep.include({ id: 1, name: "Direct sales" });
    expect((await listed("stages")).map(({ id }) => id)).not.to.include(1);
    await call("DELETE", "pipelines/3");
    const { body } = await call("POST", "pipelines", { name: "Partners" });
    expect(body["data"]).to.deep.include({ id: 4, name: "Partners" });
    sandbox.store.definitions.listsDeleted = true;
    await call("DELETE", "pipelines/2");
    expect((await listed("pipelines")).find(({ id }) => id === 2)).to.deep.include({ is_deleted: true });
  });

  it("refuses what the API refuses: another type, an option that is not there, a label of nothing", async () => {
    const statuses = await Promise.all([
      call("PATCH", `dealFields/${code}`, { field_type: "varchar" }),
      call("PATCH", `dealFields/${code}/options`, [{ id: 999_999, label: "x" }]),
      call("POST", `dealFields/${code}/options`, [{ label: "" }]),
      call("DELETE", "pipelines/99"),
    ]);
    expect(statuses.map(({ status }) => status)).to.deep.equal([400, 400, 400, 404]);
  });
});
