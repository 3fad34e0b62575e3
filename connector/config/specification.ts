import { readFileSync } from "node:fs";
import type { JsonObject } from "../mapping/value.ts";
import { packageRoot } from "../package-root.ts";

/** Airbyte's ConnectorSpecification, as spec.json in the package holds it. */
export interface Specification extends JsonObject {
  connectionSpecification: JsonObject;
}

/** Reads spec.json of the package. */
export function readSpecification(): Specification {
  return JSON.parse(readFileSync(`${packageRoot}spec.json`, "utf8")) as Specification;
}

/** A property of the config as spec.json describes it: the keywords that loading needs. */
export interface PropertySchema {
  type?: string;
  properties?: Record<string, PropertySchema>;
  airbyte_secret?: boolean;
  default?: boolean | string | number;
}
