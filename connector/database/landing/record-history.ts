import { type ModelName, tableOf } from "../../model-name.ts";
import type { StreamName } from "../../stream-name.ts";
import { instantText } from "../bulk/instant-text.ts";
import type { Queryable } from "../database.ts";

/**
 * Returns when a landed record was last written into the landing, as an instant `…Z`; undefined if it has not landed.
 */
export async function readExtractedAt(
  queryable: Queryable,
  stream: StreamName,
  id: number,
): Promise<string | undefined> {
  const [row] = await queryable.query<{ at: string }>(
    `select ${instantText("extracted_at")} as at from pipedrive.${stream} where id = $1`,
    [id],
  );
  return row?.at;
}

/** The data of a row besides its properties. */
export interface RowIdentity {
  planhatId: string | null;
  createdAt: string;
  /** Its company; null for companies, and if there is none. */
  company: { id: string; sourceId: string | null; name: string | null } | null;
}

/**
 * Returns the data of the row with a source id, besides its properties; undefined if there is none. Instants as `…Z`.
 */
export async function readRowIdentity(
  queryable: Queryable,
  model: ModelName,
  sourceId: string,
): Promise<RowIdentity | undefined> {
  const company = model === "company" ? "null::bigint" : "r.company_id";
  const [row] = await queryable.query<
    Record<"planhat_id" | "company_id" | "company_source" | "company_name", string | null> & { created_at: string }
  >(
    `select r.planhat_id, ${instantText("r.created_at")} as created_at,
            c.id as company_id, c.source_id as company_source, c.name as company_name
     from planhat.${tableOf[model]} as r left join planhat.companies as c on c.id = ${company}
     where r.source_id = $1`,
    [sourceId],
  );
  if (row === undefined) return undefined;
  const { planhat_id: planhatId, created_at: createdAt, company_id: id } = row;
  const belongsTo = id === null ? null : { id, sourceId: row.company_source, name: row.company_name };
  return { planhatId, createdAt, company: belongsTo };
}

/** A run as shown in a record's history. */
export interface TouchingRun {
  run: string;
  mode: string;
  status: string;
  started_at: string;
  finished_at: string | null;
}

/** Returns the run that last wrote a record's row or link; undefined if none did. Instants as `…Z`. */
export async function readTouchingRun(
  queryable: Queryable,
  stream: StreamName,
  id: number,
): Promise<TouchingRun | undefined> {
  const [row] = await queryable.query<TouchingRun>(
    `select r.id as run, r.mode, r.status, ${instantText("r.started_at")} as started_at,
            ${instantText("r.finished_at")} as finished_at
     from connector.links as l join connector.runs as r on r.id = l.run_id
     where l.stream = $1 and l.record_id = $2`,
    [stream, id],
  );
  return row;
}

/** Returns whether any pending entry involves a record: its own, one of these deals, or one of these organizations. */
export async function isPending(
  queryable: Queryable,
  { stream, id, deals, organizations }: { stream: StreamName; id: number; deals: number[]; organizations: number[] },
): Promise<boolean> {
  const [row] = await queryable.query<{ pending: boolean }>(
    `select exists (
       select from connector.pending
       where (stream = $1 and record_id = $2) or (stream = 'deals' and record_id = any($3::bigint[]))
          or (stream <> 'deals' and organization_id = any($4::bigint[]))
     ) as pending`,
    [stream, id, deals, organizations],
  );
  return row?.pending === true;
}
