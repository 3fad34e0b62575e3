import type { JsonObject } from "../../mapping/value.ts";
import { type ModelName, tableOf } from "../../model-name.ts";
import type { StreamName } from "../../stream-name.ts";
import type { Queryable } from "../database.ts";

/** A landed record that became a row, and the name of the row's company. */
export interface RecordOfRow {
  id: number;
  record: JsonObject;
  company: string | null;
}

/** Records read at once. */
const batchSize = 2_000;

/** Yields the landed records of a model's rows in batches, by id, without the keys in `unread`. */
export async function* readRecordsOfRows(
  queryable: Queryable,
  stream: StreamName,
  model: ModelName,
  unread: readonly string[],
): AsyncGenerator<RecordOfRow[], void> {
  const table = tableOf[model];
  const company = model === "company" ? "own.id" : "own.company_id";
  for (let last = "-1"; ; ) {
    const rows = await queryable.query<Omit<RecordOfRow, "id"> & { id: string }>(
      `select landed.id, landed.record - $4::text[] as record, company.name as company
       from connector.links as link
       join pipedrive.${stream} as landed on landed.id = link.record_id
       join planhat.${table} as own on own.id = link.row_id
       left join planhat.companies as company on company.id = ${company}
       where link.stream = $1 and link.model = $2 and link.record_id > $3::bigint
       order by link.record_id limit ${batchSize}`,
      [stream, model, last, unread],
    );
    if (rows.length > 0) yield rows.map(({ id, ...row }) => ({ id: Number(id), ...row }));
    if (rows.length < batchSize) return;
    last = rows.at(-1)!.id;
  }
}
