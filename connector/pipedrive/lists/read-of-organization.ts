import { Failure } from "../../failure.ts";
import type { ListedStream, StreamName } from "../../stream-name.ts";
import type { Client, Query } from "../client/client.ts";
import { type Decoded, decode } from "../records/decode.ts";
import { streams } from "../records/streams.ts";
import { walkList } from "./read-pages.ts";

/** Records of one stream read outside a walk of its lists, so without a state. */
export interface RecordGroup extends Decoded {
  stream: StreamName;
}

/** Reads one record, deleted or not; undefined if it is unknown to Pipedrive or hidden from the token's user. */
export async function readRecord(client: Client, stream: StreamName, id: number): Promise<RecordGroup | undefined> {
  const { path, tokens } = streams[stream].one;
  const answer = await client.find(`${path}/${id}`, {}, { tokens });
  return answer === undefined ? undefined : { stream, ...decode(stream, answer) };
}

/**
 * Reads one organization with its persons, its deals (archived and deleted ones too), the persons of those deals, and
 * the notes on any of them. Returns only the streams named, in their order; others are read if these depend on them.
 * Throws a Failure of kind `run` if the organization does not exist.
 */
export async function readOfOrganization(
  client: Client,
  organizationId: number,
  wanted: readonly ListedStream[],
): Promise<RecordGroup[]> {
  const organization = await readRecord(client, "organizations", organizationId);
  if (organization === undefined) {
    throw new Failure("run", `Pipedrive has no organization ${organizationId}, or the token's user may not see it.`, {
      hint: "The number is the last part of the organization's address in Pipedrive: …/organization/<id>.",
    });
  }
  const needsPersons = wanted.includes("persons") || wanted.includes("notes");
  const filter = { org_id: organizationId };
  const deals =
    needsPersons || wanted.includes("deals") ? await readFiltered(client, "deals", filter) : emptyGroup("deals");
  const persons = needsPersons ? await readFiltered(client, "persons", filter) : emptyGroup("persons");
  if (needsPersons) {
    for (const id of personsElsewhere(deals, persons)) add(persons, await readRecord(client, "persons", id));
  }
  const groups = { organizations: organization, deals, persons, notes: emptyGroup("notes") };
  if (wanted.includes("notes")) {
    const filters = [
      filter,
      ...idsOf(deals).map((id) => ({ deal_id: id })),
      ...idsOf(persons).map((id) => ({ person_id: id })),
    ];
    for (const one of filters) add(groups.notes, await readFiltered(client, "notes", one));
    groups.notes = withoutRepeats(groups.notes);
  }
  return wanted.map((stream) => groups[stream]);
}

/** Reads all records of a stream that a filter selects, from all its lists. */
export async function readFiltered(client: Client, stream: StreamName, query: Query): Promise<RecordGroup> {
  const group = emptyGroup(stream);
  for (const list of streams[stream].lists) {
    for await (const page of walkList({ client, stream, list, query })) add(group, page);
  }
  return group;
}

function emptyGroup(stream: StreamName): RecordGroup {
  return { stream, records: [], rejected: [] };
}

function add(group: RecordGroup, more: Decoded | undefined): void {
  group.records.push(...(more?.records ?? []));
  group.rejected.push(...(more?.rejected ?? []));
}

/** Returns the persons of the deals who are not among the organization's. */
function personsElsewhere(deals: RecordGroup, persons: RecordGroup): Set<number> {
  const known = new Set(idsOf(persons));
  const ids = deals.records.map(({ record }) => record["person_id"]);
  return new Set(ids.filter((id): id is number => typeof id === "number" && !known.has(id)));
}

function idsOf({ records }: RecordGroup): number[] {
  return records.map(({ id }) => id);
}

/** Removes repeats: a note on a deal is also on its organization. */
function withoutRepeats({ stream, records, rejected }: RecordGroup): RecordGroup {
  return {
    stream,
    records: [...new Map(records.map((record) => [record.id, record])).values()],
    rejected: [...new Map(rejected.map((record) => [record.id ?? record.text, record])).values()],
  };
}
