import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * The folder of package.json, schemas/ and mappings/, with a trailing slash. It is the same from connector/ and from
 * dist/.
 */
export const packageRoot = fileURLToPath(new URL("../", import.meta.url));

/** Returns the version of this package. */
export function packageVersion(): string {
  return (JSON.parse(readFileSync(`${packageRoot}package.json`, "utf8")) as { version: string }).version;
}
