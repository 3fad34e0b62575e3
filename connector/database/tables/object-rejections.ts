import type { ModelName } from "../../model-name.ts";
import { streamsOf } from "../../source-id.ts";
import type { Queryable, Transaction } from "../database.ts";
import { landingStage, publishStage, recordRejections, type StoredRejection, wholeJson } from "./rejections.ts";

/** A rejection of an object of another source than Pipedrive. */
export interface ObjectRejection {
  /** The id in the source; null if it could not be read. */
  externalId: string | null;
  field: string | null;
  reason: string;
  /** The record's complete JSON text, with its mode; absent if it was Planhat that refused the row. */
  text?: string;
}

/**
 * Replaces the rejections of a stage of the objects with the given external ids. They have no record of Pipedrive: they
 * are listed with the stream whose records become rows of the model, and the external id is their value.
 */
export async function replaceObjectRejections(
  transaction: Transaction,
  { runId, model, stage }: { runId: string; model: ModelName; stage: typeof landingStage | typeof publishStage },
  externalIds: readonly string[],
  rejections: readonly ObjectRejection[],
): Promise<void> {
  const [stream] = streamsOf[model];
  const rows = rejections.map(({ externalId, field, reason, text }) => ({
    recordId: null,
    model,
    field,
    stage,
    reason,
    value: externalId === null ? null : JSON.stringify(externalId),
    record: text === undefined ? JSON.stringify({ model, externalId }) : wholeJson(text),
    waitingFor: null,
  }));
  await transaction.query(
    `delete from connector.rejections
     where stream = $1 and model = $2 and stage = $3 and record_id is null and value::text = any($4::text[])
       and not (coalesce(field, ''), record::text) in (select * from unnest($5::text[], $6::text[]))`,
    [
      stream!,
      model,
      stage,
      externalIds.map((id) => JSON.stringify(id)),
      rows.map(({ field }) => field ?? ""),
      rows.map((row) => row.record),
    ],
  );
  await recordRejections(transaction, runId, stream!, rows);
}

/** The stored record of a rejected object. */
export interface RejectedObject {
  /** The rejection's id, a bigint as text. */
  id: string;
  model: ModelName;
  /** `{"sync_mode": …, "data": …}` as JSON text. */
  text: string;
}

/**
 * Returns rejected objects in the order of their ids: those with the given ids, or those of a run that lack the row to
 * which they belong. Only `limit` of them, after an id.
 */
export async function readRejectedObjects(
  queryable: Queryable,
  { ids, lackingIn }: { ids?: readonly string[]; lackingIn?: string },
  { after, limit }: { after: string; limit: number },
): Promise<RejectedObject[]> {
  return queryable.query<RejectedObject & Record<string, unknown>>(
    `select id, model, record::text as text from connector.rejections
     where stage = '${landingStage}' and record_id is null and model is not null and id > $1
       and ($2::bigint[] is null or id = any($2)) and ($3::uuid is null or (run_id = $3 and field is not null))
     order by id limit $4`,
    [after, ids ?? null, lackingIn ?? null, limit],
  );
}

/** Returns the rows of a model, by external id, that Planhat refused. */
export async function listRefusedObjects(
  queryable: Queryable,
  model: ModelName,
  externalIds: readonly string[],
): Promise<(Pick<StoredRejection, "reason" | "dismissed"> & { externalId: string })[]> {
  if (externalIds.length === 0) return [];
  return queryable.query<
    Pick<StoredRejection, "reason" | "dismissed"> & { externalId: string; [key: string]: unknown }
  >(
    `select value as "externalId", reason, dismissed - 'as' as dismissed from connector.rejections
     where stage = '${publishStage}' and record_id is null and model = $1 and value::text = any($2::text[]) order by id`,
    [model, externalIds.map((id) => JSON.stringify(id))],
  );
}
