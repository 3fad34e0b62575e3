import type { StreamName } from "../../stream-name.ts";

/**
 * Keys under which a note of API v1 embeds the names of records that land by themselves, and of users. A rename changes
 * them without changing the note, and no list shows the note again.
 */
const embedded = ["deal", "organization", "person", "user"];

/** Returns the SQL of the part of a record that counts as a change; `record` is a jsonb column. */
export function comparedRecord(stream: StreamName, record: string): string {
  return stream === "notes" ? `(${record} - '{${embedded.join(",")}}'::text[])` : record;
}
