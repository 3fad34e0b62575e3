import { Ajv } from "ajv";
import { expect } from "chai";
import fc from "fast-check";
import { schemaFaults } from "../../connector/config/schema-faults.ts";
import { readSpecification, schemaFor } from "../../connector/config/specification.ts";
import type { JsonObject } from "../../connector/mapping/value.ts";

const specification = readSpecification().connectionSpecification;

/** Returns every keyword that a schema uses, at any depth. */
function keywordsOf(schema: unknown, found = new Set<string>()): Set<string> {
  if (Array.isArray(schema)) for (const one of schema) keywordsOf(one, found);
  if (schema === null || typeof schema !== "object" || Array.isArray(schema)) return found;
  for (const [keyword, value] of Object.entries(schema)) {
    found.add(keyword);
    for (const inner of keyword === "properties" ? Object.values(value as object) : [value]) keywordsOf(inner, found);
  }
  return found;
}

describe("the config against spec.json", () => {
  it("is checked by every keyword that spec.json uses", () => {
    const checked = [
      "type",
      "required",
      "const",
      "enum",
      "minLength",
      "pattern",
      "minimum",
      "maximum",
      "properties",
      "items",
    ];
    // Unknown keys and choices have checks of their own; `format` repeats `pattern` for Airbyte's interface.
    const elsewhere = ["additionalProperties", "oneOf", "format"];
    const annotations = ["$schema", "title", "description", "examples", "order", "default", "pattern_descriptor"];
    // The look of the keys in Airbyte's form, and the key in the default of `credentials`.
    const form = ["airbyte_secret", "airbyte_hidden", "groups", "id", "group", "always_show", "auth_type"];
    const known = [...checked, ...elsewhere, ...annotations, ...form];
    expect([...keywordsOf(specification)].filter((keyword) => !known.includes(keyword))).to.deep.equal([]);
  });

  it("is judged as ajv judges it, whatever stands in it", () => {
    const values = fc.oneof(
      fc.constantFrom(
        undefined,
        null,
        true,
        0,
        -1,
        1.5,
        30,
        "",
        "x",
        "oauth2",
        "2020-01-01T00:00:00Z",
        "🙂🙂🙂🙂🙂🙂🙂",
      ),
      fc.string(),
      fc.constantFrom<unknown>({}, [], ["x"]),
    );
    const part = (key: string, inner: readonly string[]) =>
      fc.tuple(fc.constant(key), fc.oneof(values, fc.dictionary(fc.constantFrom(...inner), values)));
    const plain = Object.keys(specification["properties"] as object).map((key) => fc.tuple(fc.constant(key), values));
    const nested = [
      part("credentials", ["auth_type", "client_id", "client_secret", "refresh_token", "api_token"]),
      part("webhook", ["public_url", "username", "password"]),
      part("planhat", ["api_token", "api_url"]),
      part("brake", ["share", "rows"]),
      part("smtp", ["host", "port", "username", "password", "from"]),
      fc.tuple(
        fc.constant("alerts"),
        fc.array(
          fc.oneof(
            values,
            fc.dictionary(fc.constantFrom("url", "email", "format", "secret", "on", "smtp"), values),
            fc.record({ on: fc.array(fc.oneof(values, fc.constantFrom("failed", "stale"))) }),
          ),
        ),
      ),
    ];
    const ajv = new Ajv({ allErrors: true, strict: false, formats: { "date-time": true } });
    fc.assert(
      fc.property(fc.array(fc.oneof(...plain, ...nested)), (entries) => {
        const document = Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as JsonObject;
        const written = JSON.parse(JSON.stringify(document)) as JsonObject;
        const { additionalProperties: _unknownKeys, ...schema } = schemaFor(written) as JsonObject;
        const validate = ajv.compile(withoutUnknownKeys(schema));
        validate(written);
        const expected = (validate.errors ?? []).map(({ instancePath, keyword }) => `${instancePath} ${keyword}`);
        const found = schemaFaults(written, schemaFor(written)).map(
          ({ path, keyword }) => `${path.map((key) => `/${key}`).join("")} ${keyword}`,
        );
        expect(found.sort()).to.deep.equal(expected.sort());
      }),
      { numRuns: 300 },
    );
  });
});

function withoutUnknownKeys(schema: JsonObject): JsonObject {
  const text = JSON.stringify(schema, (key, value) => (key === "additionalProperties" ? undefined : value));
  return JSON.parse(text) as JsonObject;
}
