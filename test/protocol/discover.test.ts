import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import formatsModule from "ajv-formats";
import { expect } from "chai";
import type { JsonObject } from "../../connector/mapping/value.ts";
import { packageRoot } from "../../connector/package-root.ts";
import { messagesOf, recordsOf } from "./airbyte-messages.ts";
import { type AirbytePlace, airbytePlace } from "./airbyte-place.ts";

interface DiscoveredStream {
  name: string;
  json_schema: { properties: Record<string, JsonObject> };
  default_cursor_field: string[];
  source_defined_primary_key: string[][];
}

describe("discover on the sandbox", () => {
  let airbyte: AirbytePlace;
  let streams: DiscoveredStream[];
  before(async () => {
    airbyte = await airbytePlace({ deals: 60, organizations: 40, persons: 40, notes: 40 });
    const { status, stdout, stderr } = await airbyte.verb(["discover"]);
    expect(status, stderr).to.equal(0);
    const [message] = messagesOf(stdout);
    streams = (message!["catalog"] as unknown as { streams: DiscoveredStream[] }).streams;
  });
  after(() => airbyte.close());

  it("is the catalog of test/fixtures/discover.json (after a wanted change: node --import tsx test/protocol/write-discover.ts)", () => {
    const golden = JSON.parse(readFileSync(`${packageRoot}test/fixtures/discover.json`, "utf8")) as JsonObject;
    expect({ streams }).to.deep.equal(golden);
  });

  it("has key and cursor of each stream among its fields, and no keyword that destinations do not know", () => {
    for (const {
      name,
      json_schema: schema,
      source_defined_primary_key: key,
      default_cursor_field: cursor,
    } of streams) {
      expect(key).to.deep.equal([["id"]]);
      expect(cursor).to.deep.equal(["update_time"]);
      expect(schema.properties, name).to.include.keys("id", "update_time");
      const text = JSON.stringify(schema);
      for (const word of ["$ref", "allOf", "not"]) expect(text).not.to.contain(`"${word}":`);
      expect(text).not.to.contain('"additionalProperties":false');
    }
  });

  it("describes every record exactly: types and formats hold, and no field is undeclared", async () => {
    const ajv = new Ajv({ strict: false, allErrors: true });
    formatsModule.default(ajv);
    airbyte.place.write(
      "catalog.json",
      JSON.stringify({
        streams: streams.map((stream) => ({ stream, sync_mode: "full_refresh", destination_sync_mode: "overwrite" })),
      }),
    );
    const { messages } = await airbyte.read();
    airbyte.configure("full_refresh");
    const whole = (await airbyte.read()).messages;
    for (const { name, json_schema: schema } of streams) {
      const validate = ajv.compile(schema);
      const records = recordsOf(messages, name);
      expect(records, name).to.have.length.greaterThan(10);
      for (const record of records)
        expect(validate(record), `${name}: ${ajv.errorsText(validate.errors)}`).to.equal(true);
      // The type of doi_status is not documented, so no catalog offers it.
      const expected = recordsOf(whole, name).map(({ doi_status: _, ...record }) => record);
      expect(records, `${name}: nothing was left out`).to.deep.equal(expected);
      const custom = (schema.properties["custom_fields"]?.["properties"] ?? {}) as JsonObject;
      for (const record of records)
        expect(
          Object.keys((record["custom_fields"] ?? {}) as JsonObject).filter((key) => !(key in custom)),
        ).to.deep.equal([]);
    }
  });
});
