import { resolve } from "node:path";
import type { Queryable } from "./database.ts";

/**
 * By what a database is known again, whatever name or address it is reached by: of a server the number that it was
 * made with, and the database's own in it; of an embedded one its folder. Where a server does not tell, its address.
 */
export async function readIdentity(
  queryable: Queryable,
  { kind, location }: { kind: "embedded" | "server"; location: string },
): Promise<string> {
  if (kind === "embedded") return folderIdentity(location);
  const [right] = await queryable.query<{ may: boolean }>(
    "select has_function_privilege('pg_control_system()', 'execute') as may",
  );
  if (right?.may !== true) return location;
  const [row] = await queryable.query<{ server: string; oid: string }>(
    `select system_identifier::text as server, oid::text as oid from pg_control_system(), pg_database
     where datname = current_database()`,
  );
  return `${row!.server}/${row!.oid}`;
}

/** The identity of an embedded database, whether or not it is there. */
export function folderIdentity(folder: string): string {
  return resolve(folder);
}
