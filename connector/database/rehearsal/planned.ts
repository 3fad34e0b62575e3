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
       model integer, record bigint, part bigint, source_id text, place bigint, change text,
       primary key (model, record, part, place)
     ) on commit drop`,
  );
}

/** Stores planned actions; `first` is the place of the first one in the order of all. */
export async function addPlanned(transaction: Transaction, first: number, rows: readonly PlannedRow[]): Promise<void> {
  let place = first;
  const toJson = ({ model, sourceId, change }: PlannedRow) =>
    `{"m":${modelNames.indexOf(model)},"s":${JSON.stringify(sourceId)},"p":${place++},"c":${JSON.stringify(change)}}`;
  for (const batch of jsonBatches(rows, rowsAtOnce, toJson)) {
    await transaction.query(
      `insert into pg_temp.planned (model, record, part, source_id, place, change)
       select m, case when s like 'deal-%' then substr(s, 6)::bigint else split_part(s, '-', 1)::bigint end,
              case when s like 'deal-%' then -1 else coalesce(nullif(split_part(s, '-', 2), '')::bigint, 0) end, s, p, c
       from json_to_recordset($1) as t (m integer, s text, p bigint, c text)`,
      [batch],
    );
  }
}

/** A line of the table; `record` and `part` are the numbers of the source id, by which the actions are ordered. */
type PlannedLine = {
  model: number;
  record: string;
  part: string;
  source_id: string;
  place: string;
  change: string | null;
};

/** Yields all planned actions by model and source id; those of one row in the order in which they were added. */
export async function* readPlanned(queryable: Queryable): AsyncGenerator<PlannedRow, void> {
  let last = [-1, 0, -1, 0] as (number | string)[];
  for (;;) {
    const rows = await queryable.query<PlannedLine>(
      `select model, record, part, source_id, place, change from pg_temp.planned
       where (model, record, part, place) > ($1, $2, $3, $4)
       order by model, record, part, place limit ${readAtOnce}`,
      last,
    );
    for (const { model, source_id, change } of rows) yield { model: modelNames[model]!, sourceId: source_id, change };
    const end = rows.at(-1);
    if (end === undefined) return;
    last = [end.model, end.record, end.part, end.place];
  }
}
