import { resolve } from "node:path";
import type { Queryable } from "../database.ts";

/**
 * Returns a key that identifies a database, whatever name or address reaches it. For a server it is the system
 * identifier and the database's oid, or its address if the server does not reveal them. For an embedded database it is
 * its folder.
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

/** Returns the identity of an embedded database, whether or not it exists. */
export function folderIdentity(folder: string): string {
  return resolve(folder);
}
