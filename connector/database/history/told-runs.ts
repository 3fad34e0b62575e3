import { Failure } from "../../failure.ts";
import type { JsonObject } from "../../mapping/value.ts";
import { instantText } from "../bulk/instant-text.ts";
import type { Queryable } from "../database.ts";
import type { StartedBy } from "../tables/runs.ts";

/** A run as listed for the user. */
export interface ToldRun {
  id: string;
  mode: string;
  status: string;
  /** Instants as `…Z`. */
  startedAt: string;
  finishedAt: string | null;
  error: string | null;
  summary: JsonObject | null;
  /** Null for runs of earlier versions. */
  startedBy: StartedBy | null;
  /** The fingerprint of its mapping. */
  mapping: string | null;
  /** The run that this one undid. */
  undoes: string | null;
  /** The state of its stored changes. */
  changesKept: "all" | "none" | "pruned";
}

/** The columns of `connector.runs as r`, as a ToldRun has them. */
export const toldRunColumns = `r.id, r.mode, r.status, ${instantText("r.started_at")} as "startedAt",
  ${instantText("r.finished_at")} as "finishedAt", r.error, r.summary, r.started_by as "startedBy", r.mapping, r.undoes,
  r.changes_kept as "changesKept"`;

/** Returns the last runs, newest first. */
export async function readToldRuns(queryable: Queryable, most: number): Promise<ToldRun[]> {
  return queryable.query<ToldRun & Record<string, unknown>>(
    `select ${toldRunColumns} from connector.runs as r order by r.started_at desc, r.id limit $1`,
    [most],
  );
}

/** Returns the runs with the given ids, by id. */
export async function readRunsById(queryable: Queryable, ids: readonly string[]): Promise<Map<string, ToldRun>> {
  if (ids.length === 0) return new Map();
  const runs = await queryable.query<ToldRun & Record<string, unknown>>(
    `select ${toldRunColumns} from connector.runs as r where r.id = any($1::uuid[])`,
    [ids],
  );
  return new Map(runs.map((run) => [run.id, run]));
}

/**
 * Finds a run by its id, the id's first characters (at least 8), or `last`. Throws a Failure of kind `usage` if there
 * is none, or several.
 */
export async function findRun(queryable: Queryable, wanted: string): Promise<ToldRun> {
  if (wanted === "last") {
    const [last] = await readToldRuns(queryable, 1);
    if (last === undefined) throw new Failure("usage", "There is no run yet.");
    return last;
  }
  const isId = /^[0-9a-f-]{8,36}$/i.test(wanted);
  const found = !isId
    ? []
    : await queryable.query<ToldRun & Record<string, unknown>>(
        `select ${toldRunColumns} from connector.runs as r where r.id::text like $1 || '%'
         order by r.started_at desc, r.id limit 5`,
        [wanted.toLowerCase()],
      );
  const [run, ...others] = found;
  if (run === undefined) {
    throw new Failure("usage", `There is no run ${JSON.stringify(wanted)}.`, {
      hint: "List the runs: pipedrive-planhat runs. Name one by its id, its first 8 characters, or `last`.",
    });
  }
  if (others.length > 0) {
    throw new Failure("usage", `Several runs begin with ${wanted}: ${found.map(({ id }) => id).join(", ")}.`, {
      hint: "Give more characters of the id.",
    });
  }
  return run;
}
