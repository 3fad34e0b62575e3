import type { Json, JsonObject } from "../../mapping/value.ts";
import { instantText } from "../bulk/instant-text.ts";
import type { Queryable } from "../database.ts";

/** An act of a person, for the log of operators. */
export interface Act {
  name: string;
  /** The place: the console of `console` or of `serve`, or a command. */
  via: "console" | "serve" | "command";
  /** The act as the command that does the same: `undo`, `rejections dismiss`, `sign-in`. */
  action: string;
  /** The object: a run, a file, ids; null if there is none. */
  subject: string | null;
  /** Further details, without values of records. */
  details?: JsonObject;
}

/** An act as logged. */
export interface LoggedAct extends Omit<Act, "details"> {
  /** A bigint as text. */
  id: string;
  at: string;
  details: Json;
}

/** Writes an act into the log. */
export async function logAct(queryable: Queryable, { name, via, action, subject, details }: Act): Promise<void> {
  await queryable.query(
    "insert into connector.operators (name, via, action, subject, details) values ($1, $2, $3, $4, $5)",
    [name, via, action, subject, details === undefined ? null : JSON.stringify(details)],
  );
}

/** Lists the acts before one, newest first. */
export async function listActs(queryable: Queryable, most: number, before?: string): Promise<LoggedAct[]> {
  return queryable.query<LoggedAct & Record<string, unknown>>(
    `select id, ${instantText("at")} as at, name, via, action, subject, details
     from connector.operators where $2::bigint is null or id < $2 order by id desc limit $1`,
    [most, before ?? null],
  );
}
