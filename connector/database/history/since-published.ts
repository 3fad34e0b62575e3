import type { JsonObject } from "../../mapping/value.ts";
import type { ModelName } from "../../model-name.ts";
import type { Queryable } from "../database.ts";

/** The last published content of a row's object, or the row's changes since then. */
export interface SincePublished {
  sourceId: string;
  /** The published object, for companies; null for other models. */
  content: JsonObject | null;
  /** The changes of the row since then, oldest first. */
  changes: { before: JsonObject; after: JsonObject }[];
}

/** Reads the published content of rows and their later changes; call it before the rows are recorded as published. */
export async function readSincePublished(
  queryable: Queryable,
  model: ModelName,
  sourceIds: readonly string[],
  runId: string,
): Promise<Map<string, SincePublished>> {
  if (sourceIds.length === 0) return new Map();
  const rows = await queryable.query<SincePublished & Record<string, unknown>>(
    `select p.source_id as "sourceId", p.content,
            case when p.content is null then (
              select coalesce(jsonb_agg(jsonb_build_object('before', c.before, 'after', c.after) order by c.id), '[]')
              from connector.changes as c
              where c.model = $1 and c.source_id = p.source_id and c.action = 'update'
                and (c.run_id = $3 or c.at > p.version)
            ) else '[]' end as changes
     from connector.published as p where p.model = $1 and p.source_id = any($2::text[])`,
    [model, sourceIds, runId],
  );
  return new Map(rows.map((row) => [row.sourceId, row]));
}
