import type { Json, JsonObject } from "../../mapping/value.ts";
import { type ModelName, modelNames } from "../../model-name.ts";
import { instantText } from "../bulk/instant-text.ts";
import { jsonBatches } from "../bulk/json-batches.ts";
import type { Queryable, Transaction } from "../database.ts";
import type { Because } from "../row.ts";

/**
 * The action of a change: a row was written, an object of Planhat changed (publish), or a record of Pipedrive (send).
 */
export type ChangeAction = "create" | "update" | "remove" | "publish" | "send";

/** A change that is not stored yet. */
export interface NewChange {
  action: ChangeAction;
  model: ModelName;
  /** The record's id; null for a creation of several rows, and for a company without one. */
  sourceId: string | null;
  /** The row's id, a bigint as text; the first of several new rows; null if there is no row. */
  rowId: string | null;
  /** The last of several new rows, whose ids have no gap. */
  lastRowId?: string;
  /**
   * The changed fields by Planhat's name (`name`, `custom.Tier`, `companyId`, `externalId`) and their old values. A
   * custom field that did not exist has no key. A removal holds the whole row.
   */
  before?: Readonly<Record<string, Json>>;
  /** The changed fields with their new values; a removed custom field has no key. */
  after?: Readonly<Record<string, Json>>;
  because?: Because;
}

/** A stored change. */
export interface Change {
  /** A bigint as text: later changes have greater ones. */
  id: string;
  runId: string;
  /** An instant as `…Z`. */
  at: string;
  action: ChangeAction;
  model: ModelName;
  sourceId: string | null;
  rowId: string | null;
  lastRowId: string | null;
  before: JsonObject | null;
  after: JsonObject | null;
  because: JsonObject | null;
}

const changesAtOnce = 2000;

/** Stores the changes of a run in the given order, in the transaction that makes them. */
export async function storeChanges(
  transaction: Transaction,
  runId: string,
  changes: Iterable<NewChange>,
): Promise<void> {
  for (const batch of jsonBatches(changes, changesAtOnce, changeJson)) {
    await transaction.query(
      `insert into connector.changes (run_id, action, model, source_id, row_id, last_row_id, before, after, because)
       select $1, a, m, s, r, l, b, f, w
       from json_to_recordset($2) as new
         (a text, m text, s text, r bigint, l bigint, b jsonb, f jsonb, w jsonb)`,
      [runId, batch],
    );
  }
}

function changeJson({ action, model, sourceId, rowId, lastRowId, before, after, because }: NewChange): string {
  return JSON.stringify({
    a: action,
    m: model,
    s: sourceId,
    r: rowId,
    l: lastRowId,
    b: before,
    f: after,
    w: because,
  });
}

/** The columns of `connector.changes as c`, as a Change has them. */
const asChange = `c.id, c.run_id as "runId", ${instantText("c.at")} as at, c.action, c.model, c.source_id as "sourceId",
  c.row_id as "rowId", c.last_row_id as "lastRowId", c.before, c.after, c.because`;

/** The selection of a run's changes. */
export interface ChangesOfRun {
  /** The change after which reading continues, in the order of reading. */
  after?: string;
  most: number;
  /** True to read the last change first, as an undo does. */
  newestFirst?: boolean;
}

/** Returns the next changes of a run. */
export async function readChanges(
  queryable: Queryable,
  runId: string,
  { after, most, newestFirst = false }: ChangesOfRun,
): Promise<Change[]> {
  return queryable.query<Change>(
    `select ${asChange} from connector.changes as c
     where c.run_id = $1 and ($2::bigint is null or c.id ${newestFirst ? "<" : ">"} $2)
     order by c.id ${newestFirst ? "desc" : ""} limit $3`,
    [runId, after ?? null, most],
  );
}

/**
 * Returns the changes of one row and its object, oldest first. They are found by the record's id and by the ids that
 * the row has had.
 */
export async function readRowChanges(
  queryable: Queryable,
  model: ModelName,
  sourceId: string,
  rowIds: readonly string[],
): Promise<Change[]> {
  // Ranges of new rows do not overlap, so the range of an id is the last one that begins at or before it.
  return queryable.query<Change>(
    `select ${asChange} from connector.changes as c where c.model = $1 and c.source_id = $2
     union all
     select ${asChange} from connector.changes as c
     where c.model = $1 and c.row_id = any($3::bigint[]) and c.source_id is null and c.last_row_id is null
     union all
     select of_row.* from (select distinct unnest($3::bigint[]) as id) as row cross join lateral (
       select ${asChange} from connector.changes as c
       where c.model = $1 and c.row_id <= row.id and c.last_row_id is not null order by c.row_id desc limit 1
     ) as of_row where of_row."lastRowId" >= row.id
     order by id`,
    [model, sourceId, rowIds],
  );
}

/** The number of a run's changes of one kind; creations count rows. */
export interface ChangeCount {
  model: ModelName;
  action: ChangeAction;
  count: number;
}

/** Counts the changes of a run by model and action; creations count rows. */
export async function countChanges(queryable: Queryable, runId: string): Promise<ChangeCount[]> {
  const rows = await queryable.query<Omit<ChangeCount, "count"> & { count: string }>(
    `select model, action, sum(coalesce(last_row_id - row_id, 0) + 1) as count from connector.changes
     where run_id = $1 group by model, action order by model, action`,
    [runId],
  );
  return rows.map(({ count, ...one }) => ({ ...one, count: Number(count) }));
}

/** Reads which rows a run wrote or removed one by one, by model and source id. */
export async function rowsOfRun(queryable: Queryable, runId: string): Promise<Record<ModelName, Set<string>>> {
  const rows = await queryable.query<{ model: ModelName; source_id: string }>(
    `select distinct model, source_id from connector.changes
     where run_id = $1 and action in ('create', 'update', 'remove') and source_id is not null`,
    [runId],
  );
  const byModel = Object.fromEntries(modelNames.map((model) => [model, new Set<string>()]));
  for (const { model, source_id } of rows) byModel[model]!.add(source_id);
  return byModel as Record<ModelName, Set<string>>;
}
