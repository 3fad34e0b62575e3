import type { StreamName } from "../../stream-name.ts";
import type { Client } from "../client/client.ts";
import { isNotPermitted } from "../client/refusal.ts";
import { streams } from "../records/streams.ts";
import { type RecordGroup, readRecord } from "./read-of-organization.ts";
import { walkList } from "./read-pages.ts";

/** Ids per request of a list, the most allowed (Pipedrive API v2, openapi-v2.yaml, `ids`). */
export const idsAtOnce = 100;

/** Records up to which single requests are used: each costs a tenth of a list's tokens. */
export const fewRecords = 2;

/** Records requested by their ids. */
export interface FoundRecords {
  group: RecordGroup;
  /** Ids that Pipedrive does not know. */
  missing: number[];
  /** Ids that exist but are hidden from the token's user. */
  notPermitted: number[];
}

/** Records found in lists. */
export interface ListedByIds {
  group: RecordGroup;
  /** Ids that no list shows: unknown, deleted, hidden, or just created. */
  unlisted: number[];
}

/**
 * Reads up to a hundred records of a stream by their ids, in as few requests as possible. First comes a list that
 * accepts ids, for deals also the list of archived ones. The rest is read one by one, because only single requests show
 * deleted records (Pipedrive API v2; API v1 for notes, whose list accepts no ids).
 */
export async function readByIds(client: Client, stream: StreamName, ids: readonly number[]): Promise<FoundRecords> {
  const { group, unlisted } = await readFromLists(client, stream, ids);
  const found = await readOneByOne(client, stream, unlisted);
  group.records.push(...found.group.records);
  group.rejected.push(...found.group.rejected);
  return { ...found, group };
}

/** Reads up to a hundred records from the lists that accept ids, if there are more than a few. */
export async function readFromLists(client: Client, stream: StreamName, ids: readonly number[]): Promise<ListedByIds> {
  const group: RecordGroup = { stream, records: [], rejected: [] };
  const unlisted = new Set(ids);
  for (const list of stream === "notes" ? [] : streams[stream].lists) {
    if (unlisted.size <= fewRecords) break;
    const query = { ids: [...unlisted].join(",") };
    for await (const { records, rejected } of walkList({ client, stream, list, query })) {
      group.records.push(...records);
      group.rejected.push(...rejected);
      for (const { id } of [...records, ...rejected]) if (id !== null) unlisted.delete(id);
    }
  }
  return { group, unlisted: [...unlisted] };
}

/** Reads records one by one: a request each, which shows deleted ones too. */
export async function readOneByOne(client: Client, stream: StreamName, ids: readonly number[]): Promise<FoundRecords> {
  const found: FoundRecords = { group: { stream, records: [], rejected: [] }, missing: [], notPermitted: [] };
  for (const id of ids) {
    try {
      const one = await readRecord(client, stream, id);
      if (one === undefined) found.missing.push(id);
      else {
        found.group.records.push(...one.records);
        found.group.rejected.push(...one.rejected);
      }
    } catch (error) {
      if (!isNotPermitted(error)) throw error;
      found.notPermitted.push(id);
    }
  }
  return found;
}
