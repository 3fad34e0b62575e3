import type { Queryable } from "../../database/database.ts";
import { askedFor } from "../../database/landing/gathered.ts";
import { readDeleted } from "../../database/landing/landing.ts";
import { parentRowIds } from "../../database/rows/rows.ts";
import type { CompanyReference } from "../decision.ts";

/**
 * Finds the company of each row: the first of its organizations, in order of preference, that has a row in the
 * companies table. Without one it returns the reason (contract, section 7), which names the preferred organization.
 */
export async function findCompanies(
  queryable: Queryable,
  preferences: readonly (readonly (number | undefined)[])[],
): Promise<CompanyReference[]> {
  const wanted = new Set<number>();
  for (const organizations of preferences) for (const id of organizations) if (id !== undefined) wanted.add(id);
  const rowIds = await parentRowIds(queryable, "company", [...wanted].map(String));
  const references = preferences.map((organizations): CompanyReference => {
    const preferred: number[] = [];
    for (const id of organizations) {
      if (id === undefined) continue;
      const rowId = rowIds.get(String(id));
      if (rowId !== undefined) return { rowId, preferred };
      preferred.push(id);
    }
    return { organizationId: preferred[0] ?? null, missing: "it has no organization" };
  });
  return withReasons(queryable, references);
}

async function withReasons(queryable: Queryable, references: CompanyReference[]): Promise<CompanyReference[]> {
  const missing = references.flatMap((reference) =>
    "missing" in reference && reference.organizationId !== null ? [reference.organizationId] : [],
  );
  if (missing.length === 0) return references;
  const deletedOf = await readDeleted(queryable, "organizations", [...new Set(missing)]);
  const asked = await askedFor(
    queryable,
    "organizations",
    missing.filter((id) => !deletedOf.has(id)),
  );
  return references.map((reference) => {
    if (!("missing" in reference) || reference.organizationId === null) return reference;
    const deleted = deletedOf.get(reference.organizationId);
    const state =
      deleted === undefined
        ? notLanded(asked.has(reference.organizationId))
        : deleted
          ? "it was deleted in Pipedrive"
          : "it was rejected itself, has no eligible deal, or organizations do not receive";
    return { ...reference, missing: `organization ${reference.organizationId} has no company: ${state}` };
  });
}

/**
 * Returns the known facts only: a list leaves an organization out for several reasons, and a source may send it later.
 */
function notLanded(asked: boolean): string {
  return asked
    ? "Pipedrive does not have it any more, or the token's user may not see it"
    : "no list that was read has brought it (is it deleted, or hidden from the token's user?)";
}
