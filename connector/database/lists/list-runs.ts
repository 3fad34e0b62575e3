import type { Queryable } from "../database.ts";
import { findRun, type ToldRun, toldRunColumns } from "../history/told-runs.ts";
import { listBuilder, readList } from "./list-query.ts";

/** Which runs to list. */
export interface RunFilter {
  /** The statuses, as `failed` and `held`; undefined for all. */
  statuses?: readonly string[] | undefined;
  /** The modes, as `incremental` and `undo`; undefined for all. */
  modes?: readonly string[] | undefined;
  /** The earliest start: a day or an instant. */
  since?: string | undefined;
  /** Only runs that started before this one: its id, or the first 8 characters of it. */
  before?: string | undefined;
  limit: number;
}

/** Lists runs, newest first. Throws a Failure of kind `usage` if the run to begin before does not exist. */
export async function listRuns(
  queryable: Queryable,
  { statuses, modes, since, before, limit }: RunFilter,
): Promise<ToldRun[]> {
  const { from, raw } = await listBuilder();
  const query = from("connector.runs as r").select(raw(toldRunColumns));
  if (statuses !== undefined) query.whereIn("r.status", statuses);
  if (modes !== undefined) query.whereIn("r.mode", modes);
  if (since !== undefined) query.where("r.started_at", ">=", since);
  if (before !== undefined) {
    const { id } = await findRun(queryable, before);
    query.whereRaw("(r.started_at, r.id) < (select started_at, id from connector.runs where id = ?)", [id]);
  }
  query.orderBy([
    { column: "r.started_at", order: "desc" },
    { column: "r.id", order: "desc" },
  ]);
  return readList(queryable, query.limit(limit));
}
