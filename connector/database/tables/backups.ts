import { instantText } from "../bulk/instant-text.ts";
import type { Queryable } from "../database.ts";

/** A backup that was written: its file, and the instant, as `…Z`. */
export interface WrittenBackup {
  file: string;
  at: string;
}

/** Records that a backup was written to a file. */
export async function recordBackup(queryable: Queryable, file: string): Promise<void> {
  await queryable.query(
    "insert into connector.backups (file) values ($1) on conflict (file) do update set at = excluded.at",
    [file],
  );
}

/** Returns the backups that were written, the oldest first. */
export async function readBackups(queryable: Queryable): Promise<WrittenBackup[]> {
  return queryable.query<WrittenBackup & Record<string, unknown>>(
    `select file, ${instantText("at")} as at from connector.backups order by at, file`,
  );
}
