import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import formatsModule from "ajv-formats";
import { expect } from "chai";
import { parse } from "yaml";
import type { JsonObject } from "../../connector/mapping/value.ts";
import { modelNames } from "../../connector/model-name.ts";
import { packageRoot } from "../../connector/package-root.ts";
import { runBin } from "../run-bin.ts";
import { emptyAccount } from "../sandbox-sync.ts";
import { recordOf, stateOf, type WritePlace, writePlace } from "../write-place.ts";
import { errorsOf, messagesOf } from "./airbyte-messages.ts";

interface Operation {
  object_name: string;
  sync_mode: string;
  json_schema: JsonObject & { required: string[]; properties: Record<string, JsonObject> };
  matching_keys: string[][];
}

const organizations = `stream: organizations
direction: receive
model: company
fields:
  - {planhat: name, pipedrive: name}
  - {planhat: custom.Tier, pipedrive: name}
`;

describe("the connector as an Airbyte destination", function () {
  this.timeout(300_000);
  let place: WritePlace;
  let config: JsonObject;
  before(async () => {
    place = await writePlace("server", { ...emptyAccount, organizations: 2 });
    config = parse(readFileSync(`${place.place.folder}/config.yaml`, "utf8")) as JsonObject;
    const { database: _, ...without } = config;
    place.place.write("without.json", JSON.stringify(without));
  });
  after(() => place.close());

  const destination = async (...args: string[]) => {
    const { status, stdout, stderr } = await runBin(place.place.folder, ["destination", ...args]);
    return { status, stderr, messages: messagesOf(stdout) };
  };

  it("has a spec of its own: it wants a database, and names what only a destination has", async () => {
    const { status, messages, stderr } = await destination("spec");
    expect(status, stderr).to.equal(0);
    const { connectionSpecification: form, supported_destination_sync_modes: modes } = messages[0]![
      "spec"
    ] as JsonObject;
    const { required, properties } = form as { required: string[]; properties: Record<string, JsonObject> };
    expect(required).to.deep.equal(["company_url", "database"]);
    expect(properties["database"]).not.to.have.property("default");
    for (const key of ["start_date", "schedule", "webhook", "sync_token"]) expect(properties).not.to.have.property(key);
    expect(properties).to.include.keys("credentials", "planhat", "mappings", "brake");
    expect(modes).to.include.members(["append", "append_dedup", "overwrite"]);
  });

  it("check answers as Airbyte wants, and fails without a database of its own", async () => {
    const good = await destination("check");
    expect(
      good.messages.map(({ connectionStatus }) => connectionStatus),
      good.stderr,
    ).to.deep.equal([{ status: "SUCCEEDED" }]);
    const { status, messages } = await destination("check", "--config", "without.json");
    expect(status).to.equal(0);
    expect(messages.map(({ connectionStatus }) => connectionStatus)).to.deep.equal([
      {
        status: "FAILED",
        message:
          "The destination's config names no `database`.\nName a Postgres server (postgres://…), or a folder that outlives the container.",
      },
    ]);
  });

  it("discover offers the models as objects, with schemas, matching keys and modes", async () => {
    place.map({ "organizations.yaml": organizations });
    const { status, messages, stderr } = await destination("discover");
    expect(status, stderr).to.equal(0);
    const { operations } = messages[0]!["destination_catalog"] as unknown as { operations: Operation[] };
    const modes = ["append_dedup", "append", "update"];
    expect(operations.map(({ object_name: name, sync_mode: mode }) => `${name} ${mode}`)).to.deep.equal(
      modelNames.flatMap((model) => modes.map((mode) => `${model} ${mode}`)),
    );
    const ajv = new Ajv({ strict: false });
    formatsModule.default(ajv);
    for (const { object_name: name, json_schema: schema, matching_keys: keys } of operations) {
      expect(keys).to.deep.equal([["externalId"]]);
      expect(ajv.validateSchema(schema), name).to.equal(true);
      expect(schema.properties, name).to.include.keys("externalId", ...schema.required);
    }
    const [upsert, , update] = operations;
    expect(upsert!.json_schema.required).to.deep.equal(["externalId", "name"]);
    expect(update!.json_schema.required, "a change need not name everything").to.deep.equal(["externalId"]);
    expect(upsert!.json_schema.properties["custom.Tier"], "of the mapping").to.be.an("object");
    expect(upsert!.json_schema.properties["phase"]).to.deep.include({ type: ["null", "string"] });
    const required = (model: string) => operations.find((one) => one.object_name === model)!.json_schema.required;
    expect(required("license")).to.deep.equal(["externalId", "companyId", "_currency", "fromDate"]);
    expect(required("lineitem")).to.deep.equal(["externalId", "dealId", "fromDate"]);
  });

  it("write takes the records of a source, and refuses a config without a database before it reads any", async () => {
    const lines = [recordOf("organizations", { id: 7, name: "Acme" }), stateOf("organizations", { page: 1 })];
    const args = ["destination", "write", "--catalog", "catalog.json"];
    place.catalog(["organizations"]);
    const { status, states, stderr } = await place.write(lines, { args });
    expect(status, stderr).to.equal(0);
    expect(states).to.have.length(1);
    const refused = await place.write(lines, { args: [...args, "--config", "without.json"] });
    expect([refused.status, refused.states]).to.deep.equal([1, []]);
    const [error] = errorsOf(messagesOf(refused.stdout));
    expect(error).to.include({ failure_type: "config_error" });
    expect(error!.message).to.match(/^The destination's config names no `database`\. Name a Postgres server/);
  });

  it("has a metadata.yaml with what the registry asks for, and none that it does not know", () => {
    const read = (file: string) => parse(readFileSync(`${packageRoot}${file}`, "utf8")) as { data: JsonObject };
    const { data } = read("deploy/airbyte-destination/metadata.yaml");
    const source = read("metadata.yaml").data;
    expect(data).to.include({ connectorType: "destination", supportsDataActivation: true, supportsRefreshes: true });
    for (const key of ["definitionId", "dockerRepository", "githubIssueLabel", "name"])
      expect(data[key], `${key} tells it from the source`).to.be.a("string").and.not.equal(source[key]);
    // Required and known by ConnectorMetadataDefinitionV0 of airbytehq/airbyte; it allows no others.
    const required = ["connectorSubtype", "connectorType", "definitionId", "dockerImageTag", "dockerRepository"];
    const more = ["documentationUrl", "githubIssueLabel", "license", "name", "releaseStage"];
    expect(data).to.include.keys(...required, ...more);
    const optional = ["icon", "protocolVersion", "supportLevel", "supportsDataActivation", "supportsRefreshes", "tags"];
    expect([...required, ...more, ...optional]).to.include.members(Object.keys(data));
    for (const key of ["dockerImageTag", "protocolVersion", "license"]) expect(data[key], key).to.equal(source[key]);
  });
});
