import type { AccountCatalog } from "../../account-catalog.ts";
import type { Database } from "../../database/database.ts";
import { unfilledFields } from "../../database/landing/filled-fields.ts";
import { openExisting } from "../../database/open/open-existing.ts";
import { readCatalogEntry } from "../../database/tables/catalog.ts";
import { Failure } from "../../failure.ts";
import type { FieldLineage } from "../../mapping/check/check-mapping.ts";
import { fieldsToLookFor, warnUnfilled } from "../../mapping/check/unfilled-fields.ts";
import type { FilledBy } from "../../mapping/compile/compile-field.ts";
import type { CompiledMapping, FieldReference } from "../../mapping/compiled-mapping.ts";
import type { Problem } from "../../problem.ts";
import { streamNames } from "../../stream-name.ts";
import { findNotAsked } from "../../sync/land/warn-not-asked.ts";
import { readUnmapped, type UnmappedField } from "../../sync/runs/unmapped-fields.ts";

/** The findings of the landed records about a mapping, and the mapping as checked against the saved account. */
export interface LandingVerdict<Checked> {
  checked: Checked;
  warnings: Problem[];
  /** The fields that are no longer mapped and hold values of the connector. */
  unmapped: UnmappedField[];
  /**
   * The reason why the landed records were not read, as a sentence; undefined if they were, or if there is no database
   * yet.
   */
  note?: string;
}

/** A checked mapping; its compiled form is missing if it has errors. */
interface CheckedLineage {
  lineage: readonly FieldLineage[];
  mapping?: CompiledMapping;
}

/**
 * Checks a mapping against the saved account, warns of fields that no landed record fills, and finds fields that are no
 * longer mapped. A missing database is not created; one in use is left alone.
 */
export async function lookAtLanding<Checked extends CheckedLineage>(
  location: string,
  check: (kept: AccountCatalog | undefined) => Promise<Checked>,
): Promise<LandingVerdict<Checked>> {
  const database = await openExisting(location).catch(asFailure);
  const none = { warnings: [], unmapped: [] };
  if (database === undefined) return { ...none, checked: await check(undefined) };
  if (database instanceof Failure) return { ...none, checked: await check(undefined), note: noteOf(database) };
  try {
    const kept = await readCatalogEntry(database, "account").catch(asFailure);
    if (kept instanceof Failure) return { ...none, checked: await check(undefined), note: noteOf(kept) };
    const checked = await check(kept as unknown as AccountCatalog | undefined);
    const found = await lookAt(database, checked).catch(asFailure);
    return found instanceof Failure ? { ...none, checked, note: noteOf(found) } : { checked, ...found };
  } finally {
    await database.close();
  }
}

async function lookAt(
  database: Database,
  { lineage, mapping }: CheckedLineage,
): Promise<Pick<LandingVerdict<unknown>, "warnings" | "unmapped">> {
  const unfilled = await readUnfilled(database, fieldsToLookFor(lineage));
  const notAsked = mapping === undefined ? [] : await findNotAsked(database, mapping);
  const lacks = ({ stream, key, custom }: FieldReference) =>
    !custom && notAsked.some((one) => one.stream === stream && one.fields.includes(key));
  const asked = lineage.filter(({ reads }) => !reads.some(lacks));
  return {
    warnings: [
      ...warnUnfilled(asked, (field) => !unfilled.has(JSON.stringify(field))),
      ...lineage.filter(({ reads }) => reads.some(lacks)).map(notReadYet),
    ],
    unmapped: mapping === undefined ? [] : await readUnmapped(database, mapping),
  };
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

function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  throw error;
}

function noteOf({ message }: Failure): string {
  return `The landed records were not checked: ${message}`;
}

async function readUnfilled(database: Database, fields: readonly FilledBy[]): Promise<Set<string>> {
  const unfilled = new Set<string>();
  for (const stream of streamNames) {
    const wanted = fields.filter((field) => field.stream === stream);
    for (const field of await unfilledFields(database, stream, wanted)) unfilled.add(JSON.stringify(field));
  }
  return unfilled;
}
