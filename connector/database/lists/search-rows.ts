import type { Queryable } from "../database.ts";
import { containing } from "./list-query.ts";

/** A company that a search found. */
export interface FoundCompany {
  /** The row's id, a bigint as text. */
  id: string;
  sourceId: string | null;
  name: string | null;
}

/** An end user that a search found. */
export interface FoundEnduser {
  sourceId: string;
  email: string | null;
  name: string;
  company: string | null;
}

/** Returns companies whose name contains a text: those that begin with it first. */
export async function searchCompanies(queryable: Queryable, text: string, most: number): Promise<FoundCompany[]> {
  return queryable.query<FoundCompany & Record<string, unknown>>(
    `select id, source_id as "sourceId", name from planhat.companies where name ilike $1
     order by name not ilike $2, lower(name), id limit $3`,
    [containing(text), beginning(text), most],
  );
}

/** Returns end users whose name or e-mail contains a text. They are compared at once: lowering a text takes longest. */
export async function searchEndusers(queryable: Queryable, text: string, most: number): Promise<FoundEnduser[]> {
  return queryable.query<FoundEnduser & Record<string, unknown>>(
    `select u.source_id as "sourceId", u.email, concat_ws(' ', u.first_name, u.last_name) as name, c.name as company
     from planhat.endusers as u left join planhat.companies as c on c.id = u.company_id
     where u.source_id is not null
       and concat_ws(E'\\n', u.email, concat_ws(' ', u.first_name, u.last_name)) ilike $1
     order by lower(u.last_name), u.id limit $2`,
    [containing(text), most],
  );
}

/** A landed record that a search found. */
export interface FoundRecord {
  stream: "organizations" | "persons" | "deals";
  id: number;
  name: string;
  deleted: boolean;
}

const nameOf = { deals: "title", organizations: "name", persons: "name" } as const;

/** Returns landed records of a stream whose name or title contains a text. Every record is looked at. */
export async function searchLanded(
  queryable: Queryable,
  stream: FoundRecord["stream"],
  text: string,
  most: number,
): Promise<FoundRecord[]> {
  const rows = await queryable.query<{ id: string; name: string; deleted: boolean }>(
    `select id, record->>'${nameOf[stream]}' as name, deleted from pipedrive.${stream}
     where record->>'${nameOf[stream]}' ilike $1 order by id limit $2`,
    [containing(text), most],
  );
  return rows.map(({ id, ...row }) => ({ stream, id: Number(id), ...row }));
}

function beginning(text: string): string {
  return containing(text).slice(1);
}
