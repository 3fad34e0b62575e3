import { unfilledFields } from "../database/filled-fields.ts";
import { openExisting } from "../database/open-existing.ts";
import { Failure } from "../failure.ts";
import type { FieldLineage } from "../mapping/check-mapping.ts";
import type { FilledBy } from "../mapping/compile-field.ts";
import { fieldsToLookFor, warnUnfilled } from "../mapping/unfilled-fields.ts";
import type { Problem } from "../problem.ts";
import { streamNames } from "../stream-name.ts";

/** What the landed records say about a mapping. */
export interface LandingVerdict {
  warnings: Problem[];
  /** Why they were not asked, as a sentence; undefined when they were, or when there is no database yet. */
  note?: string;
}

/** Warns of fields that no landed record fills. A database that is not there is not made; one in use is left alone. */
export async function lookAtLanding(location: string, lineage: readonly FieldLineage[]): Promise<LandingVerdict> {
  try {
    const unfilled = await readUnfilled(location, fieldsToLookFor(lineage));
    return { warnings: warnUnfilled(lineage, (field) => !unfilled.has(JSON.stringify(field))) };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { warnings: [], note: `The landed records were not looked at: ${error.message}` };
  }
}

async function readUnfilled(location: string, fields: readonly FilledBy[]): Promise<Set<string>> {
  const unfilled = new Set<string>();
  const database = await openExisting(location);
  if (database === undefined) return unfilled;
  try {
    for (const stream of streamNames) {
      const wanted = fields.filter((field) => field.stream === stream);
      for (const field of await unfilledFields(database, stream, wanted)) unfilled.add(JSON.stringify(field));
    }
    return unfilled;
  } finally {
    await database.close();
  }
}
