import { type ModelName, tableOf } from "../../model-name.ts";
import type { Queryable } from "../database.ts";
import { parentJoin } from "./published.ts";

const rowsAtOnce = 5000;

/** A row of a model, and the state of its object in Planhat. */
export interface PublishedMark {
  /** The row's own id, a bigint as text. */
  rowId: string;
  /** Null for a row that was not created from a record of Pipedrive: it is never published. */
  sourceId: string | null;
  /** The key by which its object is found: the external id of notes, the source id of others. */
  key: string | null;
  /** Planhat's id, if known. */
  planhatId: string | null;
  /** True if Planhat has accepted its content. */
  taken: boolean;
  /** True if the row, or its company's id in Planhat, has changed since it was last compared. */
  waiting: boolean;
}

/** Yields every row of a model with the state of its object in Planhat, in the order of row ids, in batches. */
export async function* scanPublished(queryable: Queryable, model: ModelName): AsyncGenerator<PublishedMark[], void> {
  const isCompany = model === "company";
  for (let last = "0"; ; ) {
    const rows = await queryable.query<PublishedMark & Record<string, unknown>>(
      `select r.id as "rowId", r.source_id as "sourceId", ${model === "note" ? "r.external_id" : "r.source_id"} as key,
              coalesce(r.planhat_id, p.planhat_id) as "planhatId", p.hash is not null as taken,
              p.version is distinct from r.updated_at
              ${isCompany ? "" : "or p.company_planhat_id is distinct from c.planhat_id"} as waiting
       from (select * from planhat.${tableOf[model]} where id > $2 order by id limit ${rowsAtOnce}) as r
       ${parentJoin(model)}
       left join connector.published as p on p.model = $1 and p.source_id = r.source_id
       order by r.id`,
      [model, last],
    );
    const end = rows.at(-1);
    if (end === undefined) return;
    yield rows;
    last = end.rowId;
  }
}

/** Returns those given source ids under which an object of the model was published. */
export async function publishedAmong(
  queryable: Queryable,
  model: ModelName,
  sourceIds: readonly string[],
): Promise<Set<string>> {
  const rows = await queryable.query<{ source_id: string }>(
    "select source_id from connector.published where model = $1 and source_id = any($2::text[])",
    [model, sourceIds],
  );
  return new Set(rows.map(({ source_id }) => source_id));
}
