import { accessSync, constants, existsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { MissingRight } from "../../database/open/rights.ts";
import { Failure } from "../../failure.ts";
import { isServer } from "../../is-server.ts";
import { counted } from "../../text/counted.ts";

/**
 * Connects to a server and checks its rights; of a folder checks that it fits, or that the first sync can create it.
 * Writes nothing. Returns what was found, as a phrase.
 */
export async function tryDatabase(location: string): Promise<string> {
  if (!isServer(location)) {
    if (existsSync(location))
      await (await import("../../database/embedded/open-embedded.ts")).refuseUnfitFolder(location);
    else refuseUnmakeable(location);
    return `embedded, in ${location}`;
  }
  const { openServer } = await import("../../database/server/open-server.ts");
  const database = await openServer(location);
  try {
    await database.refuseReadOnly();
    const { findMissingRights } = await import("../../database/open/rights.ts");
    const missing = await findMissingRights(database);
    if (missing.length > 0) throw lacksRights(database.location, missing);
  } finally {
    await database.close();
  }
  return `server ${database.location}${database.pooled ? ", behind a pooler" : ""}`;
}

/** Throws a Failure if a folder that does not exist cannot be created: its nearest existing parent decides. */
function refuseUnmakeable(location: string): void {
  let parent = dirname(resolve(location));
  while (!existsSync(parent) && dirname(parent) !== parent) parent = dirname(parent);
  const refusal = (reason: string) =>
    new Failure("surroundings", `The database folder ${location} cannot be created: ${parent} ${reason}.`, {
      hint: "Name a folder that this user may create as `database`.",
      remedy: "change",
    });
  if (!statSync(parent).isDirectory()) throw refusal("is a file");
  try {
    accessSync(parent, constants.W_OK | constants.X_OK);
  } catch {
    throw refusal("may not be written by this user");
  }
}

function lacksRights(location: string, missing: readonly MissingRight[]): Failure {
  return new Failure(
    "surroundings",
    `The user of ${location} lacks ${counted(missing.length, "right")} that a sync needs: ${missing.map(({ lacks }) => lacks).join("; ")}.`,
    {
      hint: ["Run as a superuser or the owner:", ...missing.map(({ grant }) => `  ${grant}`)].join("\n"),
      remedy: "change",
    },
  );
}
