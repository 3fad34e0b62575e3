import { Failure } from "../failure.ts";
import type { Client } from "./client.ts";

/**
 * How many deals the account has that are neither archived nor deleted (API v1 `GET /v1/deals/summary`, 40 tokens): the only
 * total that Pipedrive gives of a stream, its lists have none. Undefined where it is not told: nothing depends on it.
 */
export async function countDeals(client: Client): Promise<number | undefined> {
  try {
    const answer = await client.find("/v1/deals/summary", {}, { tokens: 40 });
    const summary = answer?.body["data"];
    if (summary === null || typeof summary !== "object" || Array.isArray(summary)) return undefined;
    const count = summary["total_count"];
    return typeof count === "number" && Number.isSafeInteger(count) && count >= 0 ? count : undefined;
  } catch (error) {
    // What is wrong with the account as a whole, the list that is read next says better.
    if (error instanceof Failure) return undefined;
    throw error;
  }
}
