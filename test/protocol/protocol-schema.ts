import { readFileSync } from "node:fs";
import { Ajv, type ValidateFunction } from "ajv";
import { parse } from "yaml";
import { packageRoot } from "../../connector/package-root.ts";

const schema = parse(
  readFileSync(`${packageRoot}test/fixtures/airbyte-protocol/airbyte_protocol.yaml`, "utf8"),
) as object & { $id: string };
// Its keywords for code generators (existingJavaType) are not JSON Schema.
const ajv = new Ajv({ strict: false, allErrors: true, logger: false }).addSchema(schema, "protocol");

/**
 * Returns the errors of a document by a definition of the Airbyte protocol's own schema; undefined if there are none.
 */
export function protocolErrors(definition: "AirbyteMessage" | "ConfiguredAirbyteCatalog", document: unknown) {
  const validate = ajv.getSchema(`protocol#/definitions/${definition}`) as ValidateFunction;
  return validate(document) ? undefined : ajv.errorsText(validate.errors);
}
