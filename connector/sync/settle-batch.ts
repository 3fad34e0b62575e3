import {
  dealsOfOrganizations,
  notesOn,
  organizationsOfDeals,
  organizationsOfPersons,
  personsOfOrganizations,
} from "../database/association.ts";
import type { Transaction } from "../database/database.ts";
import { type LandedRecord, readLanded } from "../database/landing.ts";
import type { PendingEntry } from "../database/pending.ts";
import type { CompiledStream, MappedRecord, RecordContext } from "../mapping/compiled-mapping.ts";
import type { JsonObject } from "../mapping/value.ts";
import type { StreamName } from "../stream-name.ts";
import { skipReason } from "./eligibility.ts";
import { findCompanies } from "./find-companies.ts";
import type { SettleContext } from "./settle-context.ts";
import { settleRows } from "./settle-rows.ts";

/** How many notes are held in memory at once: one may be as large as a megabyte. */
const notesAtOnce = 500;

/** The records of one batch by id, as far as they were read. */
interface Graph {
  organizations: Map<number, LandedRecord>;
  persons: Map<number, LandedRecord>;
}

/**
 * Settles one batch of pending work: the eligible deals among it bring their organizations, the persons of those and
 * their own, themselves, and the notes on any of them – in that order, because rows belong to companies. The records
 * are read from the landing; nothing is asked of the API.
 */
export async function settleBatch(
  transaction: Transaction,
  context: SettleContext,
  entries: readonly PendingEntry[],
): Promise<void> {
  const deals = await dealsOf(transaction, entries);
  const graph: Graph = { organizations: new Map(), persons: new Map() };
  await complete(transaction, graph, deals);
  const eligible = selectDeals(context, deals, graph);
  const organizationIds = references(eligible, "org_id");
  countNotAssociated(context, entries, organizationIds);
  if (eligible.length === 0) return;
  await settleOrganizations(transaction, context, organizationIds, graph);
  const personIds = await settlePersons(transaction, context, eligible, organizationIds, graph);
  await settleDeals(transaction, context, eligible, graph);
  const noteIds = await notesOn(transaction, {
    deals: eligible.map(({ id }) => id),
    organizations: organizationIds,
    persons: personIds,
  });
  for (let start = 0; start < noteIds.length; start += notesAtOnce) {
    await settleNotes(transaction, context, noteIds.slice(start, start + notesAtOnce), graph);
  }
}

/** The pending deals, and every deal of an organization that is pending for another reason than a deal. */
async function dealsOf(transaction: Transaction, entries: readonly PendingEntry[]): Promise<LandedRecord[]> {
  const ids = new Set(entries.filter(({ stream }) => stream === "deals").map(({ recordId }) => recordId));
  const whole = new Set(entries.filter(({ stream }) => stream !== "deals").map(({ organizationId }) => organizationId));
  if (whole.size > 0) for (const id of await dealsOfOrganizations(transaction, [...whole])) ids.add(id);
  return readLanded(transaction, "deals", [...ids]);
}

function selectDeals(
  { mapping, summary }: SettleContext,
  deals: readonly LandedRecord[],
  graph: Graph,
): LandedRecord[] {
  const counts = summary.streams.deals;
  const skipped = counts.skipped!;
  return deals.filter((deal) => {
    const reason = skipReason(mapping.deals, { ...deal, context: around(deal.record, graph) });
    if (reason === undefined) counts.eligible!++;
    else skipped[reason] = (skipped[reason] ?? 0) + 1;
    return reason === undefined;
  });
}

/** An organization that was asked for by itself, and that no eligible deal brings, is counted as such. */
function countNotAssociated(
  { summary }: SettleContext,
  entries: readonly PendingEntry[],
  brought: readonly number[],
): void {
  const associated = new Set(brought);
  const alone = entries.filter(
    ({ stream, recordId }) => stream === "organizations" && !associated.has(recordId),
  ).length;
  if (alone > 0) {
    const counts = summary.streams.organizations;
    counts.skipped = { ...counts.skipped, not_associated: (counts.skipped?.not_associated ?? 0) + alone };
  }
}

async function settleOrganizations(
  transaction: Transaction,
  context: SettleContext,
  ids: readonly number[],
  graph: Graph,
): Promise<void> {
  const stream = context.mapping.organizations;
  if (!receives(stream)) return;
  const organizations = ids.flatMap((id) => graph.organizations.get(id) ?? []).filter(({ deleted }) => !deleted);
  const candidates = organizations.map((organization) => candidateOf(stream, organization, graph));
  await settleRows(transaction, context, stream, candidates);
}

