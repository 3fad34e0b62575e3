import { existsSync } from "node:fs";
import { isServer } from "../../is-server.ts";
import type { Database, OpenOptions } from "../database.ts";

/**
 * Opens the hub without creating or migrating anything. If there is no database, an empty one replaces it until it is
 * closed. Throws the Failures of `openDatabase`.
 */
export async function openAsItIs(location: string, options: OpenOptions = {}): Promise<Database> {
  if (isServer(location)) return (await import("../server/open-server.ts")).openServer(location);
  const { dataFolder, openEmbedded, openTemporary, refuseUnfitFolder } = await import("../embedded/open-embedded.ts");
  if (existsSync(dataFolder(location))) return openEmbedded(location, options);
  if (existsSync(location)) await refuseUnfitFolder(location);
  return openTemporary(location);
}
