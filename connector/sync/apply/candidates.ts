import type { Queryable } from "../../database/database.ts";
import {
  companiesOfEndusers,
  organizationsOfDeals,
  organizationsOfPersons,
} from "../../database/landing/association.ts";
import type { LandedRecord } from "../../database/landing/landing.ts";
import { parentRowIds } from "../../database/rows/rows.ts";
import type { CompiledDeals, CompiledStream } from "../../mapping/compiled-mapping.ts";
import { ownItem, ownItemSourceId, sourceIdOf } from "../../source-id.ts";
import type { Candidate, CompanyReference } from "../decision.ts";
import {
  around,
  aroundProduct,
  completeGraph,
  countProducts,
  landedDealOf,
  type RecordGraph,
  readAroundProducts,
  reference,
  references,
} from "../land/record-graph.ts";
import { findCompanies } from "./find-companies.ts";
import { organizationsOfOwnDeals, withKeptOrganizations } from "./own-deals.ts";

/** Records of one stream that are mapped to rows. */
export interface Mappable {
  stream: CompiledStream;
  landed: readonly LandedRecord[];
  /** The records related to them. Functions that load missing ones say so. */
  graph: RecordGraph;
}

/**
 * Maps records with their related records. Organizations need nothing more, because their rows belong to no company.
 */
export function organizationCandidates({ stream, landed, graph }: Mappable): Candidate[] {
  return landed.map(({ id, record, updateTime }) => ({
    recordId: id,
    sourceId: String(id),
    mapped: stream.map(record, around(record, graph)),
    updateTime,
  }));
}

/** Maps deals and finds the company of their organization. Adds to the graph how many products they have, if asked. */
export async function dealCandidates(queryable: Queryable, deals: Mappable): Promise<Candidate[]> {
  await countProducts(
    queryable,
    deals.graph,
    deals.landed.map(({ id }) => id),
  );
  const companies = await findCompanies(
    queryable,
    deals.landed.map(({ record }) => [reference(record, "org_id")]),
  );
  return withCompanies(deals, companies);
}

/**
 * Maps products of deals, and finds the company of their deal's organization, and the deal's row of line items. Adds
 * the deals to the graph, and the records around them that the mapping reads.
 */
export async function productCandidates(
  queryable: Queryable,
  { stream, landed, graph }: Mappable,
): Promise<Candidate[]> {
  await readAroundProducts(queryable, graph, references(landed, "deal_id"));
  const companies = await findCompanies(
    queryable,
    landed.map(({ record }) => [reference(landedDealOf(record, graph), "org_id")]),
  );
  const candidates = landed.map(({ id, record, updateTime }, index): ProductCandidate => {
    const mapped = stream.map(record, aroundProduct(record, graph));
    return {
      recordId: id,
      dealId: reference(record, "deal_id") ?? 0,
      sourceId: sourceIdOf("deal_products", id, record, mapped.model),
      mapped,
      updateTime,
      company: companies[index]!,
    };
  });
  return withDeals(queryable, candidates);
}

/** Returns the line items that are made of mapped deals: they count as products of these. */
export async function ownItemCandidates(queryable: Queryable, deals: readonly Candidate[]): Promise<Candidate[]> {
  const candidates = deals.flatMap(({ recordId, mapped: { lineItem }, updateTime, company, because }) => {
    if (lineItem === undefined) return [];
    const item: ProductCandidate = {
      recordId: ownItem(recordId),
      dealId: recordId,
      sourceId: ownItemSourceId(recordId),
      mapped: lineItem,
      updateTime,
      ...(company === undefined ? {} : { company }),
      ...(because === undefined ? {} : { because }),
    };
    return [item];
  });
  return withDeals(queryable, candidates);
}

/** A candidate that belongs to a deal. */
type ProductCandidate = Candidate & { dealId: number };

