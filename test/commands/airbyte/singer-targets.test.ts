import { Ajv, type ValidateFunction } from "ajv";
import { expect } from "chai";
import type { Json, JsonObject } from "../../../connector/mapping/value.ts";
import { type Sandbox, startSandbox } from "../../../connector/sandbox/server.ts";
import { streamNames } from "../../../connector/stream-name.ts";
import { makeWorkplace, runBin, type Workplace } from "../../run-bin.ts";

/** RFC 3339 "date-time" with seconds and a zone, which ciso8601 and Python's fromisoformat both accept. */
const dateTime = /^\d{4}-(0[1-9]|1[0-2])-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;
const date = /^\d{4}-(0[1-9]|1[0-2])-\d{2}$/;

/** Words of JSON Schema that draft 4, used by target-csv and target-jsonl, does not know. */
const laterWords = [
  "const",
  "contains",
  "propertyNames",
  "if",
  "then",
  "else",
  "$ref",
  "$defs",
  "examples",
  "$comment",
];

/** Yields each property of a schema with its path, also within objects and arrays. */
function* propertiesOf(schema: JsonObject, path = ""): Generator<[path: string, schema: JsonObject]> {
  for (const [key, property] of Object.entries((schema["properties"] ?? {}) as Record<string, JsonObject>)) {
    yield [`${path}${key}`, property];
    yield* propertiesOf(property, `${path}${key}.`);
    if (property["items"] !== undefined) {
      yield [`${path}${key}[]`, property["items"] as JsonObject];
      yield* propertiesOf(property["items"] as JsonObject, `${path}${key}[].`);
    }
  }
}

/**
 * Requirements of common targets on a tap beyond the specification, each with its source: singer-python 6.7
 * (messages.py), target-jsonl, target-csv, Meltano SDK 0.54 (sinks, connectors/sql.py, typing), MeltanoLabs
 * target-postgres, pipelinewise target-postgres 2.1, datamill target-postgres 0.2.
 */
