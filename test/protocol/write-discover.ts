import { writeFileSync } from "node:fs";
import { packageRoot } from "../../connector/package-root.ts";
import { airbytePlace } from "./airbyte-place.ts";

/** Writes the output of discover for the sandbox's account into test/fixtures/discover.json, for a person to review. */
const airbyte = await airbytePlace();
try {
  const { messages } = await airbyte.verb(["discover"]);
  writeFileSync(`${packageRoot}test/fixtures/discover.json`, `${JSON.stringify(messages[0]!["catalog"], null, 2)}\n`);
} finally {
  await airbyte.close();
}
