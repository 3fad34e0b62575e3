import type { StreamName } from "../../stream-name.ts";
import type { Client } from "../client/client.ts";
import { streams } from "../records/streams.ts";
import { idsAtOnce } from "./read-by-ids.ts";
import { type RecordGroup, readRecord } from "./read-of-organization.ts";
import { walkList } from "./read-pages.ts";

/** Records requested by id, and the ids that are unknown to Pipedrive or hidden from the token's user. */
export interface FoundById extends RecordGroup {
  absent: number[];
}

/**
 * Reads records of a stream by their ids, deleted ones too, and yields each batch. If one request for a batch costs
 * less than one per record (v2 lists only), it goes first. The records that its answer leaves out (archived, deleted,
 * unknown) are requested one by one.
 */
export async function* readBatchesById(
  client: Client,
  stream: StreamName,
  ids: readonly number[],
): AsyncGenerator<FoundById, void> {
  const [list] = streams[stream].lists;
  for (let start = 0; start < ids.length; start += idsAtOnce) {
    const batch = ids.slice(start, start + idsAtOnce);
    const found: FoundById = { stream, records: [], rejected: [], absent: [] };
    if (list!.pageStyle === "cursor" && list!.tokens < batch.length * streams[stream].one.tokens) {
      for await (const page of walkList({ client, stream, list: list!, query: { ids: batch.join(",") } })) {
        found.records.push(...page.records);
        found.rejected.push(...page.rejected);
      }
    }
    const known = new Set([...found.records, ...found.rejected].map(({ id }) => id));
    for (const id of batch.filter((one) => !known.has(one))) {
      const one = await readRecord(client, stream, id);
      found.records.push(...(one?.records ?? []));
      found.rejected.push(...(one?.rejected ?? []));
      if (one === undefined) found.absent.push(id);
    }
    yield found;
  }
}
