import type { Json } from "../mapping/value.ts";
import type { StreamName } from "../stream-name.ts";
import type { Queryable, Transaction } from "./database.ts";
import { instantText } from "./instant-text.ts";

/** A field that both sides changed to different values, and which of them won. */
export interface FieldConflict {
  /** The Planhat field: `name`, or `custom.Industry`. */
  field: string;
  /** What both sides last agreed on; undefined when they never did. */
  base: Json | undefined;
  pipedrive: Json;
  planhat: Json;
  winner: "pipedrive" | "planhat";
}

/** A conflict as it was recorded. */
export interface RecordedConflict extends Omit<FieldConflict, "base"> {
  /** A bigint as text. */
  id: string;
  stream: StreamName;
  recordId: number;
  base: Json;
  runId: string;
  /** An instant as `…Z`. */
  at: string;
}

/** Records the conflicts of one record. */
export async function recordConflicts(
  transaction: Transaction,
  runId: string,
  stream: StreamName,
  recordId: number,
  conflicts: readonly FieldConflict[],
): Promise<void> {
  if (conflicts.length === 0) return;
  const json = (value: Json | undefined) => (value === undefined ? null : JSON.stringify(value));
  await transaction.query(
    `insert into connector.conflicts (stream, record_id, field, base, pipedrive, planhat, winner, run_id)
     select $1, $2, field, base::json, pipedrive::json, planhat::json, winner, $3
     from unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
       as new (field, base, pipedrive, planhat, winner)`,
    [
      stream,
      recordId,
      runId,
      conflicts.map(({ field }) => field),
      conflicts.map(({ base }) => json(base)),
      conflicts.map(({ pipedrive }) => json(pipedrive)),
      conflicts.map(({ planhat }) => json(planhat)),
      conflicts.map(({ winner }) => winner),
    ],
  );
}

/** The conflicts recorded, the newest first; of one record only where that is given. */
export async function listConflicts(
  queryable: Queryable,
  most: number,
  of?: { stream: StreamName; recordId: number },
): Promise<RecordedConflict[]> {
  const rows = await queryable.query<Omit<RecordedConflict, "recordId"> & { record_id: string }>(
    `select id, stream, record_id, field, base, pipedrive, planhat, winner, run_id as "runId", ${instantText("at")} as at
     from connector.conflicts where $2::text is null or (stream = $2 and record_id = $3) order by id desc limit $1`,
    [most, of?.stream ?? null, of?.recordId ?? null],
  );
  return rows.map(({ record_id, ...row }) => ({ ...row, recordId: Number(record_id) }));
}

/** How many conflicts are recorded. */
export async function countConflicts(queryable: Queryable): Promise<number> {
  const [row] = await queryable.query<{ count: string }>("select count(*) as count from connector.conflicts");
  return Number(row?.count);
}
