import type { Queryable } from "../database.ts";

/** A session of the console; times are epoch milliseconds. */
export interface StoredSession {
  name: string;
  /** The value that each writing request carries in a header. */
  token: string;
  startedAt: number;
  usedAt: number;
}

/** Stores a new session, and removes those that began before `over` (epoch ms). */
export async function insertSession(
  queryable: Queryable,
  mark: string,
  { name, token, startedAt, usedAt }: StoredSession,
  over: number,
): Promise<void> {
  await queryable.query(
    `with over as (delete from connector.console_sessions where started_at < to_timestamp($6::float8 / 1000))
     insert into connector.console_sessions (mark, name, token, started_at, used_at)
     values ($1, $2, $3, to_timestamp($4::float8 / 1000), to_timestamp($5::float8 / 1000))`,
    [mark, name, token, startedAt, usedAt, over],
  );
}

/** Returns the session with a mark; undefined if there is none. */
export async function findSession(queryable: Queryable, mark: string): Promise<StoredSession | undefined> {
  const [row] = await queryable.query<StoredSession & Record<string, unknown>>(
    `select name, token, (extract(epoch from started_at) * 1000)::float8 as "startedAt",
            (extract(epoch from used_at) * 1000)::float8 as "usedAt"
     from connector.console_sessions where mark = $1`,
    [mark],
  );
  return row;
}

/** Notes that a session was used. */
export async function touchSession(queryable: Queryable, mark: string, usedAt: number): Promise<void> {
  await queryable.query(
    "update connector.console_sessions set used_at = to_timestamp($2::float8 / 1000) where mark = $1",
    [mark, usedAt],
  );
}

/** Ends a session. */
export async function deleteSession(queryable: Queryable, mark: string): Promise<void> {
  await queryable.query("delete from connector.console_sessions where mark = $1", [mark]);
}
