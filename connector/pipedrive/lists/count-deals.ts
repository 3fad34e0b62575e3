import { Failure } from "../../failure.ts";
import type { Client } from "../client/client.ts";

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
