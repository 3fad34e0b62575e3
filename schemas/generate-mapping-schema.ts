import { writeFileSync } from "node:fs";
import { mappingSchema } from "../connector/mapping/language/document-schema.ts";
import { packageRoot } from "../connector/package-root.ts";

// Generates schemas/mapping.json from the checks themselves, so that an editor and `mapping check` never disagree.
writeFileSync(`${packageRoot}schemas/mapping.json`, `${JSON.stringify(mappingSchema(), null, 2)}\n`);
