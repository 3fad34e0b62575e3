import type { Database } from "../../connector/database/database.ts";
import type { JsonObject } from "../../connector/mapping/value.ts";
import type { StreamName } from "../../connector/stream-name.ts";
import { land } from "../../connector/sync/land/land.ts";
import { emptySummary } from "../../connector/sync/summary.ts";

/**
 * Lands whole records for a run; every deal is pending, and records of the other streams that changed if `otherStreams`
 * is true.
 */
export async function landAll(
  database: Database,
  { run, stream, otherStreams = false }: { run: string; stream: StreamName; otherStreams?: boolean },
  records: (JsonObject & { id: number })[],
): Promise<void> {
  const incoming = records.map((record) => ({ id: record.id, record, updateTime: null, deleted: false }));
  await database.transaction((transaction) =>
    land(
      transaction,
      { id: run, summary: emptySummary(run, "full") },
      { stream, records: incoming, rejected: [] },
      { everyDeal: true, otherStreams },
    ),
  );
}
