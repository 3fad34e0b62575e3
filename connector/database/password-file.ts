import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** What a line of the file must fit. */
export interface Login {
  host: string;
  port: string;
  database: string;
  user: string;
}

/**
 * The password that PGPASSFILE or ~/.pgpass has for a login (Postgres manual, "The Password File"); undefined when it
 * has none, or when others may read it, as libpq does. `pg` reads the file too, and warns that it will not do so for
 * ever.
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
  // A socket in a folder is `localhost` there.
  const wanted = [host.startsWith("/") ? "localhost" : host, port, database, user];
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith("#")) continue;
    // Colons and backslashes in a field stand behind a backslash.
    const fields = [...line.matchAll(/((?:\\.|[^:\\])*)(?::|$)/g)].map(([, field]) => field!.replace(/\\(.)/g, "$1"));
    if (fields.length < 5) continue;
    if (wanted.every((value, index) => fields[index] === "*" || fields[index] === value)) return fields[4];
  }
  return undefined;
}
