import { instantText } from "../bulk/instant-text.ts";
import type { Queryable } from "../database.ts";

/** Returns the time up to which a recurring run was requested; undefined before its first time was recorded. */
export async function readPlanned(queryable: Queryable, name: string): Promise<Date | undefined> {
  const [row] = await queryable.query<{ at: string }>(
    `select ${instantText("planned_at")} as at from connector.planned_runs where name = $1`,
    [name],
  );
  return row === undefined ? undefined : new Date(row.at);
}

/** Records the time up to which a recurring run was requested; it never goes back. */
export async function savePlanned(queryable: Queryable, name: string, at: Date): Promise<void> {
  await queryable.query(
    `insert into connector.planned_runs as planned (name, planned_at) values ($1, $2)
     on conflict (name) do update set planned_at = greatest(planned.planned_at, excluded.planned_at)`,
    [name, at.toISOString()],
  );
}
