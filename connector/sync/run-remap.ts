import { remapAll } from "./remap-if-changed.ts";
import { carryOut, type RunRequest, type SyncOutcome } from "./run-sync.ts";

/**
 * Maps what has landed again, with the mapping as it is now and no API call: the same run as a sync but for where its
 * work comes from, so it too may be killed at any moment and the next run continues. A row whose result is the same is
 * not written, and a field that the mapping no longer names is left as it is.
 */
export async function runRemap(request: RunRequest): Promise<SyncOutcome> {
  return carryOut(request, "incremental", (run) => remapAll(request.database, run.id, request.mapping.fingerprint));
}
