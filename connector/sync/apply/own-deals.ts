import type { Queryable } from "../../database/database.ts";
import { keptOrganizations } from "../../database/landing/association.ts";
import { readDealsOfPersons } from "../../database/landing/landing.ts";
import type { CompiledDeals } from "../../mapping/compiled-mapping.ts";
import { type RecordGraph, reference } from "../land/record-graph.ts";
import { selectDeals } from "./select-deals.ts";

/**
 * Returns the organizations of the eligible deals of each person, by person id, in ascending order of the deals' ids.
 * The result depends on the landing alone, not on the current batch, so the same account always gives the same company.
 * Adds records related to the deals to the graph.
 */
export async function organizationsOfOwnDeals(
  queryable: Queryable,
  deals: CompiledDeals,
  personIds: readonly number[],
  graph: RecordGraph,
): Promise<Map<number, number[]>> {
  const organizations = new Map<number, number[]>(personIds.map((id) => [id, []]));
  if (personIds.length === 0) return organizations;
  const landed = await readDealsOfPersons(queryable, personIds, deals.statuses, graph.unread.deals);
  const { eligible } = await selectDeals(queryable, deals, landed, graph);
  for (const { record } of [...eligible].sort((one, other) => one.id - other.id)) {
    organizations.get(reference(record, "person_id")!)!.push(reference(record, "org_id")!);
  }
  return organizations;
}

/**
 * Returns organizations by preference. First comes that of the company which a person has, if the deal that gave it is
 * no longer eligible: such a deal's rows are kept (contract, section 5).
 */
export async function withKeptOrganizations(
  queryable: Queryable,
  ofDeals: ReadonlyMap<number, number[]>,
): Promise<Map<number, number[]>> {
  const organizations = new Map(ofDeals);
  for (const [person, kept] of await keptOrganizations(queryable, [...ofDeals.keys()])) {
    const ofEligible = ofDeals.get(person)!;
    if (!ofEligible.includes(kept)) organizations.set(person, [kept, ...ofEligible]);
  }
  return organizations;
}
