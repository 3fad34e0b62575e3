import type { Json } from "../../mapping/value.ts";
import type { StreamName } from "../../stream-name.ts";
import { instantText } from "../bulk/instant-text.ts";
import type { Queryable, Transaction } from "../database.ts";

/** A field that both sides changed to different values, and the winning side. */
export interface FieldConflict {
  /** The Planhat field: `name`, or `custom.Industry`. */
  field: string;
  /** The value on which both sides last agreed; undefined if they never did. */
  base: Json | undefined;
  pipedrive: Json;
  planhat: Json;
  winner: "pipedrive" | "planhat";
}

/** A conflict as recorded. */
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

/**
 * Records the conflicts of one record, unless the last conflict recorded for the field is identical. Returns the number
 * recorded.
 */
export async function recordConflicts(
  transaction: Transaction,
  runId: string,
  { stream, recordId }: { stream: StreamName; recordId: number },
  conflicts: readonly FieldConflict[],
): Promise<number> {
  if (conflicts.length === 0) return 0;
  const json = (value: Json | undefined) => (value === undefined ? null : JSON.stringify(value));
  const recorded = await transaction.query(
    `insert into connector.conflicts (stream, record_id, field, base, pipedrive, planhat, winner, run_id)
     select $1, $2, field, base::json, pipedrive::json, planhat::json, winner, $3
     from unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
       as new (field, base, pipedrive, planhat, winner)
     where not exists (
       select from (select * from connector.conflicts as old
                    where old.stream = $1 and old.record_id = $2 and old.field = new.field order by id desc limit 1) as last
       where last.pipedrive::jsonb is not distinct from new.pipedrive::jsonb
         and last.planhat::jsonb is not distinct from new.planhat::jsonb and last.winner = new.winner
         and last.base::jsonb is not distinct from new.base::jsonb)
     returning id`,
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
  return recorded.length;
}

/** The columns of a conflict, but `record_id`, which comes as text. */
const listed = `select id, stream, record_id, field, base, pipedrive, planhat, winner, run_id as "runId",
  ${instantText("at")} as at from connector.conflicts`;

type ListedConflict = Omit<RecordedConflict, "recordId"> & { record_id: string };

const withNumber = ({ record_id, ...row }: ListedConflict): RecordedConflict => ({
  ...row,
  recordId: Number(record_id),
});

/** Lists the recorded conflicts, newest first; with `of`, only those of one record. */
export async function listConflicts(
  queryable: Queryable,
  most: number,
  of?: { stream: StreamName; recordId: number },
): Promise<RecordedConflict[]> {
  const rows = await queryable.query<ListedConflict>(
    `${listed} where $2::text is null or (stream = $2 and record_id = $3) order by id desc limit $1`,
    [most, of?.stream ?? null, of?.recordId ?? null],
  );
  return rows.map(withNumber);
}

/** Lists the conflicts before one, newest first; without `before` from the newest on. */
export async function listConflictsBefore(
  queryable: Queryable,
  most: number,
  before?: string,
): Promise<RecordedConflict[]> {
  const rows = await queryable.query<ListedConflict>(
    `${listed} where $2::bigint is null or id < $2 order by id desc limit $1`,
    [most, before ?? null],
  );
  return rows.map(withNumber);
}

/** Reads conflicts by their ids; unknown ones are left out. */
export async function readConflicts(queryable: Queryable, ids: readonly string[]): Promise<RecordedConflict[]> {
  const rows = await queryable.query<ListedConflict>(`${listed} where id = any($1::bigint[]) order by id`, [ids]);
  return rows.map(withNumber);
}

const conflictsAtOnce = 1000;

/** A conflict as listed for the run that recorded it. */
export type ConflictOfRun = Pick<
  RecordedConflict,
  "id" | "stream" | "recordId" | "field" | "pipedrive" | "planhat" | "winner"
>;

/** Yields every conflict that a run recorded, oldest first. */
export async function* readConflictsOfRun(queryable: Queryable, runId: string): AsyncGenerator<ConflictOfRun, void> {
  for (let last = "0"; ; ) {
    const rows = await queryable.query<Omit<ConflictOfRun, "recordId"> & { record_id: string }>(
      `select id, stream, record_id, field, pipedrive, planhat, winner from connector.conflicts
       where run_id = $1 and id > $2 order by id limit ${conflictsAtOnce}`,
      [runId, last],
    );
    for (const { record_id, ...row } of rows) yield { ...row, recordId: Number(record_id) };
    const end = rows.at(-1);
    if (end === undefined) return;
    last = end.id;
  }
}

/** Returns the number of recorded conflicts. */
export async function countConflicts(queryable: Queryable): Promise<number> {
  const [row] = await queryable.query<{ count: string }>("select count(*) as count from connector.conflicts");
  return Number(row?.count);
}
