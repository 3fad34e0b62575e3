import { unfilledFields } from "../database/filled-fields.ts";
import { openExisting } from "../database/open-existing.ts";
import { Failure } from "../failure.ts";
import type { FieldLineage } from "../mapping/check-mapping.ts";
import type { FilledBy } from "../mapping/compile-field.ts";
import type { CompiledMapping, FieldReference } from "../mapping/compiled-mapping.ts";
import { fieldsToLookFor, warnUnfilled } from "../mapping/unfilled-fields.ts";
import type { Problem } from "../problem.ts";
import { streamNames } from "../stream-name.ts";
import { findNotAsked, type NotAsked } from "../sync/warn-not-asked.ts";

/** What the landed records say about a mapping. */
export interface LandingVerdict {
  warnings: Problem[];
  /** Why they were not asked, as a sentence; undefined when they were, or when there is no database yet. */
  note?: string;
}

/** Warns of fields that no landed record fills. A database that is not there is not made; one in use is left alone. */
export async function lookAtLanding(
  location: string,
  lineage: readonly FieldLineage[],
  mapping: CompiledMapping | undefined,
): Promise<LandingVerdict> {
  try {
    const { unfilled, notAsked } = await readUnfilled(location, fieldsToLookFor(lineage), mapping);
    const lacks = ({ stream, key, custom }: FieldReference) =>
      !custom && notAsked.some((one) => one.stream === stream && one.fields.includes(key));
    const asked = lineage.filter(({ reads }) => !reads.some(lacks));
    return {
      warnings: [
        ...warnUnfilled(asked, (field) => !unfilled.has(JSON.stringify(field))),
        ...lineage.filter(({ reads }) => reads.some(lacks)).map(notReadYet),
      ],
    };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { warnings: [], note: `The landed records were not looked at: ${error.message}` };
  }
}

function notReadYet({ file, line, column, field, sources, stream }: FieldLineage): Problem {
  const names = sources.map((source) => `\`${source}\``).join(" and ");
  return {
    severity: "warning",
    file,
    line,
    column,
    message: `No landed record has what ${names} reads for \`${field}\` yet: Pipedrive sends it only where it is asked for.`,
    hint: `The next sync reads the whole list once more, 500 records a request, and asks for it; ${stream} get it then.`,
  };
}

interface Found {
  unfilled: Set<string>;
  notAsked: NotAsked[];
}

async function readUnfilled(
  location: string,
  fields: readonly FilledBy[],
  mapping: CompiledMapping | undefined,
): Promise<Found> {
  const unfilled = new Set<string>();
  const database = await openExisting(location);
  if (database === undefined) return { unfilled, notAsked: [] };
  try {
    for (const stream of streamNames) {
      const wanted = fields.filter((field) => field.stream === stream);
      for (const field of await unfilledFields(database, stream, wanted)) unfilled.add(JSON.stringify(field));
    }
    return { unfilled, notAsked: mapping === undefined ? [] : await findNotAsked(database, mapping) };
  } finally {
    await database.close();
  }
}
