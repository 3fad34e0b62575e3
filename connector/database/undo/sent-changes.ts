import type { Json, JsonObject } from "../../mapping/value.ts";
import type { Queryable, Transaction } from "../database.ts";

/** The values that a run sent for one organization, by field; undefined for one that it created. */
export interface SentOrganization {
  recordId: number;
  fields: ReadonlyMap<string, { from: Json; to: Json }> | undefined;
}

/**
 * Reads the values that a run sent to Pipedrive; for a field sent several times, its first previous and last sent
 * value.
 */
export async function readSent(
  queryable: Queryable,
  runId: string,
  { fields, sourceIds }: { fields: readonly string[] | undefined; sourceIds: readonly string[] | undefined },
): Promise<SentOrganization[]> {
  const rows = await queryable.query<{ source_id: string; before: JsonObject | null; after: JsonObject | null }>(
    `select source_id, before, after from connector.changes
     where run_id = $1 and action = 'send' and source_id is not null and ($2::text[] is null or source_id = any($2))
     order by id`,
    [runId, sourceIds ?? null],
  );
  const sent = new Map<number, Map<string, { from: Json; to: Json }> | undefined>();
  for (const { source_id, before, after } of rows) {
    const recordId = Number(source_id);
    if (before === null) {
      sent.set(recordId, undefined);
      continue;
    }
    const own = sent.has(recordId) ? sent.get(recordId) : new Map<string, { from: Json; to: Json }>();
    if (own === undefined) continue;
    for (const [field, to] of Object.entries(after ?? {})) {
      if (fields !== undefined && !fields.includes(field)) continue;
      own.set(field, { from: own.get(field)?.from ?? before[field] ?? null, to });
    }
    sent.set(recordId, own);
  }
  return [...sent].flatMap(([recordId, own]) => (own?.size === 0 ? [] : [{ recordId, fields: own }]));
}

/** The values of both sides for a field that was undone in Pipedrive. */
export interface TakenField {
  field: string;
  pipedrive: Json;
  planhat: Json;
  /** The mark of its mapping rule. */
  mark: string;
}

/**
 * Holds the fields of a company in which both sides differ after the undo of a send: neither value is written to the
 * other side. Equal fields lose their hold. Returns how many are held.
 */
export async function holdTaken(
  transaction: Transaction,
  undoId: string,
  recordId: number,
  taken: readonly (TakenField & { same: boolean })[],
): Promise<number> {
  const names = taken.map(({ field }) => field);
  await transaction.query(
    "delete from connector.holds where model = 'company' and source_id = $1 and field = any($2::text[])",
    [String(recordId), names],
  );
  await transaction.query("delete from connector.sends where record_id = $1 and field = any($2::text[])", [
    recordId,
    names,
  ]);
  const differ = taken.filter(({ same }) => !same);
  if (differ.length === 0) return 0;
  await transaction.query(
    `insert into connector.holds (model, source_id, field, taken, restored, mapping, run_id)
     select 'company', $1, field, taken, restored, mapping, $2
     from unnest($3::text[], $4::jsonb[], $5::jsonb[], $6::text[]) as new (field, taken, restored, mapping)`,
    [
      String(recordId),
      undoId,
      differ.map(({ field }) => field),
      differ.map(({ pipedrive }) => JSON.stringify(pipedrive)),
      differ.map(({ planhat }) => JSON.stringify(planhat)),
      differ.map(({ mark }) => mark),
    ],
  );
  return differ.length;
}
