import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { expect } from "chai";
import { recordFields, valueTypeOf } from "../../../connector/mapping/evaluate/record-fields.ts";
import type { Json, JsonObject } from "../../../connector/mapping/value.ts";
import { packageRoot } from "../../../connector/package-root.ts";
import { readSchemas } from "../../../connector/pipedrive/records/streams.ts";
import { streamNames } from "../../../connector/stream-name.ts";
import { generatedTypes, typesOf } from "../../../schemas/generate-types.ts";

/** Yields every object in a schema with its path. */
function* parts(schema: Json, path = ""): Generator<[string, JsonObject]> {
  if (schema === null || typeof schema !== "object") return;
  if (!Array.isArray(schema)) yield [path, schema];
  for (const [key, value] of Object.entries(schema)) yield* parts(value, `${path}/${key}`);
}

describe("the streams' schemas", () => {
  const schemas = readSchemas();

  for (const stream of streamNames) {
    describe(`of ${stream}`, () => {
      const schema = schemas[stream];
      const properties = schema["properties"] as Record<string, JsonObject>;

      it("are JSON Schema draft-07", () => {
        expect(schema["$schema"]).to.equal("http://json-schema.org/draft-07/schema#");
        expect(new Ajv({ strict: false }).validateSchema(schema)).to.equal(true);
      });

      it("hold what Airbyte takes: one type or null beside it, no references, nothing closed", () => {
        const forbidden = ["$ref", "allOf", "anyOf", "oneOf", "not", "patternProperties", "if", "then", "else", "enum"];
        for (const [path, part] of parts(schema)) {
          if (path.endsWith("/properties")) continue;
          for (const word of forbidden) expect(part, path).not.to.have.property(word);
          if (part["additionalProperties"] !== undefined) expect(part["additionalProperties"], path).to.equal(true);
          const types = [part["type"]].flat().filter((type) => type !== "null");
          expect(types, path).to.have.length(1);
          if (types[0] === "object") expect(part["additionalProperties"], path).to.equal(true);
          if (types[0] === "array") expect(part["items"], path).to.be.an("object");
          if (part["format"] === "date-time") expect(part["airbyte_type"], path).to.equal("timestamp_with_timezone");
        }
      });

      it("say of each property what people call it and what it is", () => {
        for (const [name, property] of Object.entries(properties)) {
          expect(property["title"], name).to.be.a("string");
          expect(property["description"], name).to.match(/\.$/);
        }
      });

      it("hold the key and the cursor, and nothing that must be there but ids", () => {
        expect(properties["id"]).to.include({ type: "integer", minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
        expect(properties["update_time"]).to.deep.include({ type: ["null", "string"], format: "date-time" });
        const required = stream === "deal_products" ? ["id", "deal_id"] : ["id"];
        expect(schema["required"]).to.deep.equal(required);
        for (const [name, property] of Object.entries(properties)) {
          if (!required.includes(name)) expect(property["type"], name).to.include("null");
        }
      });

      it("give built-in fields of one value the type that the mapping expects", () => {
        for (const [name, { type }] of Object.entries(properties)) {
          const [own] = [type].flat().filter((one) => one !== "null");
          const expected = ["array", "object"].includes(own as string) ? undefined : own;
          const kind = recordFields[stream][name]?.kind;
          if (kind === "option") continue;
          expect(valueTypeOf.get(name), `${stream}.${name}`).to.equal(expected);
        }
      });

      it("keep references within what a bigint and a double both hold", () => {
        const references = Object.keys(properties).filter(
          (name) => /_id$/.test(name) && properties[name]!["maximum"] !== undefined,
        );
        if (stream === "deal_products") expect(references).to.include("deal_id");
        else if (stream !== "organizations") expect(references).to.include("org_id");
        for (const name of references) expect(properties[name]!["maximum"]).to.equal(Number.MAX_SAFE_INTEGER);
      });
    });
  }

  for (const types of generatedTypes) {
    it(`agree with ${types.file} (made by npm run types)`, async () => {
      expect(readFileSync(`${packageRoot}${types.file}`, "utf8")).to.equal(await typesOf(types));
    });
  }
});
