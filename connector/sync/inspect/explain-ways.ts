import type { Queryable } from "../../database/database.ts";
import { dealsOfOrganizations, dealsOfPersons } from "../../database/landing/association.ts";
import { type LandedRecord, readLanded } from "../../database/landing/landing.ts";
import type { CompiledDeals } from "../../mapping/compiled-mapping.ts";
import type { StreamName } from "../../stream-name.ts";
import { selectDeals } from "../apply/select-deals.ts";
import { type RecordGraph, readInto, reference } from "../land/record-graph.ts";
import type { SkipReason } from "../summary.ts";

/** A deal that may bring a record. */
export interface WayDeal {
  id: number;
  /** The reason why it does not sync; null if it is eligible. */
  reason: SkipReason | null;
  /** The deal, if it is eligible. */
  landed: LandedRecord | undefined;
}

/** One path on which deals bring a record: they belong to this organization, have this person, or are this deal. */
export interface Way {
  by: "deal" | "organization" | "person";
  id: number;
  deals: WayDeal[];
}

/** A landed record, and the graph of those around it. */
export interface GraphedRecord {
  landed: LandedRecord;
  graph: RecordGraph;
}

/**
 * Returns the paths from deals to an organization, a person, a note or a product, each with its landed deals and
 * whether they sync. `readBatch` follows the same paths from the deals (contract, section 5). Returns none for a deal.
 */
export async function waysTo(
  queryable: Queryable,
  deals: CompiledDeals,
  stream: StreamName,
  { landed: { id, record }, graph }: GraphedRecord,
): Promise<Way[]> {
  if (stream === "deals") return [];
  const organization = stream === "organizations" ? id : reference(record, "org_id");
  const person = stream === "persons" ? id : stream === "notes" ? reference(record, "person_id") : undefined;
  const organizations = new Set(organization === undefined ? [] : [organization]);
  if (stream === "notes" && person !== undefined) {
    await readInto(queryable, graph, "persons", [person]);
    const landed = graph.persons.get(person);
    // A deleted person is not brought by its organization, only by a deal that still names it.
    const ofPerson = landed === undefined || landed.deleted ? undefined : reference(landed.record, "org_id");
    if (ofPerson !== undefined) organizations.add(ofPerson);
  }
  const found: { by: Way["by"]; id: number; ids: number[] }[] = [];
  const deal = stream === "notes" || stream === "deal_products" ? reference(record, "deal_id") : undefined;
  if (deal !== undefined) found.push({ by: "deal", id: deal, ids: [deal] });
  for (const one of organizations) {
    found.push({ by: "organization", id: one, ids: await dealsOfOrganizations(queryable, [one]) });
  }
  if (person !== undefined) found.push({ by: "person", id: person, ids: await dealsOfPersons(queryable, [person]) });
  const { eligible, skipped } = await selectDeals(
    queryable,
    deals,
    await readLanded(queryable, "deals", [...new Set(found.flatMap(({ ids }) => ids))], graph.unread.deals),
    graph,
  );
  const known = new Map<number, WayDeal>(
    [...skipped].map(([dealId, reason]) => [dealId, { id: dealId, reason, landed: undefined }]),
  );
  for (const landed of eligible) known.set(landed.id, { id: landed.id, reason: null, landed });
  return found.map(({ ids, ...way }) => ({ ...way, deals: ids.flatMap((dealId) => known.get(dealId) ?? []) }));
}
