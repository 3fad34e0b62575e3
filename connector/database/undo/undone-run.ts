import { Failure } from "../../failure.ts";
import type { ModelName } from "../../model-name.ts";
import { modelNames, tableOf } from "../../model-name.ts";
import type { Queryable } from "../database.ts";
import { findRun } from "../history/told-runs.ts";

/** A run that may be undone. */
export interface UndoneRun {
  id: string;
  mode: string;
  /** An instant as `…Z`. */
  startedAt: string;
  /** The state of its stored changes: all, none, or pruned. */
  changesKept: string;
  /** The run that it undid; null for others. */
  undoes: string | null;
  /** The number of its changes to rows, and of rows that it created. */
  changes: number;
  made: number;
  /** The number of fields that it sent to Pipedrive. */
  sent: number;
}

/** Finds a run like `findRun`, with the amount of changes to undo. */
export async function findUndone(queryable: Queryable, wanted: string): Promise<UndoneRun> {
  const { id, mode, startedAt, changesKept, undoes } = await findRun(queryable, wanted);
  const [counts] = await queryable.query<Record<"changes" | "made" | "sent", string>>(
    `select count(*) filter (where action in ('update', 'remove')) as changes,
            coalesce(sum(coalesce(last_row_id - row_id, 0) + 1) filter (where action = 'create'), 0) as made,
            count(*) filter (where action = 'send') as sent
     from connector.changes where run_id = $1`,
    [id],
  );
  const { changes, made, sent } = counts!;
  return {
    ...{ id, mode, startedAt, changesKept, undoes },
    ...{ changes: Number(changes), made: Number(made), sent: Number(sent) },
  };
}

/** Throws a Failure of kind `usage` for a run without stored changes to undo. */
export function refuseWithoutChanges({ id, changesKept, changes, made, sent }: UndoneRun): void {
  if (changesKept === "pruned") {
    throw new Failure("usage", `The changes of run ${id} are older than they are kept, so it cannot be taken back.`, {
      hint: "`history: {keep_days: …}` of the config says how long they are kept.",
    });
  }
  if (changes + made + sent > 0) return;
  if (changesKept === "none") {
    throw new Failure("usage", `The changes of run ${id} were not kept, so it cannot be taken back.`, {
      hint: "Changes are kept since this version, unless the config says `history: {keep_days: 0}`.",
    });
  }
  throw new Failure("usage", `Run ${id} changed nothing, so there is nothing to take back.`);
}

/** Throws a Failure of kind `usage` if none of the rows that the run wrote exists any longer. */
export async function refuseWithoutRows(queryable: Queryable, { id, changes, made }: UndoneRun): Promise<void> {
  if (changes + made === 0) return;
  const found = modelNames.map(
    (model) =>
      `exists (select from connector.changes as c join planhat.${tableOf[model]} as r
         on r.id between c.row_id and coalesce(c.last_row_id, c.row_id)
       where c.run_id = $1 and c.model = '${model}' and c.action in ('update', 'create'))`,
  );
  const [row] = await queryable.query<{ found: boolean }>(
    `select ${found.join(" or ")} or exists (
       select from connector.changes where run_id = $1 and action in ('remove', 'send')) as found`,
    [id],
  );
  if (row?.found === true) return;
  throw new Failure("usage", `None of the rows that run ${id} wrote is there any more, so nothing can be taken back.`, {
    hint: "A row that was deleted by hand comes back with `pipedrive-planhat sync --full`.",
  });
}

/** Returns the number of stacked undos: 0 for a run that is not an undo. */
export async function undoDepth(queryable: Queryable, runId: string): Promise<number> {
  const [row] = await queryable.query<{ depth: number }>(
    `with recursive chain (id, undoes, depth) as (
       select id, undoes, 0 from connector.runs where id = $1
       union all
       select r.id, r.undoes, chain.depth + 1 from chain join connector.runs as r on r.id = chain.undoes
     ) select max(depth + case when undoes is null then 0 else 1 end)::integer as depth from chain`,
    [runId],
  );
  return row?.depth ?? 0;
}

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
