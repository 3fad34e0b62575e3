import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import formatsModule from "ajv-formats";
import { expect } from "chai";
import { destinationSpecification } from "../../connector/config/destination-specification.ts";
import type { JsonObject } from "../../connector/mapping/value.ts";
import { packageRoot } from "../../connector/package-root.ts";
import { protocolErrors } from "./protocol-schema.ts";

interface Property {
  type?: unknown;
  title?: string;
  description?: string;
  properties?: Record<string, Property>;
  oneOf?: Property[];
  order?: number;
  const?: string;
  airbyte_secret?: boolean;
  additionalProperties?: unknown;
  [keyword: string]: unknown;
}

const source = JSON.parse(readFileSync(`${packageRoot}spec.json`, "utf8")) as JsonObject;
const specifications: [name: string, spec: JsonObject][] = [
  ["spec.json", source],
  ["the destination's spec", destinationSpecification()],
];
for (const [name, spec] of specifications)
  describe(`${name} has the form that Airbyte's interface takes`, () => {
    const root = spec["connectionSpecification"] as unknown as Property;

    /** Every object schema with its path, including the choices of a oneOf. */
    const objects: [path: string, schema: Property][] = [];
    const collect = (path: string, schema: Property) => {
      if (schema.properties !== undefined) objects.push([path, schema]);
      for (const [index, option] of (schema.oneOf ?? []).entries()) collect(`${path}.${index}`, option);
      for (const [key, property] of Object.entries(schema.properties ?? {})) collect(`${path}.${key}`, property);
    };
    collect("config", root);
    const properties = objects.flatMap(([path, schema]) =>
      Object.entries(schema.properties!).map(([key, property]): [string, string, Property] => [
        `${path}.${key}`,
        key,
        property,
      ]),
    );

    it("says all that a specification may: the protocol's version, documentation, destination sync modes and OAuth2", () => {
      expect(protocolErrors("AirbyteMessage", { type: "SPEC", spec })).to.equal(undefined);
      expect(spec["protocol_version"]).to.equal("0.18.0");
      expect(spec["documentationUrl"]).to.match(/^https:\/\//);
      expect(spec["supported_destination_sync_modes"]).to.have.members([
        "append",
        "overwrite",
        "append_dedup",
        ...(spec === source ? [] : ["update"]),
      ]);
      expect(spec["advanced_auth"]).to.be.an("object");
    });

    it("gives an example wherever the form of a text cannot be guessed", () => {
      const free = properties.filter(
        ([, , property]) =>
          property.type === "string" &&
          property.airbyte_secret !== true &&
          property.const === undefined &&
          property["default"] === undefined &&
          property["enum"] === undefined,
      );
      expect(free).not.to.have.length(0);
      for (const [path, , property] of free) expect(property["examples"], path).to.be.an("array").that.is.not.empty;
    });

    it("every property has one type, a title and a description", () => {
      for (const [path, , property] of properties) {
        expect(property.type, path).to.be.a("string");
        expect(property.title, path).to.be.a("string").and.not.equal("");
        expect(property.description, path).to.match(/\.$/);
      }
    });

    it("uses no keyword that the interface does not know, and closes no object", () => {
      const text = JSON.stringify(root);
      for (const word of ["$ref", "not", "anyOf", "allOf", "patternProperties", "prefixItems", "if", "then", "else"]) {
        expect(text).not.to.contain(`"${word}":`);
      }
      for (const [path, schema] of objects) expect(schema.additionalProperties, path).not.to.equal(false);
    });

    it("orders each object's properties without a number twice", () => {
      for (const [path, schema] of objects) {
        const orders = Object.values(schema.properties!).map(({ order }) => order);
        expect(new Set(orders).size, path).to.equal(orders.length);
        expect(orders, path).not.to.include(undefined);
      }
    });

    it("shows the way to sign in from the start, and apart from it what a read does not use", () => {
      const { credentials, api_token: hidden } = root.properties!;
      expect(credentials).to.deep.include({ always_show: true, default: { auth_type: "api_token" } });
      expect(hidden!["airbyte_hidden"], "its place in the form is among the credentials").to.equal(true);
      const groups = (root["groups"] as { id: string; title: string }[]).map(({ id }) => id);
      const used = new Set(["company_url", "credentials", "api_token", "start_date", "daily_token_budget"]);
      for (const [key, { group }] of Object.entries(root.properties!)) {
        expect(groups, `the group of ${key}, which must have one`).to.include(group);
        expect(group === "service", "a destination is no service").to.equal(spec === source && group === "service");
        expect(["pipedrive", "reading"].includes(String(group)), key).to.equal(used.has(key));
      }
    });

    it("marks every secret", () => {
      const secret = /^(api_token|client_secret|client_id|refresh_token|password|access_token|api_key)$/;
      for (const [path, key, property] of properties) {
        if (secret.test(key)) expect(property.airbyte_secret, path).to.equal(true);
      }
      expect(root.properties!["database"]!.airbyte_secret, "its URL may hold a password").to.equal(true);
    });

    it("offers OAuth2 first, and tells the choices apart by one constant", () => {
      const { oneOf, type } = root.properties!["credentials"]!;
      expect(type).to.equal("object");
      expect(oneOf!.map(({ properties: own }) => own!["auth_type"]!.const)).to.deep.equal(["oauth2", "api_token"]);
      const shared = Object.keys(oneOf![0]!.properties!).filter((key) => key in oneOf![1]!.properties!);
      expect(shared).to.deep.equal(["auth_type"]);
      for (const { properties: own } of oneOf!)
        expect(Object.values(own!).filter((property) => property.const !== undefined)).to.have.length(1);
    });

    it("its OAuth2 flow writes only where the config has a place", () => {
      const auth = spec["advanced_auth"] as unknown as {
        auth_flow_type: string;
        predicate_key: string[];
        predicate_value: string;
        oauth_config_specification: Record<
          string,
          { properties?: Record<string, { path_in_connector_config?: string[] }> }
        >;
      };
      expect(auth.auth_flow_type).to.equal("oauth2.0");
      const oauth = root.properties!["credentials"]!.oneOf![0]!;
      expect(auth.predicate_key).to.deep.equal(["credentials", "auth_type"]);
      expect(auth.predicate_value).to.equal(oauth.properties!["auth_type"]!.const);
      const paths = Object.values(auth.oauth_config_specification).flatMap((part) =>
        Object.values(part.properties ?? {}).flatMap(({ path_in_connector_config: path }) =>
          path === undefined ? [] : [path],
        ),
      );
      expect(paths.map(([first, second]) => [first, second! in oauth.properties!])).to.deep.equal([
        ["credentials", true],
        ["credentials", true],
        ["credentials", true],
      ]);
      expect(auth.oauth_config_specification["oauth_connector_input_specification"]).to.include.keys(
        "consent_url",
        "access_token_url",
      );
    });

    it("accepts the configs of the contract and its own examples", () => {
      const ajv = new Ajv({ strict: false });
      formatsModule.default(ajv);
      const validate = ajv.compile(root);
      const oauth = { auth_type: "oauth2", client_id: "a", client_secret: "b", refresh_token: "c" };
      for (const way of [
        { api_token: "a" },
        { credentials: oauth },
        { credentials: { auth_type: "api_token", api_token: "a" } },
      ]) {
        const config = { company_url: "https://acme.pipedrive.com", database: "postgres://db.example/planhat", ...way };
        expect(validate(config), JSON.stringify(validate.errors)).to.equal(true);
      }
      for (const [path, , property] of properties) {
        for (const example of (property["examples"] as unknown[] | undefined) ?? []) {
          expect(ajv.validate(property as object, example), `${path}: ${String(example)}`).to.equal(true);
        }
      }
    });
  });
