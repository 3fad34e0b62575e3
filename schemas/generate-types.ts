import { readFileSync, writeFileSync } from "node:fs";
import { compile, type JSONSchema } from "json-schema-to-typescript";
import { packageRoot } from "../connector/package-root.ts";

/** A file of types and the schemas it is made from, all relative to the package's root. */
export interface GeneratedTypes {
  file: string;
  schemas: readonly string[];
}

/** Every generated file. */
export const generatedTypes: readonly GeneratedTypes[] = [
  {
    file: "connector/pipedrive/records/records.generated.ts",
    schemas: ["deals", "notes", "organizations", "persons", "deal_products"].map((name) => `schemas/${name}.json`),
  },
];

/**
 * Returns the TypeScript of the types that the schemas describe, one interface each, named after the schema's title.
 */
export async function typesOf({ schemas }: GeneratedTypes): Promise<string> {
  const parts: string[] = [];
  for (const file of schemas) {
    const schema = JSON.parse(readFileSync(`${packageRoot}${file}`, "utf8")) as JSONSchema;
    parts.push(await compile(withoutTitles(schema), schema.title ?? file, { bannerComment: "" }));
  }
  const banner = `// Made by npm run types from ${schemas.join(", ")}. Change those, not this.`;
  return `${banner}\n\n${parts.join("\n")}`;
}

/** Removes titles of properties, which are for users: as names of types they would only hide the type of a property. */
function withoutTitles(schema: JSONSchema): JSONSchema {
  const isTitle = (key: string, value: unknown) => key === "title" && typeof value === "string";
  return JSON.parse(JSON.stringify(schema, (key, value) => (isTitle(key, value) ? undefined : value))) as JSONSchema;
}

if (import.meta.filename === process.argv[1]) {
  for (const types of generatedTypes) writeFileSync(`${packageRoot}${types.file}`, await typesOf(types));
}
