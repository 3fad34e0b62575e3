import type { Json, JsonObject } from "../../mapping/value.ts";
import type { ModelName } from "../../model-name.ts";
import type { Queryable, Transaction } from "../database.ts";
import { instantText } from "../instant-text.ts";
import { jsonBatches } from "../json-batches.ts";

/** What a run did: wrote a row, changed an object of Planhat (publish), or a record of Pipedrive (send). */
export type ChangeAction = "create" | "update" | "remove" | "publish" | "send";

/** Why a run wrote: each is there where it holds. */
export interface Because {
  /** The records that made the run settle the row: mostly deals. */
  deals?: number[];
  organizations?: number[];
  persons?: number[];
  notes?: number[];
  /** The mapping is another one than that of the run before, or everything is mapped again. */
  mapping?: true;
  /** Of a removal: the model that the deal is now. */
  movedTo?: ModelName;
  /** An edit made in Planhat came in. */
  from?: "planhat";
  /** What else did it, in one word: `adopted`, `linked`, `cleared`, `ended`, `undo` … */
  by?: string;
  /** Of a row that is removed what it is besides its values. */
  row?: { createdAt: string; planhatId: string | null };
}

/** A change on its way to the table. */
export interface NewChange {
  action: ChangeAction;
  model: ModelName;
  /** The record's id; null where a creation covers several rows, and for a company without one. */
  sourceId: string | null;
  /** The row's id, a bigint as text; of several new rows the first; null where there is no row. */
  rowId: string | null;
  /** The last of several new rows, whose ids have no gap. */
  lastRowId?: string;
  /**
   * The fields that changed, by Planhat's name (`name`, `custom.Tier`, `companyId`, `externalId`), with what they held;
   * a custom field that was not there has no key. Of a removal the whole row.
   */
  before?: Readonly<Record<string, Json>>;
  /** The same fields with what was written; a custom field that was taken away has no key. */
  after?: Readonly<Record<string, Json>>;
  because?: Because;
}

/** A change as it was kept. */
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

/** Keeps what a run did, in the order given and in the transaction that does it. */
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

/** Which changes of a run to read. */
export interface ChangesOfRun {
  /** Only those after this one, in the order of reading. */
  after?: string;
  most: number;
  /** The last one first, as an undo goes. */
  newestFirst?: boolean;
}

/** The next changes of a run. */
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

/** The changes of one row and its object, the oldest first: by its record's id, and by the ids that its row has had. */
export async function readRowChanges(
  queryable: Queryable,
  model: ModelName,
  sourceId: string,
  rowIds: readonly string[],
): Promise<Change[]> {
  // Ranges of new rows do not overlap: the one that holds an id is the last that begins before it.
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

/** How many changes of a kind a run has: of creations the rows. */
export interface ChangeCount {
  model: ModelName;
  action: ChangeAction;
  count: number;
}

/** Counts what a run did, by model and action; of creations the rows. */
export async function countChanges(queryable: Queryable, runId: string): Promise<ChangeCount[]> {
  const rows = await queryable.query<Omit<ChangeCount, "count"> & { count: string }>(
    `select model, action, sum(coalesce(last_row_id - row_id, 0) + 1) as count from connector.changes
     where run_id = $1 group by model, action order by model, action`,
    [runId],
  );
  return rows.map(({ count, ...one }) => ({ ...one, count: Number(count) }));
}
