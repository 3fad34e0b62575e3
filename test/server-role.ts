import { randomBytes } from "node:crypto";
import pg from "pg";

/** A role for one test on the server of a database. */
export interface ServerRole {
  name: string;
  /** Returns the URL of a database as this role. */
  as(location: string): string;
  /** Removes it, with everything that it owns in the database. */
  remove(location: string): Promise<void>;
}

/** Creates a role that may log in and nothing more; `options` are those of CREATE ROLE. */
export async function makeRole(location: string, options = ""): Promise<ServerRole> {
  const name = `planhat_sync_${randomBytes(4).toString("hex")}`;
  const password = randomBytes(12).toString("hex");
  await asOwner(location, `create role ${name} login password '${password}' ${options}`);
  return {
    name,
    as(of) {
      const url = new URL(of);
      url.username = name;
      url.password = password;
      return url.href;
    },
    remove: (of) => asOwner(of, `drop owned by ${name} cascade`, `drop role ${name}`),
  };
}

/** Runs statements as the superuser of the tests' server. */
export async function asOwner(location: string, ...statements: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: location });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
