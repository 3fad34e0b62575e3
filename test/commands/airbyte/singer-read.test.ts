import { Ajv } from "ajv";
import formatsModule from "ajv-formats";
import { expect } from "chai";
import type { JsonObject } from "../../../connector/mapping/value.ts";
import type { InterceptedRequest } from "../../../connector/sandbox/pipedrive/app.ts";
import { type Sandbox, startSandbox } from "../../../connector/sandbox/server.ts";
import { streamNames } from "../../../connector/stream-name.ts";
import { itLong } from "../../long.ts";
import { makeWorkplace, runBin, type Workplace } from "../../run-bin.ts";

interface SingerMessage {
  type: "SCHEMA" | "RECORD" | "STATE";
  stream?: string;
  schema?: JsonObject & { properties: JsonObject };
  key_properties?: string[];
  record?: JsonObject;
  time_extracted?: string;
  value?: { bookmarks: Record<string, JsonObject>; currently_syncing: string | null };
}

interface SingerCatalog {
  streams: {
    tap_stream_id: string;
    schema: JsonObject & { properties: JsonObject };
    metadata: { breadcrumb: string[]; metadata: JsonObject }[];
  }[];
}

describe("read and discover --format singer serve Singer targets", () => {
  let sandbox: Sandbox;
  let place: Workplace;
  let answer: ((request: InterceptedRequest) => Response | undefined) | undefined;
  before(async () => {
    sandbox = await startSandbox({
      organizations: 12,
      persons: 20,
      deals: 600,
      notes: 30,
      burstLimit: 1000,
      intercept: (request) => answer?.(request),
    });
    place = makeWorkplace();
    place.write("config.json", JSON.stringify({ company_url: sandbox.url, api_token: sandbox.token }));
  });
  afterEach(() => {
    answer = undefined;
  });
  after(async () => {
    await sandbox.close();
    place.remove();
  });

  const run = (...args: string[]) => runBin(place.folder, [...args, "--format", "singer", "--config", "config.json"]);
  /**
   * Runs a read and returns its messages; every line must be one that targets know, records valid by the SCHEMA before
   * them.
   */
  const read = async (...args: string[]) => {
    const { status, stdout, stderr } = await run("read", ...args);
    const ajv = new Ajv({ strict: false });
    formatsModule.default(ajv);
    const schemas = new Map<string, ReturnType<Ajv["compile"]>>();
    const messages = stdout
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as SingerMessage);
    for (const { type, stream, schema, record, key_properties: key, time_extracted: time } of messages) {
      expect(type).to.be.oneOf(["SCHEMA", "RECORD", "STATE"]);
      if (type === "SCHEMA") {
        expect(key).to.deep.equal(["id"]);
        schemas.set(stream!, ajv.compile(schema!));
      }
      if (type !== "RECORD") continue;
      const validate = schemas.get(stream!);
      expect(validate, `the SCHEMA of ${stream} comes first`).not.to.equal(undefined);
      expect(validate!(record), `${stream}: ${ajv.errorsText(validate!.errors)}`).to.equal(true);
      expect(new Date(time!).toISOString()).to.equal(time);
    }
    const records = (name: string) =>
      messages.flatMap(({ stream, record }) => (stream === name && record ? [record] : []));
    return { status, stderr, messages, records, last: messages.at(-1) };
  };
  const discover = async () => JSON.parse((await run("discover")).stdout) as SingerCatalog;
  const select = (catalog: SingerCatalog, name: string, metadata: JsonObject = {}) => {
    const stream = catalog.streams.find(({ tap_stream_id: id }) => id === name)!;
    Object.assign(stream.metadata.find(({ breadcrumb }) => breadcrumb.length === 0)!.metadata, {
      selected: true,
      ...metadata,
    });
    return stream;
  };
  const writeCatalog = (catalog: unknown) => place.write("catalog.json", JSON.stringify(catalog));

  it("discover prints one catalog: keys are automatic, other fields available, every field has a type", async () => {
    const { status, stdout } = await run("discover");
    expect(status).to.equal(0);
    expect(stdout.trim().split("\n")).to.have.length(1);
    const { streams } = JSON.parse(stdout) as SingerCatalog;
    expect(streams.map(({ tap_stream_id: id }) => id)).to.deep.equal([...streamNames]);
    for (const { schema, metadata } of streams) {
      const inclusion = (field: string) =>
        metadata.find(({ breadcrumb }) => breadcrumb[1] === field)!.metadata["inclusion"];
      expect([inclusion("id"), inclusion("update_time"), inclusion("add_time")]).to.deep.equal([
        "automatic",
        "automatic",
        "available",
      ]);
      for (const property of Object.values(schema.properties)) expect(property).to.have.property("type");
      expect(JSON.stringify(schema)).not.to.contain("airbyte_type");
    }
  });

  it("without a catalog everything is read, and the last STATE goes on from there", async () => {
    const first = await read();
    expect(first.status, first.stderr).to.equal(0);
    for (const name of streamNames) expect(first.records(name), name).to.have.length.greaterThan(5);
    expect(first.last).to.have.property("type", "STATE");
    expect(first.last!.value!.currently_syncing).to.equal(null);
    for (const name of streamNames) {
      expect(first.last!.value!.bookmarks[name]!["update_time"]).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    }
    place.write("state.json", JSON.stringify(first.last!.value));
    const second = await read("--state", "state.json");
    expect(second.status).to.equal(0);
    expect(second.messages.filter(({ type }) => type === "RECORD").length).to.be.lessThan(15);
    expect(second.last).to.deep.equal(first.last);
  });

  it("only what the catalog selects: streams are off unless selected, fields on unless deselected", async () => {
    const catalog = await discover();
    const { metadata } = select(catalog, "notes");
    metadata.push({ breadcrumb: ["properties", "content"], metadata: { selected: false } });
    metadata.push({ breadcrumb: ["properties", "id"], metadata: { selected: false } });
    writeCatalog(catalog);
    for (const option of ["--catalog", "--properties"]) {
      const { status, messages, records } = await read(option, "catalog.json");
      expect(status).to.equal(0);
      expect(new Set(messages.map(({ stream }) => stream))).to.deep.equal(new Set(["notes", undefined]));
      expect(messages[0]!.schema!.properties).to.include.keys("id", "update_time").and.not.include.keys("content");
      for (const record of records("notes")) expect(record).to.include.keys("id").and.not.have.property("content");
    }
  });

  it("a catalog that selects nothing reads nothing, and says so", async () => {
    writeCatalog(await discover());
    const { status, messages, stderr } = await read("--catalog", "catalog.json");
    expect(status).to.equal(0);
    expect(messages.map(({ type }) => type)).to.deep.equal(["STATE"]);
    expect(stderr).to.contain("The catalog selects no stream");
  });

  itLong("FULL_TABLE sends everything whatever the bookmark says, and leaves other bookmarks alone", async () => {
    const catalog = await discover();
    select(catalog, "notes", { "replication-method": "FULL_TABLE" });
    writeCatalog(catalog);
    const bookmarks = { notes: { update_time: "2999-01-01T00:00:00Z" }, leads: { page: 3 } };
    place.write("state.json", JSON.stringify({ bookmarks }));
    const { records, last } = await read("--catalog", "catalog.json", "--state", "state.json");
    expect(records("notes")).to.have.length.greaterThan(20);
    expect(last!.value!.bookmarks).to.deep.equal(bookmarks);
  });

  itLong("the bookmark of any tap is understood", async () => {
    const catalog = await discover();
    select(catalog, "deals");
    writeCatalog(catalog);
    place.write("state.json", JSON.stringify({ bookmarks: { deals: { update_time: "2999-01-01 00:00:00" } } }));
    const { status, records, last } = await read("--catalog", "catalog.json", "--state", "state.json");
    expect(status).to.equal(0);
    expect(records("deals")).to.have.length(0);
    expect(last!.value!.bookmarks["deals"]!["update_time"]).to.equal("2999-01-01T00:00:00Z");
    // A target prints one line for each STATE that it has stored; the last one counts.
    place.write("state.json", `{"bookmarks":{}}\n{"bookmarks":{"deals":{"update_time":"2999-01-01T00:00:00Z"}}}\n`);
    expect((await read("--catalog", "catalog.json", "--state", "state.json")).records("deals")).to.have.length(0);
  });

  it("a STATE after a page in the middle goes on from there", async () => {
    const catalog = await discover();
    select(catalog, "deals");
    writeCatalog(catalog);
    const { messages, records } = await read("--catalog", "catalog.json");
    const place1 = messages.findIndex(({ type }) => type === "STATE");
    expect(messages[place1]!.value!.currently_syncing).to.equal("deals");
    place.write("state.json", JSON.stringify(messages[place1]));
    const rest = messages.slice(place1).flatMap(({ record }) => (record === undefined ? [] : [record["id"]]));
    expect(rest).to.have.length.greaterThan(20).and.below(records("deals").length);
    const resumed = await read("--catalog", "catalog.json", "--state", "state.json");
    const ids = new Set(resumed.records("deals").map(({ id }) => id));
    expect(rest.filter((id) => !ids.has(id))).to.deep.equal([]);
  });

  it("errors are on stderr only, and one stream that breaks does not stop the others", async () => {
    answer = ({ path }) =>
      path === "/api/v2/persons" ? new Response('{"success":false,"error":"no"}', { status: 400 }) : undefined;
    const { status, stderr, records, last } = await read();
    expect(status).to.equal(1);
    expect(records("notes")).to.have.length.greaterThan(20);
    expect(last!.value!.currently_syncing).to.equal(null);
    expect(stderr)
      .to.contain("Pipedrive refused GET /api/v2/persons (400: no).")
      .and.contain("These streams could not be read completely: persons.");
  });

  it("a state or catalog that is none of Singer's is told before anything is read", async () => {
    place.write("wrong.json", '[{"type": "STREAM"}]');
    const state = await read("--state", "wrong.json");
    expect([state.status, state.messages]).to.deep.equal([2, []]);
    expect(state.stderr).to.match(/^Error: The state is not a Singer state: it has no object `bookmarks`\.\n/);
    const catalog = await read("--catalog", "wrong.json");
    expect([catalog.status, catalog.messages]).to.deep.equal([2, []]);
    expect(catalog.stderr).to.match(/^Error: The catalog is not a Singer catalog: it has no list `streams`\.\n/);
  });
});
