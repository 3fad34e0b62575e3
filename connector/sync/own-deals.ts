import { dealsOfPersons, keptOrganizations } from "../database/association.ts";
import type { Queryable } from "../database/database.ts";
import type { CompiledDeals } from "../mapping/compiled-mapping.ts";
import { selectDeals } from "./read-batch.ts";
import { type RecordGraph, reference } from "./record-graph.ts";

/**
 * The organizations of the deals whose own person someone is, by person id, in order of preference: those of eligible
 * deals in ascending order of the deals' ids, whatever is being settled now, so that the same account always gives the
 * same company. Before them comes that of the company it has, when the deal that gave it is not eligible any more: such a
 * deal's rows are kept (contract, section 5). Adds what is around the deals to the graph.
 */
export async function organizationsOfOwnDeals(
  queryable: Queryable,
  deals: CompiledDeals,
  personIds: readonly number[],
  graph: RecordGraph,
): Promise<Map<number, number[]>> {
  const { eligible } = await selectDeals(queryable, deals, await dealsOfPersons(queryable, personIds), graph);
  const organizations = new Map<number, number[]>();
  for (const { record } of [...eligible].sort((one, other) => one.id - other.id)) {
    const person = reference(record, "person_id")!;
    organizations.set(person, [...(organizations.get(person) ?? []), reference(record, "org_id")!]);
  }
  for (const [person, kept] of await keptOrganizations(queryable, personIds)) {
    const ofEligible = organizations.get(person) ?? [];
    if (!ofEligible.includes(kept)) organizations.set(person, [kept, ...ofEligible]);
  }
  return organizations;
}
