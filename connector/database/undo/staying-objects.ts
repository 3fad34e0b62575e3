import type { ModelName } from "../../model-name.ts";
import type { Queryable } from "../database.ts";

/** Counts, by model, the objects that stay in Planhat although an undo removed their rows. */
export async function countStaying(
  queryable: Queryable,
  undoId: string,
): Promise<{ model: ModelName; count: number }[]> {
  const rows = await queryable.query<{ model: ModelName; count: string }>(
    `select c.model, count(*) as count from connector.changes as c
     join connector.published as p on p.model = c.model and p.source_id = c.source_id and p.planhat_id is not null
     where c.run_id = $1 and c.action = 'remove' and c.model in ('company', 'enduser', 'note')
     group by c.model order by c.model`,
    [undoId],
  );
  return rows.map(({ model, count }) => ({ model, count: Number(count) }));
}
