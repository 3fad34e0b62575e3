import { Failure } from "../../failure.ts";
import { modelNames, tableOf } from "../../model-name.ts";
import type { Queryable } from "../database.ts";
import { instantText } from "../instant-text.ts";

/** A run whose changes may be taken back. */
export interface UndoneRun {
  id: string;
  mode: string;
  /** An instant as `…Z`. */
  startedAt: string;
  /** Whether its changes were kept: all of them, none, or not any more. */
  changesKept: string;
  /** The run that it took back itself; null for others. */
  undoes: string | null;
  /** How many changes of rows it has, and how many rows it made. */
  changes: number;
  made: number;
  /** Fields of Pipedrive that it sent. */
  sent: number;
}

/**
 * Finds a run by its id, the first characters of it (8 at least), or `last`. Throws a Failure of kind `usage` where there is none, or several.
 */
export async function findUndone(queryable: Queryable, wanted: string): Promise<UndoneRun> {
  const isId = /^[0-9a-f-]{8,36}$/i.test(wanted);
  if (wanted !== "last" && !isId) throw unknownRun(wanted);
  const rows = await queryable.query<UndoneRun & Record<"changes" | "made" | "sent", string>>(
    `select r.id, r.mode, ${instantText("r.started_at")} as "startedAt", r.changes_kept as "changesKept", r.undoes,
            c.changes, c.made, c.sent
     from (
       select * from connector.runs where $1::text is null or id::text like $1 || '%'
       order by started_at desc, id limit case when $1::text is null then 1 else 5 end
     ) as r cross join lateral (
       select count(*) filter (where action in ('update', 'remove')) as changes,
              coalesce(sum(coalesce(last_row_id - row_id, 0) + 1) filter (where action = 'create'), 0) as made,
              count(*) filter (where action = 'send') as sent
       from connector.changes where run_id = r.id
     ) as c`,
    [wanted === "last" ? null : wanted.toLowerCase()],
  );
  const [run, ...others] = rows;
  if (run === undefined) throw wanted === "last" ? noRun() : unknownRun(wanted);
  if (others.length > 0) {
    throw new Failure("usage", `Several runs begin with ${wanted}: ${rows.map(({ id }) => id).join(", ")}.`, {
      hint: "Give more of the id.",
    });
  }
  return { ...run, changes: Number(run.changes), made: Number(run.made), sent: Number(run.sent) };
}

/** Throws a Failure of kind `usage` for a run of which nothing is known that could be taken back. */
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

/** Throws a Failure of kind `usage` where no row that the run wrote is there any more. */
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

/** How many undos stand one on another: 0 for a run that is no undo. */
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

function unknownRun(wanted: string): Failure {
  return new Failure("usage", `There is no run ${JSON.stringify(wanted)}.`, {
    hint: "`pipedrive-planhat runs` lists them; a run is named by its id, the first 8 characters of it, or `last`.",
  });
}

function noRun(): Failure {
  return new Failure("usage", "There is no run yet, so there is nothing to take back.");
}
