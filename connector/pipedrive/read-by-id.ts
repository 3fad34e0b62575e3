import type { StreamName } from "../stream-name.ts";
import type { Client } from "./client.ts";
import { type RecordGroup, readRecord } from "./read-of-organization.ts";
import { walkList } from "./read-pages.ts";
import { streams } from "./streams.ts";

/** Records that were asked for by id, and the ids that Pipedrive does not know or the token's user may not see. */
export interface FoundById extends RecordGroup {
  absent: number[];
}

/** How many ids one request takes (openapi-v2.yaml, `ids`). */
export const idsAtOnce = 100;

/**
 * Reads records of a stream by their ids, deleted ones too, each batch as it comes. Where a request for a batch costs
 * less than one for each (v2 lists only), the batch is asked for first; what its answer leaves out (archived and deleted
 * records, and those it does not know) is asked for one by one.
 */
export async function* readByIds(
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