/** Finds the rows of the deals of line items. */
async function withDeals(queryable: Queryable, candidates: readonly ProductCandidate[]): Promise<Candidate[]> {
  const items = candidates.filter(({ mapped }) => mapped.model === "lineitem");
  if (items.length === 0) return [...candidates];
  const deals = [...new Set(items.map(({ dealId }) => String(dealId)))];
  const rowIds = await parentRowIds(queryable, "deal", deals);
  return candidates.map((candidate) => {
    if (candidate.mapped.model !== "lineitem") return candidate;
    const rowId = rowIds.get(String(candidate.dealId));
    const missing = `deal ${candidate.dealId} has no row of its own: it was rejected itself`;
    return { ...candidate, deal: rowId === undefined ? { missing } : { rowId } };
  });
}

/**
 * Maps persons and finds their company: of their organization, else of a deal on which they are the person. `ofDeals`
 * holds the organizations of those deals for some persons, and is filled for others that need it. Completes the graph.
 */
export async function personCandidates(
  queryable: Queryable,
  persons: Mappable,
  deals: CompiledDeals,
  ofDeals: Map<number, number[]> = new Map(),
): Promise<Candidate[]> {
  await completeGraph(queryable, persons.graph, "persons", persons.landed);
  const companies = await findCompanies(
    queryable,
    persons.landed.map(({ record }) => [reference(record, "org_id")]),
  );
  const others = persons.landed.filter((_person, index) => "missing" in companies[index]!);
  if (others.length === 0) return withCompanies(persons, companies);
  const unknown = others.filter(({ id }) => !ofDeals.has(id)).map(({ id }) => id);
  for (const [id, organizations] of await organizationsOfOwnDeals(queryable, deals, unknown, persons.graph)) {
    ofDeals.set(id, organizations);
  }
  const wanted = new Map(others.map(({ id }) => [id, ofDeals.get(id)!]));
  const preferred = await withKeptOrganizations(queryable, wanted);
  const found = await findCompanies(
    queryable,
    others.map(({ id, record }) => [reference(record, "org_id"), ...preferred.get(id)!]),
  );
  const better = new Map(others.map(({ id }, index) => [id, found[index]!]));
  return withCompanies(
    persons,
    persons.landed.map(({ id }, index) => better.get(id) ?? companies[index]!),
  );
}

/** Maps notes, finds their company, and adds the values that the connector itself sets. Completes the graph. */
export async function noteCandidates(queryable: Queryable, notes: Mappable): Promise<Candidate[]> {
  await completeGraph(queryable, notes.graph, "notes", notes.landed);
  const companies = await companiesOfNotes(queryable, notes.landed);
  return withCompanies(notes, companies).map((candidate) => ({
    ...candidate,
    externalId: `pipedrive-note-${candidate.recordId}`,
    constants: { type: "note" },
  }));
}

function withCompanies(mappable: Mappable, companies: readonly CompanyReference[]): Candidate[] {
  return organizationCandidates(mappable).map((candidate, index) => ({ ...candidate, company: companies[index]! }));
}

/** Finds the company of each note: its organization's, else its deal's, else its person's (contract, section 7). */
async function companiesOfNotes(queryable: Queryable, notes: readonly LandedRecord[]): Promise<CompanyReference[]> {
  const own = await findCompanies(
    queryable,
    notes.map(({ record }) => [reference(record, "org_id")]),
  );
  const others = notes.filter((_note, index) => "missing" in own[index]!);
  if (others.length === 0) return own;
  const ofDeals = await organizationsOfDeals(queryable, references(others, "deal_id"));
  const ofPersons = await organizationsOfPersons(queryable, references(others, "person_id"));
  const found = await findCompanies(
    queryable,
    others.map(({ record }) => [
      reference(record, "org_id"),
      ofDeals.get(reference(record, "deal_id") ?? 0),
      ofPersons.get(reference(record, "person_id") ?? 0),
    ]),
  );
  // A person without an organization has been linked to its deal's company.
  const ofEndusers = await companiesOfEndusers(queryable, references(others, "person_id"));
  const better = new Map(
    others.map(({ id, record }, index): [number, CompanyReference] => {
      const rowId = ofEndusers.get(reference(record, "person_id") ?? 0);
      return [id, "missing" in found[index]! && rowId !== undefined ? { rowId } : found[index]!];
    }),
  );
  return notes.map(({ id }, index) => better.get(id) ?? own[index]!);
}
