import { type ModelName, modelNames } from "../../model-name.ts";
import { jsonBatches } from "../bulk/json-batches.ts";
import type { Database, Queryable, Transaction } from "../database.ts";

/** The planned action for one row, stored until the plan is shown. */
export interface PlannedRow {
  model: ModelName;
  sourceId: string;
  /** The JSON of the changes; null if there are none. */
  change: string | null;
}

const rowsAtOnce = 1000;
/** Rows per read: a note may be 1 MB. */
const readAtOnce = 200;

/**
 * Creates the temporary table of a plan, which may be larger than memory should hold; it ends with this transaction.
 */
export async function createPlanned(rehearsal: Database): Promise<void> {
  await rehearsal.query(
    `create temporary table planned (
       model integer, source_id bigint, place bigint, change text, primary key (model, source_id, place)
     ) on commit drop`,
  );
}

/** Stores planned actions; `first` is the place of the first one in the order of all. */
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

/** Yields all planned actions by model and source id; those of one row in the order in which they were added. */
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
