import { writeFileSync } from "node:fs";
import { openDatabase } from "../connector/database/open/open-database.ts";
import { emptyLocation, removeLocation } from "./databases.ts";
import { dumpSchema, schemaText } from "./schema-dump.ts";

// Writes the golden file of the schema again: node --import tsx test/write-schema.ts
const location = await emptyLocation("embedded");
const database = await openDatabase(location);
writeFileSync(new URL("fixtures/schema.sql", import.meta.url), schemaText(await dumpSchema(database)));
await database.close();
await removeLocation(location);
