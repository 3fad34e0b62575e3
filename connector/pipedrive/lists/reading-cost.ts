import { Failure } from "../../failure.ts";
import type { StreamName } from "../../stream-name.ts";
import type { Client } from "../client/client.ts";
import { elementsOf } from "../records/decode.ts";
import { streams } from "../records/streams.ts";
import { idOf, pageSize } from "./list-page.ts";
import { idsAtOnce } from "./read-by-ids.ts";

/** Returns the minimum of API tokens that requesting this many records by id costs: notes are read one by one. */
export function askingCost(stream: StreamName, records: number): number {
  const { lists, one } = streams[stream];
  return stream === "notes" ? records * one.tokens : Math.ceil(records / idsAtOnce) * lists[0]!.tokens;
}

/** Returns the maximum of API tokens that reading a stream's whole list costs, by the highest id in it. */
export function wholeCost(stream: StreamName, newestId: number): number {
  return Math.max(1, Math.ceil(newestId / pageSize)) * streams[stream].lists[0]!.tokens;
}

/**
 * Counts the account's deals that are neither archived nor deleted (API v1 `GET /v1/deals/summary`, 40 tokens);
 * undefined if not available, since nothing depends on it. It is the only total that Pipedrive gives of a stream: its
 * lists have none.
 */
export async function countDeals(client: Client): Promise<number | undefined> {
  try {
    const answer = await client.find("/v1/deals/summary", {}, { tokens: 40 });
    const summary = answer?.body["data"];
    if (summary === null || typeof summary !== "object" || Array.isArray(summary)) return undefined;
    const count = summary["total_count"];
    return typeof count === "number" && Number.isSafeInteger(count) && count >= 0 ? count : undefined;
  } catch (error) {
    // If the account as a whole is at fault, reading the next list gives the better error.
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

/** Reads the highest id in a stream's list, which bounds the number of its records. 0 for an empty list. */
export async function readNewestId(client: Client, stream: StreamName): Promise<number> {
  const [list] = streams[stream].lists;
  const { path, pageStyle, query, tokens } = list!;
  const order = pageStyle === "cursor" ? { sort_by: "id", sort_direction: "desc" } : { sort: "id DESC", start: 0 };
  const answer = await client.get(path, { ...query, ...order, limit: 1 }, { tokens });
  const [id] = elementsOf(stream, answer.body).map(idOf);
  return typeof id === "number" ? id : 0;
}
