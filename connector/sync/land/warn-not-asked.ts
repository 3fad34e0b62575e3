import type { Queryable } from "../../database/database.ts";
import type { CompiledMapping } from "../../mapping/compiled-mapping.ts";
import { type StreamName, streamNames } from "../../stream-name.ts";
import { readProgress } from "../stream-progress.ts";
import { notAskedYet } from "./asked-progress.ts";

/** A stream whose landed copies lack what the mapping reads, until a sync has read it once more. */
export interface NotAsked {
  stream: StreamName;
  fields: string[];
}

/** The streams whose landed copies lack what the mapping reads, because it was never asked for. */
export async function findNotAsked(
  queryable: Queryable,
  { asked }: Pick<CompiledMapping, "asked">,
): Promise<NotAsked[]> {
  const found: NotAsked[] = [];
  for (const stream of streamNames) {
    if (asked[stream].length === 0) continue;
    const fields = notAskedYet(await readProgress(queryable, stream), asked[stream]);
    if (fields.length > 0) found.push({ stream, fields });
  }
  return found;
}

/** Says so where the landed copies are all that is looked at: a field that they lack has no value there. */
export function describeNotAsked({ stream, fields }: NotAsked): string {
  return `The landed ${stream} lack ${fields.join(", ")}, which Pipedrive sends only where it is asked for: the next sync reads all ${stream} once more.`;
}
