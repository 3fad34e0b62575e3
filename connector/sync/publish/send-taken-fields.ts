import type { JsonObject } from "../../mapping/value.ts";
import { leaveOutRefused } from "../decide/leave-out-refused.ts";
import { refusedByPlanhat, type SentObject, sendObjects, type Upsert } from "./send-objects.ts";

/**
 * Sends objects like `sendObjects`, but a refusal because of a field costs only that field (contract, section 5). An
 * object that Planhat accepts without some of its fields is sent without them, and its result names them.
 */
export async function sendTakenFields(upsert: Upsert, objects: readonly JsonObject[]): Promise<SentObject[]> {
  const results = await sendObjects(upsert, objects);
  const refused = results.flatMap((result, place) =>
    "refused" in result && result.refused.startsWith(refusedByPlanhat)
      ? [{ place, object: objects[place]!, reason: result.refused }]
      : [],
  );
  if (refused.length === 0) return results;
  // Count each object once, however often it is tried.
  const counts = { created: 0, updated: 0, unchanged: 0, rejected: 0, deleted: 0 };
  const salvaged = await leaveOutRefused(upsert.model, refused, (tried) =>
    sendObjects({ ...upsert, counts, newCompanies: new Set() }, tried),
  );
  refused.forEach(({ place }, index) => {
    const result = salvaged[index]!;
    if ("refused" in result) return;
    upsert.counts[result.created ? "created" : "updated"]++;
    results[place] = result;
  });
  return results;
}
