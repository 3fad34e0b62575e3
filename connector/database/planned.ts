import { type ModelName, modelNames } from "../model-name.ts";
import type { Database, Queryable, Transaction } from "./database.ts";
import { jsonBatches } from "./json-batches.ts";

/** What a plan does with one row, as it is kept until the plan is shown. */
export interface PlannedRow {
  model: ModelName;
  sourceId: string;
  /** The JSON of what changes; null when nothing does. */
  change: string | null;
}

const rowsAtOnce = 1000;
/** A note may be as large as a megabyte. */
const readAtOnce = 200;

/**
 * Makes the table that a plan is kept in, because there may be more than memory should hold; it is this transaction's.
 */
export async function createPlanned(rehearsal: Database): Promise<void> {
  await rehearsal.query(
    `create temporary table planned (
       model integer, source_id bigint, place bigint, change text, primary key (model, source_id, place)
     ) on commit drop`,
  );
}

/** Keeps what a plan does with rows; the first of them is the `first`th that is kept. */
export async function addPlanned(transaction: Transaction, first: number, rows: readonly PlannedRow[]): Promise<void> {
  let place = first;
  const toJson = ({ model, sourceId, change }: PlannedRow) =>
    `{"m":${modelNames.indexOf(model)},"s":${sourceId},"p":${place++},"c":${JSON.stringify(change)}}`;
  for (const batch of jsonBatches(rows, rowsAtOnce, toJson)) {
    await transaction.query(
      `insert into pg_temp.planned (model, source_id, place, change)
       select m, s, p, c from json_to_recordset($1) as t (m integer, s bigint, p bigint, c text)`,
      [batch],
    );
  }
}

/**
 * Everything that was kept, in the order of model and source id, and for one row in the order in which it was added.
 */
export async function* readPlanned(queryable: Queryable): AsyncGenerator<PlannedRow, void> {
  let last = [-1, 0, 0] as (number | string)[];
  for (;;) {
    const rows = await queryable.query<{ model: number; source_id: string; place: string; change: string | null }>(
      `select model, source_id, place, change from pg_temp.planned where (model, source_id, place) > ($1, $2, $3)
       order by model, source_id, place limit ${readAtOnce}`,
      last,
    );
    for (const { model, source_id, change } of rows) yield { model: modelNames[model]!, sourceId: source_id, change };
    const end = rows.at(-1);
    if (end === undefined) return;
    last = [end.model, end.source_id, end.place];
  }
}
