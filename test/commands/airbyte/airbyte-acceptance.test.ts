import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import formatsModule from "ajv-formats";
import { expect } from "chai";
import type { JsonObject } from "../../../connector/mapping/value.ts";
import { streamNames } from "../../../connector/stream-name.ts";
import { errorsOf, expectGoodCourse, type Message, recordsOf, statesOf } from "../../protocol/airbyte-messages.ts";
import { type AirbytePlace, airbytePlace } from "../../protocol/airbyte-place.ts";
import { protocolErrors } from "../../protocol/protocol-schema.ts";

interface Stream extends JsonObject {
  name: string;
  json_schema: JsonObject & { properties: Record<string, JsonObject> };
  supported_sync_modes: string[];
  default_cursor_field: string[];
  source_defined_primary_key: string[][];
}

/**
 * Airbyte's connector acceptance tests (CAT 3.9), reimplemented: each test has the name of its original. The originals
 * are a Python image and cannot run here.
 */
describe("Airbyte's connector acceptance tests, told again", function () {
  this.timeout(240_000);
  let airbyte: AirbytePlace;
  let streams: Stream[];
  const reads = new Map<string, Message[]>();

  before(async () => {
    airbyte = await airbytePlace({ deals: 620 });
    const { messages } = await airbyte.verb(["discover"]);
    streams = (messages[0]!["catalog"] as unknown as { streams: Stream[] }).streams;
  });
  after(() => airbyte.close());

  /** Reads the discovered streams, like CAT: each with its own schema and the properties that it declares. */
  const read = async (syncMode: string, state?: unknown): Promise<Message[]> => {
    const catalog = {
      streams: streams.map((stream) => ({
        stream,
        sync_mode: syncMode,
        destination_sync_mode: syncMode === "incremental" ? "append_dedup" : "overwrite",
        ...(syncMode === "incremental" ? { cursor_field: stream.default_cursor_field } : {}),
        primary_key: stream.source_defined_primary_key,
      })),
    };
    expect(protocolErrors("ConfiguredAirbyteCatalog", catalog)).to.equal(undefined);
    airbyte.place.write("catalog.json", JSON.stringify(catalog));
    const { status, messages, stderr } = await airbyte.read(state);
    expect(status, stderr).to.equal(0);
    expectGoodCourse(messages);
    return messages;
  };
  const once = async (name: string, syncMode: string) => {
    if (!reads.has(name)) reads.set(name, await read(syncMode));
    return reads.get(name)!;
  };
  const keyed = (messages: readonly Message[], stream: string) =>
    new Map(recordsOf(messages, stream).map((record) => [record["id"], record]));
  const emittedAt = (messages: readonly Message[]) =>
    messages.flatMap((message) => (message["record"] as { emitted_at: number } | undefined)?.emitted_at ?? []);

  it("Spec: the config matches the spec that spec prints, and a config without an account does not", async () => {
    const { messages } = await airbyte.verb(["spec"]);
    const { connectionSpecification: schema } = messages[0]!["spec"] as unknown as { connectionSpecification: object };
    const ajv = new Ajv({ strict: false });
    formatsModule.default(ajv);
    const config = JSON.parse(readFileSync(`${airbyte.place.folder}/config.json`, "utf8")) as object;
    expect(ajv.validate(schema, config), ajv.errorsText()).to.equal(true);
    expect(ajv.validate(schema, {})).to.equal(false);
  });

  it("Connection: SUCCEEDED for the config, FAILED for a wrong token and for a wrong account", async () => {
    const statusOf = async (config: object) => {
      airbyte.place.write("tried.json", JSON.stringify(config));
      const { status, messages } = await airbyte.verb(["check", "--config", "tried.json"]);
      expect([status, messages.length]).to.deep.equal([0, 1]);
      return (messages[0]!["connectionStatus"] as JsonObject)["status"];
    };
    const { url, token } = airbyte.sandbox;
    expect(await statusOf({ company_url: url, api_token: token })).to.equal("SUCCEEDED");
    expect(await statusOf({ company_url: url, api_token: "0".repeat(40) })).to.equal("FAILED");
    expect(await statusOf({ company_url: "", api_token: token })).to.equal("FAILED");
  });

  it("Discovery: unique names, valid schemas, cursors and keys that exist, scalar keys, sync modes", () => {
    expect(streams.map(({ name }) => name)).to.deep.equal([...streamNames]);
    for (const {
      name,
      json_schema: schema,
      default_cursor_field: cursor,
      source_defined_primary_key: key,
      supported_sync_modes: modes,
    } of streams) {
      expect(
        new Ajv({ strict: false, formats: { date: true, "date-time": true, uri: true } }).validateSchema(schema),
        name,
      ).to.equal(true);
      expect(
        cursor.reduce<JsonObject | undefined>(
          (at, part) => (at?.["properties"] as Record<string, JsonObject>)?.[part],
          schema,
        ),
        name,
      ).not.to.equal(undefined);
      for (const [part] of key) expect(schema.properties[part!]!["type"], `${name}: key`).to.equal("integer");
      expect(modes).to.deep.equal(["full_refresh", "incremental"]);
    }
  });

  it("Discovery: every property is of one type of Airbyte's, perhaps null", () => {
    const formats = new Set([undefined, "date", "date-time", "time"]);
    const types = new Set([undefined, "timestamp_with_timezone", "timestamp_without_timezone"]);
    const look = (path: string, schema: JsonObject) => {
      const kinds = [schema["type"]].flat().filter((type) => type !== "null");
      expect(kinds, path).to.have.length(1);
      expect(kinds[0], path).to.be.oneOf(["string", "boolean", "integer", "number", "array", "object"]);
      expect(formats.has(schema["format"] as string | undefined), `${path}: ${String(schema["format"])}`).to.equal(
        true,
      );
      expect(types.has(schema["airbyte_type"] as string | undefined), path).to.equal(true);
      if (schema["items"] !== undefined) look(`${path}[]`, schema["items"] as JsonObject);
      for (const [key, property] of Object.entries((schema["properties"] ?? {}) as Record<string, JsonObject>))
        look(`${path}.${key}`, property);
    };
    for (const { name, json_schema: schema } of streams) look(name, schema);
  });

  it("BasicRead: records of each stream, valid by the schema, with keys; every STATE is of one stream and counted", async () => {
    const messages = await once("full", "full_refresh");
    const ajv = new Ajv({ strict: false });
    formatsModule.default(ajv);
    for (const { name, json_schema: schema } of streams) {
      const validate = ajv.compile(schema);
      const records = recordsOf(messages, name);
      expect(records, name).not.to.have.length(0);
      for (const record of records) {
        expect(validate(record), `${name}: ${ajv.errorsText(validate.errors)}`).to.equal(true);
        expect(record["id"], name).to.be.a("number");
        expect(
          Object.keys(record).filter((key) => !(key in schema.properties)),
          name,
        ).to.deep.equal([]);
      }
    }
    const now = Date.now();
    for (const time of emittedAt(messages)) expect(now - time, "milliseconds since 1970").to.be.within(0, 600_000);
  });

  it("BasicRead: a catalog with sync modes that do not exist is told by a TRACE ERROR", async () => {
    airbyte.place.write(
      "invalid.json",
      JSON.stringify({
        streams: [
          { stream: { name: "nothing", json_schema: {} }, sync_mode: "INVALID", destination_sync_mode: "INVALID" },
        ],
      }),
    );
    const { status, messages } = await airbyte.verb(["read", "--catalog", "invalid.json"]);
    expect(status).to.equal(1);
    expect(errorsOf(messages).map(({ failure_type: type }) => type)).to.deep.equal(["config_error"]);
  });

  it("FullRefresh: two reads one after the other are equal, the second emitted later", async () => {
    const [first, second] = [await once("full", "full_refresh"), await read("full_refresh")];
    for (const name of streamNames) expect(keyed(second, name), name).to.deep.equal(keyed(first, name));
    expect(Math.min(...emittedAt(second))).to.be.greaterThan(Math.max(...emittedAt(first)));
  });

  it("Incremental: from the last state no more than before, all of it at or after the state", async () => {
    const first = await once("incremental", "incremental");
    const states = new Map(statesOf(first).map((state) => [state.stream.stream_descriptor.name, state]));
    const second = await read("incremental", [...states.values()]);
    for (const name of streamNames) {
      const records = recordsOf(second, name);
      expect(records.length, name).to.be.at.most(recordsOf(first, name).length);
      const times = Object.values(states.get(name)!.stream.stream_state).map(
        (list) => (list as JsonObject)["update_time"],
      );
      // Lists are read again from one minute earlier, because they become consistent only after a while.
      const earliest =
        Math.min(...times.filter((time) => time !== null).map((time) => Date.parse(time as string))) - 60_000;
      // Products come with their deals, and their state is that of the deals.
      if (name === "deal_products") continue;
      for (const record of records) expect(Date.parse(record["update_time"] as string), name).to.be.at.least(earliest);
    }
  });

  it("Incremental: from each checkpoint at least the records that were counted after it", async () => {
    const messages = await once("incremental", "incremental");
    const states = statesOf(messages).filter(({ stream }) => stream.stream_descriptor.name === "deals");
    expect(states.length, "more than one page").to.be.greaterThan(1);
    const after = states.slice(1).reduce((sum, { sourceStats }) => sum + sourceStats.recordCount, 0);
    expect(recordsOf(await read("incremental", [states[0]]), "deals").length).to.be.at.least(after);
  });

  it("Incremental: a state with abnormally large values brings no records, a state, and the same form", async () => {
    const last = new Map(
      statesOf(await once("incremental", "incremental")).map((state) => [state.stream.stream_descriptor.name, state]),
    );
    const future = JSON.parse(
      JSON.stringify([...last.values()]).replace(/"\d{4}(-\d\d-\d\dT\d\d:\d\d:\d\dZ)"/g, '"2999$1"'),
    ) as unknown[];
    const messages = await read("incremental", future);
    for (const name of streamNames) expect(recordsOf(messages, name), name).to.deep.equal([]);
    const forms = (states: readonly unknown[]) => JSON.stringify(states).replace(/\d/g, "9");
    expect(statesOf(messages)).to.have.length(streamNames.length);
    expect(forms(statesOf(messages).map(({ stream }) => stream))).to.equal(
      forms((future as { stream: unknown }[]).map(({ stream }) => stream)),
    );
  });
});