describe("the Singer messages are as common targets need them", function () {
  this.timeout(120_000);
  let sandbox: Sandbox;
  let place: Workplace;
  let messages: JsonObject[];
  let lines: string[];

  before(async () => {
    sandbox = await startSandbox({ organizations: 20, persons: 30, deals: 60, notes: 40, burstLimit: 1000 });
    sandbox.store.create("notes", { content: 'tab\t, quote ", line\nbreak, \u2028 and 日本語', org_id: 1 });
    sandbox.store.create("deals", { title: "cents", value: 0.1, currency: "EUR" });
    sandbox.store.create("deals", { title: "much", value: 12345678901234.5, currency: "EUR" });
    // No Postgres target can load a NUL character: such a record is left out, and reported.
    sandbox.store.putText("notes", '{"id": 90001, "content": "a\\u0000b", "update_time": "2026-01-01 10:00:00"}');
    place = makeWorkplace();
    place.write("config.json", JSON.stringify({ company_url: sandbox.url, api_token: sandbox.token }));
    const { status, stdout, stderr } = await runBin(place.folder, [
      "read",
      "--format",
      "singer",
      "--config",
      "config.json",
    ]);
    expect(status, stderr).to.equal(0);
    expect(stderr).to.contain("notes: the record 90001 was left out");
    lines = stdout.trimEnd().split("\n");
    messages = lines.map((line) => JSON.parse(line) as JsonObject);
  });
  after(async () => {
    await sandbox.close();
    place.remove();
  });

  const schemas = () => messages.filter(({ type }) => type === "SCHEMA");
  const records = () => messages.filter(({ type }) => type === "RECORD");

  it("only SCHEMA, RECORD and STATE, with the keys that parse_message requires, in upper case", () => {
    const required: Record<string, string[]> = {
      SCHEMA: ["stream", "schema", "key_properties", "bookmark_properties"],
      RECORD: ["stream", "record", "time_extracted"],
      STATE: ["value"],
    };
    for (const message of messages) expect(message).to.have.keys("type", ...required[message["type"] as string]!);
    for (const { time_extracted: time } of records()) expect(time).to.match(dateTime);
  });

  it("one SCHEMA for each stream, before its records; names are table names: lower case and underscores", () => {
    expect(schemas().map(({ stream }) => stream)).to.deep.equal([...streamNames]);
    const seen = new Set<Json>();
    for (const { type, stream } of messages) {
      if (type === "SCHEMA") seen.add(stream!);
      if (type === "RECORD") expect(seen.has(stream!), String(stream)).to.equal(true);
    }
    for (const { stream } of schemas()) expect(stream).to.match(/^[a-z_]+$/);
  });

  it("every property says one type, perhaps null, so that it is one column; keys are never null", () => {
    for (const { stream, schema, key_properties: keys } of schemas()) {
      for (const [path, property] of propertiesOf(schema as JsonObject)) {
        const types = [property["type"]].flat();
        expect(
          types.filter((type) => type !== "null"),
          `${String(stream)}.${path}`,
        ).to.have.length(1);
        expect(property, `${String(stream)}.${path}`).not.to.have.any.keys(
          ...laterWords,
          "anyOf",
          "oneOf",
          "allOf",
          "multipleOf",
          "enum",
        );
        expect(property["format"] ?? "date", `${String(stream)}.${path}`).to.be.oneOf(["date", "date-time"]);
      }
      expect(keys).to.deep.equal(["id"]);
      expect(((schema as JsonObject)["properties"] as Record<string, JsonObject>)["id"]!["type"]).to.equal("integer");
    }
  });

  it("columns differ by more than their case, and fit Postgres's 63 bytes", () => {
    for (const { schema } of schemas()) {
      const names = Object.keys((schema as JsonObject)["properties"] as JsonObject);
      expect(new Set(names.map((name) => name.toLowerCase())).size).to.equal(names.length);
      for (const name of names) expect(name).to.match(/^[a-z][a-z0-9_]{0,62}$/);
    }
  });

  it("every record is valid by its SCHEMA and has no field besides; dates and times are such", () => {
    const validators = new Map<Json, ValidateFunction>();
    const ajv = new Ajv({ strict: false, formats: { date, "date-time": dateTime } });
    for (const { stream, schema } of schemas()) validators.set(stream!, ajv.compile(schema as JsonObject));
    for (const { stream, record } of records()) {
      const validate = validators.get(stream!)!;
      expect(validate(record), `${String(stream)}: ${ajv.errorsText(validate.errors)}`).to.equal(true);
      const properties = (validate.schema as JsonObject)["properties"] as JsonObject;
      expect(Object.keys(record as JsonObject).filter((key) => !(key in properties))).to.deep.equal([]);
    }
    expect(records().length).to.be.greaterThan(100);
  });

  it("no key comes twice, so that a target without upsert has no duplicates", () => {
    for (const name of streamNames) {
      const ids = records().flatMap(({ stream, record }) => (stream === name ? [(record as JsonObject)["id"]] : []));
      expect(new Set(ids).size, name).to.equal(ids.length);
    }
  });

  it("each message is one line of UTF-8, without NUL or half characters; numbers are as the API wrote them", () => {
    for (const line of lines) {
      expect(line).not.to.match(/\\u0000|\\u[dD][89a-fA-F]/);
      expect(line).not.to.match(/\p{Surrogate}/u);
    }
    const text = lines.join("\n");
    expect(text).to.contain('"value":0.1,').and.contain('"value":12345678901234.5,');
    expect(text).to.contain("日本語");
  });

  it("the last line is a STATE whose value is what --state takes, with the bookmarks of every stream", () => {
    expect(messages.at(-1)!["type"]).to.equal("STATE");
    const value = messages.at(-1)!["value"] as { bookmarks: JsonObject; currently_syncing: null };
    expect(value.currently_syncing).to.equal(null);
    expect(value.bookmarks).to.have.keys(...streamNames);
  });

  it("a full table sends no ACTIVATE_VERSION: no target deletes rows because of it", () => {
    expect(messages.map(({ type }) => type)).not.to.include("ACTIVATE_VERSION");
    for (const record of records()) expect(record).not.to.have.property("version");
  });
});
