import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** The login that a line of the file must match. */
export interface Login {
  host: string;
  port: string;
  database: string;
  user: string;
}

/**
 * Returns the password for a login from PGPASSFILE or ~/.pgpass (Postgres manual, "The Password File"). Undefined if it
 * has none, or if other users may read it, as in libpq. `pg` reads the file too, but warns that a later version will
 * stop doing so.
 */
export function filedPassword({ host, port, database, user }: Login): string | undefined {
  const file = process.env["PGPASSFILE"] || join(homedir(), ".pgpass");
  let text: string;
  try {
    if (process.platform !== "win32" && (statSync(file).mode & 0o077) !== 0) return undefined;
    text = readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
  // The file names a socket's host `localhost`.
  const wanted = [host.startsWith("/") ? "localhost" : host, port, database, user];
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith("#")) continue;
    // A backslash escapes colons and backslashes in a field.
    const fields = [...line.matchAll(/((?:\\.|[^:\\])*)(?::|$)/g)].map(([, field]) => field!.replace(/\\(.)/g, "$1"));
    if (fields.length < 5) continue;
    if (wanted.every((value, index) => fields[index] === "*" || fields[index] === value)) return fields[4];
  }
  return undefined;
}
