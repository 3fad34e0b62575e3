import { keptOrganizations } from "../../database/association.ts";
import type { Queryable } from "../../database/database.ts";
import { readDealsOfPersons } from "../../database/landing.ts";
import type { CompiledDeals } from "../../mapping/compiled-mapping.ts";
import { type RecordGraph, reference } from "../land/record-graph.ts";
import { selectDeals } from "./select-deals.ts";

/**
 * The organizations of the eligible deals whose own person someone is, by person id, in ascending order of the deals' ids,
 * whatever is being settled now, so that the same account always gives the same company. Everything is read from the
 * landing. Adds what is around the deals to the graph.
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
 * The same, and before them that of the company which a person has, when the deal that gave it is not eligible any
 * more: such a deal's rows are kept (contract, section 5).
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
