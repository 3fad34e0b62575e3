import type { PublishedCompany } from "../../database/rows/published.ts";
import type { JsonObject } from "../../mapping/value.ts";

/** Published companies, each with its object from the read page. */
export interface ReceivedObjects {
  owned: { one: PublishedCompany; company: JsonObject }[];
  /**
   * Source ids of companies whose object was replaced, or belongs to another company: its values are no edit of theirs.
   */
  strangers: string[];
}

/**
 * Assigns the read objects to companies. A user may have merged two companies in Planhat, or created one again. So the
 * source id decides; if it belongs to no company of the connector, the `_id` decides.
 */
export function receivedObjects(page: readonly JsonObject[], published: readonly PublishedCompany[]): ReceivedObjects {
  const byPlanhatId = new Map(page.map((company) => [company["_id"], company]));
  const bySourceId = new Map(page.map((company) => [company["sourceId"], company]));
  const ours = new Set(published.map(({ sourceId }) => sourceId));
  const received: ReceivedObjects = { owned: [], strangers: [] };
  for (const one of published) {
    const known = byPlanhatId.get(one.planhatId ?? "");
    const named = bySourceId.get(one.sourceId);
    const key = String(known?.["sourceId"]);
    const isAnother = named !== undefined && one.planhatId !== null && named["_id"] !== one.planhatId;
    if (isAnother || (known !== undefined && key !== one.sourceId && ours.has(key))) {
      received.strangers.push(one.sourceId);
      continue;
    }
    const company = known ?? named;
    if (company !== undefined) received.owned.push({ one, company });
  }
  return received;
}