/** Stores the persons of the organizations and the deals' own; returns the ids of all of them, for their notes. */
async function settlePersons(
  transaction: Transaction,
  context: SettleContext,
  deals: readonly LandedRecord[],
  organizationIds: readonly number[],
  graph: Graph,
): Promise<number[]> {
  const ids = new Set([
    ...(await personsOfOrganizations(transaction, organizationIds)),
    ...references(deals, "person_id"),
  ]);
  const stream = context.mapping.persons;
  if (!receives(stream)) return [...ids];
  await readInto(transaction, graph.persons, "persons", [...ids]);
  const persons = [...ids].flatMap((id) => graph.persons.get(id) ?? []).filter(({ deleted }) => !deleted);
  await complete(transaction, graph, persons);
  // The deal's own person may be in another organization or in none: then the deal's company is the next best.
  const dealOrganization = new Map(
    deals.map(({ record }) => [reference(record, "person_id"), reference(record, "org_id")]),
  );
  const companies = await findCompanies(
    transaction,
    persons.map(({ id, record }) => [reference(record, "org_id"), dealOrganization.get(id)]),
  );
  const candidates = persons.map((person, index) => ({
    ...candidateOf(stream, person, graph),
    company: companies[index]!,
  }));
  await settleRows(transaction, context, stream, candidates);
  return [...ids];
}

async function settleDeals(
  transaction: Transaction,
  context: SettleContext,
  deals: readonly LandedRecord[],
  graph: Graph,
): Promise<void> {
  const companies = await findCompanies(
    transaction,
    deals.map(({ record }) => [reference(record, "org_id")]),
  );
  const stream = context.mapping.deals;
  const candidates = deals.map((deal, index) => ({ ...candidateOf(stream, deal, graph), company: companies[index]! }));
  await settleRows(transaction, context, stream, candidates);
}

async function settleNotes(
  transaction: Transaction,
  context: SettleContext,
  ids: readonly number[],
  graph: Graph,
): Promise<void> {
  const stream = context.mapping.notes;
  if (!receives(stream)) return;
  const notes = await readLanded(transaction, "notes", ids);
  await complete(transaction, graph, notes);
  const ofDeals = await organizationsOfDeals(transaction, references(notes, "deal_id"));
  const ofPersons = await organizationsOfPersons(transaction, references(notes, "person_id"));
  const companies = await findCompanies(
    transaction,
    notes.map(({ record }) => [
      reference(record, "org_id"),
      ofDeals.get(reference(record, "deal_id") ?? 0),
      ofPersons.get(reference(record, "person_id") ?? 0),
    ]),
  );
  const candidates = notes.map((note, index) => ({
    ...candidateOf(stream, note, graph),
    company: companies[index]!,
    externalId: `pipedrive-note-${note.id}`,
    constants: { type: "note" },
  }));
  await settleRows(transaction, context, stream, candidates);
}

function candidateOf(stream: CompiledStream, { id, record, updateTime }: LandedRecord, graph: Graph) {
  const mapped: MappedRecord = stream.map(record, around(record, graph));
  return { recordId: id, mapped, updateTime };
}

/** The records that the computed fields `$organization` and `$person` of a record reach into. */
function around(record: JsonObject, graph: Graph): RecordContext {
  return {
    organization: graph.organizations.get(reference(record, "org_id") ?? 0)?.record,
    person: graph.persons.get(reference(record, "person_id") ?? 0)?.record,
  };
}

function receives({ direction }: CompiledStream): boolean {
  return direction === "receive" || direction === "both";
}

/** Reads the organizations and persons that records refer to and the graph lacks: computed fields reach into them. */
async function complete(transaction: Transaction, graph: Graph, landed: readonly LandedRecord[]): Promise<void> {
  await readInto(transaction, graph.organizations, "organizations", references(landed, "org_id"));
  await readInto(transaction, graph.persons, "persons", references(landed, "person_id"));
}

async function readInto(
  transaction: Transaction,
  known: Map<number, LandedRecord>,
  stream: StreamName,
  ids: readonly number[],
): Promise<void> {
  const missing = ids.filter((id) => !known.has(id));
  for (const landed of await readLanded(transaction, stream, missing)) known.set(landed.id, landed);
}

/** The records that `key` of the given records refers to, each once. */
function references(landed: readonly LandedRecord[], key: string): number[] {
  return [...new Set(landed.flatMap(({ record }) => reference(record, key) ?? []))];
}

function reference(record: JsonObject, key: string): number | undefined {
  const id = record[key];
  return typeof id === "number" ? id : undefined;
}
