import type { StreamName } from "../stream-name.ts";
import type { Client } from "./client.ts";
import { type RecordGroup, readRecord } from "./read-of-organization.ts";
import { walkList } from "./read-pages.ts";
import { isNotPermitted } from "./refusal.ts";
import { streams } from "./streams.ts";

/** The most ids that a list takes at once (Pipedrive API v2, openapi-v2.yaml, `ids`). */
export const idsAtOnce = 100;

/** Up to so many records are read one by one where that is as good: each costs a tenth of a list's tokens. */
export const fewRecords = 2;

/** Records that were asked for by their ids. */
export interface FoundRecords {
  group: RecordGroup;
  /** Those that Pipedrive does not know. */
  missing: number[];
  /** Those that are there, and that the token's user may not see. */
  notPermitted: number[];
}

/**
 * Reads up to a hundred records of a stream by their ids, in as few requests as there can be: a list that takes ids, for
 * deals the list of archived ones, and one by one what no list shows, because only there deleted records answer
 * (Pipedrive API v2; API v1 for notes, whose list takes no ids).
 */
export async function readByIds(client: Client, stream: StreamName, ids: readonly number[]): Promise<FoundRecords> {
  const group: RecordGroup = { stream, records: [], rejected: [] };
  const missing = new Set(ids);
  const add = ({ records, rejected }: Pick<RecordGroup, "records" | "rejected">) => {
    group.records.push(...records);
    group.rejected.push(...rejected);
    for (const { id } of [...records, ...rejected]) if (id !== null) missing.delete(id);
  };
  for (const list of stream === "notes" ? [] : streams[stream].lists) {
    if (missing.size <= fewRecords) break;
    const query = { ids: [...missing].join(",") };
    for await (const page of walkList({ client, stream, list, query })) add(page);
  }
  const notPermitted: number[] = [];
  for (const id of [...missing]) {
    try {
      const found = await readRecord(client, stream, id);
      if (found !== undefined) add(found);
    } catch (error) {
      if (!isNotPermitted(error)) throw error;
      notPermitted.push(id);
      missing.delete(id);
    }
  }
  return { group, missing: [...missing], notPermitted };
}
