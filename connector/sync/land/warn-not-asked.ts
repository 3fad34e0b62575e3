import type { Queryable } from "../../database/database.ts";
import type { CompiledMapping } from "../../mapping/compiled-mapping.ts";
import { type ListedStream, listedStreams } from "../../stream-name.ts";
import { readProgress } from "../stream-progress.ts";
import { notAskedYet } from "./asked-progress.ts";

/** A stream whose landed records lack fields that the mapping reads, until a sync has read it once more. */
export interface NotAsked {
  stream: ListedStream;
  fields: string[];
}

/** Returns the streams whose landed records lack fields that the mapping reads, because they were never requested. */
export async function findNotAsked(
  queryable: Queryable,
  { asked }: Pick<CompiledMapping, "asked">,
): Promise<NotAsked[]> {
  const found: NotAsked[] = [];
  for (const stream of listedStreams) {
    if (asked[stream].length === 0) continue;
    const fields = notAskedYet(await readProgress(queryable, stream), asked[stream]);
    if (fields.length > 0) found.push({ stream, fields });
  }
  return found;
}

/** Returns the warning for commands that read only landed records: a field that they lack has no value there. */
export function describeNotAsked({ stream, fields }: NotAsked): string {
  return `The landed ${stream} lack ${fields.join(", ")}, which Pipedrive sends only where it is asked for: the next sync reads all ${stream} once more.`;
}
